"""The configurations that the page "From phone videos to a trained model" shows."""

import re
from pathlib import Path

import pytest
import yaml
from affekt_annotate.config import AnnotateConfig

PAGE = Path(__file__).resolve().parents[3] / "docs/annotate.md"
OTHERWISE = {"scene", "fine", "media"}
"""Keys that the page shows with a value of their own, and says so."""


@pytest.fixture(scope="module")
def blocks():
    """The YAML of the page."""
    return re.findall(r"```yaml\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)


def test_the_configuration_of_an_annotation_shows_the_defaults(blocks):
    shown = AnnotateConfig.model_validate(yaml.safe_load(blocks[0]))
    assert shown.model_fields_set > OTHERWISE
    for name in shown.model_fields_set - OTHERWISE:
        assert getattr(shown, name) == getattr(AnnotateConfig(), name), name


def test_the_configuration_of_a_training_names_what_annotation_writes(blocks):
    config = pytest.importorskip("affekt_training.config")
    (use,) = [config.DataUse.model_validate(use) for use in yaml.safe_load(blocks[1])["data"]]
    assert (use.set, use.note) == ("merr", "smp_reason_caption")
    assert [task.task for task in use.tasks] == ["emotion", "reason"]

"""Annotation as a Ray Data job: the same steps in actors, over a folder that all machines share; the same bytes.

Ray's usage reports are switched off for this process and all that the job starts.
"""

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from affekt_datasets import Sample
from affekt_features.job import sample_from_json, sample_to_json
from affekt_features.on_ray import over_actors

from affekt_annotate.annotation import Annotation
from affekt_annotate.config import AnnotateConfig
from affekt_annotate.outcomes import Outcome, work
from affekt_annotate.steps import Annotator


class Actor:
    """The components of a run, made once and kept."""

    def __init__(self, config: str, out: str) -> None:
        self._annotator = Annotator(AnnotateConfig.model_validate_json(config), Path(out))

    def __call__(self, batch: dict[str, Any]) -> dict[str, Any]:
        """Outcomes of a batch of clips, each as a line of JSON."""
        return {
            "outcome": [
                _to_json(work(self._annotator, sample_from_json(str(sample)), str(name)))
                for name, sample in zip(batch["name"], batch["sample"], strict=True)
            ]
        }


def run(
    config: AnnotateConfig, named: Mapping[str, Sample], out: Path, workers: int = 1, address: str | None = None
) -> Iterator[Outcome]:
    """One outcome a clip, in whatever order they come.

    Args:
        workers: actors.
        address: of a running cluster; a local one is started, and ended, when None.

    Raises:
        MissingDependency: Ray is not installed.
        ComponentError: its cluster cannot be reached, or the job fails.
    """
    rows = [{"name": name, "sample": sample_to_json(sample)} for name, sample in named.items()]
    arguments = (config.model_dump_json(exclude_none=True), str(out.resolve()))
    for row in over_actors(Actor, arguments, rows, workers, address):
        yield _from_json(row["outcome"])


def _to_json(outcome: Outcome) -> str:
    annotation = outcome.annotation.model_dump(mode="json") if outcome.annotation is not None else None
    return json.dumps({"name": outcome.name, "annotation": annotation, "error": outcome.error})


def _from_json(text: str) -> Outcome:
    data = json.loads(text)
    annotation = data.pop("annotation")
    return Outcome(**data, annotation=None if annotation is None else Annotation.model_validate(annotation))

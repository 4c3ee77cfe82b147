"""Variants that are trained anew: a configuration of affekt-training with some keys changed."""

import json
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from affekt import MissingDependency
from affekt_datasets import TrainedOn, TrainingRecord

if TYPE_CHECKING:
    from affekt_training.config import StageConfig
    from affekt_training.samples import Known

DONE = "trained.json"
"""Beside the model: the configuration that it was trained by, so that the same one is not trained twice."""


def configured(configuration: str, changes: Mapping[str, Any], out: Path) -> "StageConfig":
    """What a training would be run by.

    Args:
        configuration: a YAML file or a preset of affekt-training.
        changes: keys of it → other values.
        out: the run's folder.

    Raises:
        MissingDependency: affekt-training is not installed.
        SpecError: there is no such configuration, or it is wrong.
    """
    try:
        from affekt_training import config
    except ImportError as error:
        raise MissingDependency(
            f"a variant that is trained needs affekt-training: {error}", hint='pip install "affekt-benchmark[training]"'
        ) from error
    return config.read(configuration, {**changes, "out": str(out)})


def retrain(configuration: str, changes: Mapping[str, Any], out: Path, tell: Callable[[str], None]) -> Path:
    """Trains, or finds what was trained before by the same configuration; the folder of the saved model.

    Arguments and errors are those of `configured`.

    Raises:
        AffektError: the data or models that the configuration names are not there.
    """
    settings = configured(configuration, changes, out)
    plain = settings.model_dump(mode="json")
    done, model = out / DONE, out / "model"
    if done.is_file() and json.loads(done.read_text(encoding="utf-8")) == plain:
        return model
    from affekt_training import stage

    ready, _ = stage.train(settings, resume=True, tell=tell)
    if TrainingRecord.read(model) is None:
        _record(settings, ready.groups, model)
    done.write_text(json.dumps(plain, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
    return model


def _record(settings: "StageConfig", groups: "Sequence[Sequence[Known]]", model: Path) -> None:
    """Whose recordings the run saw; nothing where it went on from a model that does not say so itself."""
    before = TrainingRecord(parts=()) if settings.start is None else TrainingRecord.read(settings.start)
    if before is not None:
        own = [TrainedOn.of(use.set, [known.sample for known in group], split=use.split)
               for use, group in zip(settings.data, groups, strict=True)]  # fmt: skip
        TrainingRecord(parts=(*before.parts, *own)).write(model)

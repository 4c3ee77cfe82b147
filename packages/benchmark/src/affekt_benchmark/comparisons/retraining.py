"""Variants that are trained anew: a configuration of affekt-training with some keys changed."""

import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from affekt import MissingDependency, OnProgress

if TYPE_CHECKING:
    from affekt_training.config import StageConfig

BEGUN, DONE = "begun.json", "trained.json"
"""Files in a run's folder: the configuration that it was begun by, and that its model was trained by."""


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


def without_fold(configuration: str, changes: Mapping[str, Any], dataset: str) -> list[int]:
    """The places in `data` of a data set of which the configuration leaves no fold out.

    Arguments and errors are those of `configured`.
    """
    data = configured(configuration, changes, Path("out")).data
    return [number for number, use in enumerate(data) if use.set == dataset and use.fold is None]


def retrain(configuration: str, changes: Mapping[str, Any], out: Path, on_message: OnProgress) -> Path:
    """Trains, goes on where the same training was killed, or finds its model; the folder of the saved model.

    Arguments and errors are those of `configured`.

    Args:
        on_message: called with what goes on, in words.

    Raises:
        AffektError: the data or models that the configuration names are not there.
    """
    settings = configured(configuration, changes, out)
    plain = settings.model_dump_json(indent=2)
    model = out / "model"
    if _says(out / DONE, plain):
        return model
    from affekt_training import stage

    if out.exists() and not _says(out / BEGUN, plain):
        shutil.rmtree(out)  # checkpoints of another configuration cannot be gone on from
    out.mkdir(parents=True, exist_ok=True)
    (out / BEGUN).write_text(plain, encoding="utf-8")
    stage.train(settings, resume=True, on_progress=on_message)
    (out / BEGUN).replace(out / DONE)
    return model


def _says(path: Path, text: str) -> bool:
    return path.is_file() and path.read_text(encoding="utf-8") == text

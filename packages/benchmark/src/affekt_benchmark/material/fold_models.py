"""Models of a cross-validation: which fold each one left out, and the pipeline it answers in.

affekt bench dfew --models runs/fold-*                      # each model's training.json names its fold
affekt bench dfew --models 1=runs/a --models 2=runs/b       # or it is said here
"""

import re
from collections.abc import Sequence
from glob import glob
from pathlib import Path
from typing import Literal

from affekt import PipelineSpec, plugins
from affekt_datasets import Protocol, TrainingRecord
from affekt_datasets.training_record import FILE

from affekt_benchmark.material.suites import BenchmarkError

TAKERS: tuple[Literal["fuser", "reasoner"], ...] = ("fuser", "reasoner")
"""Slots that a trained model is put into."""
_STATED = re.compile(r"([\w-]+)=(.+)")


def assign(models: Sequence[str], dataset: str, protocol: Protocol) -> dict[str, Path]:
    """The fold that each model left out → the model, in the folds' order.

    Args:
        models: folders of saved models or of training runs, or pipeline files; each may have FOLD= before it.

    Raises:
        BenchmarkError: one does not exist, does not say its fold or says another, or two have the same.
    """
    by_fold: dict[str, Path] = {}
    for written in models:
        stated = _STATED.fullmatch(written)
        fold, name = (stated[1], stated[2]) if stated and not Path(written).exists() else (None, written)
        for path in map(Path, sorted(glob(name)) or [name]):
            model = saved_model(path)
            own = _fold_of(model, dataset, protocol, fold)
            if own in by_fold:
                raise BenchmarkError(f'"{path}" and "{by_fold[own]}" both left out the fold "{own}" of {dataset}',
                                     hint="one model a fold")  # fmt: skip
            by_fold[own] = model
    return dict(sorted(by_fold.items(), key=lambda item: (len(item[0]), item[0])))


def saved_model(path: Path) -> Path:
    """A saved model's folder: the one that is named, or `model` within a training run's; a pipeline file is itself.

    Raises:
        BenchmarkError: there is no such file or folder.
    """
    if not path.exists():
        raise BenchmarkError(f'there is no model "{path}"', hint="the folder of a training run, or a pipeline file")
    return path / "model" if (path / "model").is_dir() else path


def _fold_of(model: Path, dataset: str, protocol: Protocol, stated: str | None) -> str:
    record = TrainingRecord.read(model) if model.is_dir() else None
    parts = record.left_out(dataset) if record is not None else ()
    own = dict.fromkeys(str(part.fold) for part in parts if part.protocol == protocol)
    if stated is not None:
        if own and stated not in own:
            raise BenchmarkError(
                f'"{model}" is given as the model of fold "{stated}", but left out {", ".join(own)}, says its {FILE}',
                hint=f"{next(iter(own))}={model}",
            )
        return stated
    if len(own) != 1:
        others = ", ".join(f"{part.fold} of {part.protocol}" for part in parts) or "nothing"
        raise BenchmarkError(
            f'"{model}" does not say which fold of {dataset} by the protocol {protocol} it left out; its {FILE} says: '
            f"{others}",
            hint=f"--models FOLD={model}",
        )
    return next(iter(own))


def with_model(spec: PipelineSpec, model: Path) -> PipelineSpec:
    """The pipeline with its fuser and reasoner taken from a saved model; a pipeline file stands for itself.

    Raises:
        BenchmarkError: neither of the pipeline's fuser and reasoner takes a model.
        SpecError: the pipeline file has problems.
    """
    if model.is_file():
        return PipelineSpec.read(model)
    takers = [slot for slot in TAKERS if _takes_model(spec, slot)]
    if not takers:
        raise BenchmarkError(
            f'neither the fuser nor the reasoner of the pipeline "{spec.name}" takes a saved model',
            hint="--pipeline emotion-llama, or pipeline files instead of models",
        )
    return spec.swap(**{f"{slot}.model": str(model) for slot in takers})


def _takes_model(spec: PipelineSpec, slot: Literal["fuser", "reasoner"]) -> bool:
    use = getattr(spec, slot)
    return use is not None and "model" in plugins().load(slot, use.use).model_fields

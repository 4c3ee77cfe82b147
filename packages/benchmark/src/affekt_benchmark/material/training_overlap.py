"""Was a system trained on the clips it is measured on? Clips and speakers are compared, not names of data sets.

A saved model's `training.json` says whose recordings it learnt from (`affekt_datasets.training_record`). A component
without one may name data sets (`trained_on`); whether the measured clips are among them is then not known, and
said to be so.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from affekt import Pipeline
from affekt_datasets import Sample, TrainingRecord
from affekt_datasets.training_record import Overlap, same_recordings
from affekt_weights import catalogue, fetch

from affekt_benchmark.material.suites import Suite

UNKNOWN = "unknown"
SHOWN = 5
"""Speakers or clips that are named in a line."""


@dataclass(frozen=True, kw_only=True)
class Learnt:
    """What the weights of one slot were trained on, as far as they say."""

    slot: str
    names: tuple[str, ...]
    """Data sets, each with its split where only that was used; UNKNOWN for a model that says nothing."""
    record: TrainingRecord | None
    model: str = ""
    """The saved model that the record lies beside: its folder, or the name under which it ships."""


@dataclass(frozen=True, kw_only=True)
class Findings:
    """What a reader must know before believing the figures."""

    warnings: tuple[str, ...]
    """Clips or speakers that were trained on, or may have been."""
    held_out: tuple[str, ...]
    """What was trained on other recordings, as its record proves."""


def learnt(pipeline: Pipeline) -> list[Learnt]:
    """The training records of every component that says what it was trained on, or has a model and does not."""
    slots: dict[str, Any] = {**pipeline.prepare, **pipeline.encoders, "fuser": pipeline.fuser}
    slots["reasoner"] = pipeline.reasoner
    learnt_parts = [
        entry for slot, part in slots.items() if part is not None and (entry := _learnt(slot, part)) is not None
    ]
    folders = {entry.model for entry in learnt_parts if entry.slot == "reasoner" and entry.model}
    # A fuser and a reasoner are trained together and saved as one model: it is named once.
    return [entry for entry in learnt_parts if not (entry.slot == "fuser" and entry.model in folders)]


def _learnt(slot: str, part: Any) -> Learnt | None:
    model = str(getattr(part, "model", None) or "")
    folder = _folder(model)
    record = TrainingRecord.read(folder) if folder is not None else None
    if record is not None:
        return Learnt(slot=slot, names=_names(record), record=record, model=model)
    # An encoder learns to hear and see; a reasoner with a model has learnt answers, from something.
    answers = slot == "reasoner" and "model" in getattr(type(part), "model_fields", {})
    names = tuple(getattr(part, "trained_on", None) or ()) or ((UNKNOWN,) if answers else ())
    return Learnt(slot=slot, names=names, record=None) if names else None


def _folder(model: str) -> Path | None:
    """The folder of a saved model: as it is named, or the one that ships with a plugin under this name."""
    if Path(model).is_dir():
        return Path(model) if model else None
    shipped = catalogue().get(model)
    return fetch(model) if shipped is not None and shipped.bundle is not None else None


def _names(record: TrainingRecord) -> tuple[str, ...]:
    return tuple(dict.fromkeys(f"{part.set} {part.split or ''}".strip() for part in record.parts))


def findings(suite: Suite, split: Sequence[str], learnt: Sequence[Learnt], samples: Sequence[Sample]) -> Findings:
    """What each slot has in common with the clips that are measured.

    Args:
        split: of the data set, that is measured.
        samples: the clips that are measured.
    """
    warnings: list[str] = []
    held_out: list[str] = []
    for entry in learnt:
        if entry.record is None:
            warnings += _unproven(suite, split, entry)
        elif overlap := entry.record.overlap(suite.dataset, samples):
            warnings.append(_trained_on(entry, overlap))
        elif any(same_recordings(part.set, suite.dataset) for part in entry.record.parts):
            people = f" of {_counted(overlap.tested_speakers, 'speaker')}" if overlap.tested_speakers else ""
            held_out.append(
                f'The slot "{entry.slot}" was trained on {", ".join(entry.names)}, and on none of the '
                f"{_counted(overlap.tested_clips, 'clip')}{people} measured here, says the record in {entry.model}."
            )
    return Findings(warnings=tuple(dict.fromkeys(warnings)), held_out=tuple(dict.fromkeys(held_out)))


def _trained_on(entry: Learnt, overlap: Overlap) -> str:
    people = f"{len(overlap.speakers)} of the {overlap.tested_speakers} speakers ({_some(overlap.speakers)})"
    if overlap.clips:
        heading = "TRAINED ON THESE CLIPS"
        what = f"{len(overlap.clips)} of the {overlap.tested_clips} clips measured here"
        what += f", of {people}" if overlap.speakers else f" ({_some(overlap.clips)})"
    else:
        heading = "TRAINED ON THESE SPEAKERS"
        what = f"other clips of {people} measured here"
    return (
        f'{heading}: the slot "{entry.slot}" was trained on {what}, says the record in {entry.model}. The figures say '
        "how well it remembers, not how well it hears strangers. Try: a model that was trained without them; --models "
        "measures one a fold."
    )


def _unproven(suite: Suite, split: Sequence[str], entry: Learnt) -> Iterator[str]:
    for name in entry.names:
        if UNKNOWN in name:
            yield (
                f'The slot "{entry.slot}" does not say what it was trained on: it cannot be known whether the clips '
                "measured here are among it. Its model card may tell."
            )
        elif _may_hold(name, suite, split):
            yield (
                f'The slot "{entry.slot}" says that it was trained on {name}, and has no record of whose recordings: '
                "unless the clips measured here were held out, which cannot be known, the figures say how well it "
                "remembers, not how well it hears strangers."
            )


def _may_hold(name: str, suite: Suite, split: Sequence[str]) -> bool:
    """Whether a data set, as a component names it, may hold the test clips: not when it says "train" alone."""
    words = re.findall(r"[a-z0-9-]+", name.lower())
    if not any(same_recordings(word, suite.dataset) or word.startswith(f"{suite.dataset}-") for word in words):
        return False
    trained_only = any(word in ("train", "training") for word in words)
    return not (trained_only and split and not any("train" in part for part in split))


def _counted(count: int, noun: str) -> str:
    return f"{count} {noun}{'' if count == 1 else 's'}"


def _some(names: Sequence[str]) -> str:
    more = f" and {len(names) - SHOWN} more" if len(names) > SHOWN else ""
    return ", ".join(names[:SHOWN]) + more


def plain(learnt: Sequence[Learnt]) -> Mapping[str, list[str]]:
    """Slot → names of data sets, for a result."""
    return {entry.slot: list(entry.names) for entry in learnt}

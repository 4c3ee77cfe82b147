"""The protocols of cross-validation: which clips each fold tests, and which it may be trained on.

official                 the folds that the makers state: DFEW's five, IEMOCAP's five sessions
leave-one-session-out    a fold a recording session
leave-one-speaker-out    a fold a speaker
7                        so many folds of speakers, see `dealt`

    from affekt_datasets import folds, read
    for fold in folds(read("dfew", "data/DFEW")):
        print(fold.name, len(fold.train), fold.test.counts())
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Literal

import numpy as np
from affekt.suggestions import did_you_mean

from affekt_datasets.dataset import Dataset
from affekt_datasets.errors import DatasetError
from affekt_datasets.sample import Sample

Named = Literal["official", "leave-one-session-out", "leave-one-speaker-out"]
NAMED: tuple[Named, ...] = ("official", "leave-one-session-out", "leave-one-speaker-out")
Protocol = Named | int
"""A protocol by name, or a number of folds of speakers."""


@dataclass(frozen=True, kw_only=True)
class Fold:
    """One round of a cross-validation."""

    name: str
    """The number of an official fold, or who is left out: "1", "iemocap-5", "ravdess-07"."""
    protocol: Protocol
    train: Dataset
    """Every clip that another fold tests."""
    test: Dataset


def folds(dataset: Dataset, protocol: Protocol = "official") -> tuple[Fold, ...]:
    """Every fold of a protocol; each clip that has a fold is tested once.

    Raises:
        DatasetError: the data set does not state what the protocol goes by.
    """
    tested = fold_of(dataset, protocol)
    return tuple(_fold(dataset, name, tested, protocol) for name in _ordered(tested))


def fold(dataset: Dataset, name: str, protocol: Protocol = "official") -> Fold:
    """One fold of a protocol.

    Raises:
        DatasetError: there is no such fold, or the data set does not state what the protocol goes by.
    """
    tested = fold_of(dataset, protocol)
    if name not in (folds := _ordered(tested)):
        raise DatasetError(
            f'{dataset.name} has no fold "{name}" by the protocol {protocol}{did_you_mean(name, folds)}',
            hint=f"one of {', '.join(folds)}",
        )
    return _fold(dataset, name, tested, protocol)


def fold_of(dataset: Dataset, protocol: Protocol = "official") -> dict[str, str]:
    """Clip → the name of the fold that tests it. Clips without an official fold are absent.

    Raises:
        DatasetError: the data set does not state what the protocol goes by.
    """
    if protocol == "official":
        tested = {sample.id: str(sample.fold) for sample in _all(dataset) if sample.fold is not None}
        if not tested:
            hint = "leave-one-speaker-out, or a number of folds of speakers"
            raise DatasetError(f"{dataset.name} comes without official folds", hint=hint)
        return tested
    if protocol == "leave-one-session-out":
        return _stated(dataset, "session", {sample.id: sample.session for sample in _all(dataset)})
    speakers = _stated(dataset, "speaker", {sample.id: sample.speaker for sample in _all(dataset)})
    if protocol == "leave-one-speaker-out":
        return speakers
    return _dealt(dataset, speakers, protocol)


def dealt(speakers: Iterable[str], count: int) -> list[tuple[str, ...]]:
    """Speakers parted into so many folds: in the order of their names, neighbours together, the first folds one larger.

    Names that alternate between women and men, as RAVDESS's numbers do, so give folds of both.
    """
    return [tuple(map(str, group)) for group in np.array_split(sorted(set(speakers)), count)]


def _dealt(dataset: Dataset, speakers: Mapping[str, str], count: int) -> dict[str, str]:
    names = set(speakers.values())
    if not 2 <= count <= len(names):
        raise DatasetError(
            f"{dataset.name} has {len(names)} speakers, which cannot be dealt out over {count} folds",
            hint=f"2 to {len(names)} folds",
        )
    number = {speaker: str(index) for index, group in enumerate(dealt(names, count), 1) for speaker in group}
    return {name: number[speaker] for name, speaker in speakers.items()}


def _stated(dataset: Dataset, what: str, by_clip: Mapping[str, str | None]) -> dict[str, str]:
    stated = {name: value for name, value in by_clip.items() if value is not None}
    if len(stated) < len(by_clip) or len(set(stated.values())) < 2:
        raise DatasetError(
            f"{dataset.name} does not part into folds by {what}: {len(by_clip) - len(stated)} of {len(by_clip)} clips "
            f"have none stated, the others {len(set(stated.values()))}",
            hint="official, where the data set has folds of its own",
        )
    return stated


def _all(dataset: Dataset) -> list[Sample]:
    """With the clips that are left out, so that who is tested in which fold depends on no missing file."""
    return [*dataset.samples, *(entry.sample for entry in dataset.left_out)]


def _ordered(tested: Mapping[str, str]) -> list[str]:
    return sorted(set(tested.values()), key=lambda name: (len(name), name))


def _fold(dataset: Dataset, name: str, tested: Mapping[str, str], protocol: Protocol) -> Fold:
    return Fold(
        name=name,
        protocol=protocol,
        train=dataset.where(lambda sample: tested.get(sample.id, name) != name),
        test=dataset.where(lambda sample: tested.get(sample.id) == name),
    )

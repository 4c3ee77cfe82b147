"""Whose recordings a model was trained on, clip by clip: `training.json` in the folder of a saved model.

    record = TrainingRecord(parts=(TrainedOn.of("dfew", fold.train, protocol=fold.protocol, fold=fold.name),))
    record.write(folder)
    TrainingRecord.read(folder).overlap("dfew", fold.test).clips  # none of them

Training writes it, benchmarks read it: a data set's name alone does not say whether the clips that a model is measured
on are among those it learnt from.
"""

import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from affekt_datasets.errors import DatasetError
from affekt_datasets.protocols import Protocol
from affekt_datasets.sample import Sample

FILE = "training.json"
FORMAT = 1
MER = frozenset({"merr", "mer2023", "mer2024", "emer"})
"""Data sets that share clips, under the same names."""


@dataclass(frozen=True, kw_only=True)
class TrainedOn:
    """The clips of one data set that a run saw: trained on, stopped by or calibrated on."""

    set: str
    clips: tuple[str, ...]
    """Ids, as the data set's reader gives them."""
    speakers: tuple[str, ...] = ()
    """Who speaks in them; empty where the data set does not say."""
    split: str | None = None
    protocol: Protocol | None = None
    fold: str | None = None
    """The fold of the protocol that was left out, to be tested on."""

    @classmethod
    def of(
        cls,
        name: str,
        samples: Iterable[Sample],
        *,
        split: str | None = None,
        protocol: Protocol | None = None,
        fold: str | None = None,
    ) -> "TrainedOn":
        """What a run saw of a data set.

        Args:
            name: of the data set's reader.
        """
        clips = list(samples)
        return cls(
            set=name,
            clips=tuple(sorted({sample.id for sample in clips})),
            speakers=tuple(sorted({sample.speaker for sample in clips if sample.speaker is not None})),
            split=split,
            protocol=protocol,
            fold=fold,
        )


@dataclass(frozen=True, kw_only=True)
class Overlap:
    """What test clips have in common with training."""

    clips: tuple[str, ...]
    """Test clips that were trained on."""
    speakers: tuple[str, ...]
    """Speakers of test clips who were trained on, in these clips or in others."""
    tested_clips: int
    tested_speakers: int

    def __bool__(self) -> bool:
        return bool(self.clips or self.speakers)


@dataclass(frozen=True, kw_only=True)
class TrainingRecord:
    """All data of a model's training, of every stage before the last one too."""

    parts: tuple[TrainedOn, ...]

    def write(self, folder: Path) -> None:
        """Writes `training.json`."""
        plain = {"format": FORMAT, "data": [asdict(part) for part in self.parts]}
        (folder / FILE).write_text(json.dumps(plain, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")

    @classmethod
    def read(cls, folder: Path) -> "TrainingRecord | None":
        """The record in the folder of a saved model; None where it has none.

        Raises:
            DatasetError: there is a file of this name that is no record.
        """
        path = folder / FILE
        if not path.is_file():
            return None
        try:
            plain = json.loads(path.read_text(encoding="utf-8"))
            if plain["format"] != FORMAT:
                raise ValueError(f"format {plain['format']}, not {FORMAT}")
            return cls(parts=tuple(_part(part) for part in plain["data"]))
        except (ValueError, KeyError, TypeError) as error:
            raise DatasetError(
                f'"{path}" is no record of training: {error}', hint="the file as it was saved"
            ) from error

    def overlap(self, name: str, samples: Iterable[Sample]) -> Overlap:
        """Which of these clips, and who of their speakers, were trained on.

        Args:
            name: of the reader that the samples come from. Those of MER2023, MER2024, MERR and EMER share clips.
        """
        tested = list(samples)
        parts = [part for part in self.parts if same_recordings(part.set, name)]
        clips = {clip for part in parts for clip in part.clips}
        speakers = {speaker for part in parts for speaker in part.speakers}
        people = {sample.speaker for sample in tested if sample.speaker is not None}
        return Overlap(
            clips=tuple(sample.id for sample in tested if sample.id in clips),
            speakers=tuple(sorted(people & speakers)),
            tested_clips=len(tested),
            tested_speakers=len(people),
        )

    def left_out(self, name: str) -> tuple[TrainedOn, ...]:
        """The parts that name a fold of this data set which was left out."""
        return tuple(part for part in self.parts if part.set == name and part.fold is not None)


def same_recordings(first: str, other: str) -> bool:
    """Whether two data sets are the same, or share clips under the same names."""
    return first == other or {first, other} <= MER


def _part(plain: dict[str, Any]) -> TrainedOn:
    return TrainedOn(**{**plain, "clips": tuple(plain["clips"]), "speakers": tuple(plain["speakers"])})

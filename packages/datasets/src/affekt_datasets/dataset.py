"""Samples together, and the ways to part them: splits, official folds, folds by speaker."""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from affekt_datasets.problems import DatasetError, Report
from affekt_datasets.sample import Sample
from affekt_datasets.vocabulary import Vocabulary


@dataclass(frozen=True, kw_only=True)
class Dataset:
    """What a reader found."""

    name: str
    root: Path
    samples: tuple[Sample, ...]
    vocabulary: Vocabulary | None = None
    """Of `Sample.label`; None where labels are open."""
    features: Mapping[str, Path] = field(default_factory=dict)
    """Ready-made features that came with it: name → folder of .npy files named as the samples."""
    report: Report = field(default_factory=Report)

    def __len__(self) -> int:
        return len(self.samples)

    def __iter__(self) -> Iterator[Sample]:
        return iter(self.samples)

    def where(self, keep: Callable[[Sample], bool]) -> "Dataset":
        """Only the samples that `keep` likes."""
        return replace(self, samples=tuple(sample for sample in self.samples if keep(sample)))

    def split(self, *names: str) -> "Dataset":
        """Only these splits.

        Raises:
            DatasetError: there is no such split.
        """
        known = self.splits()
        if unknown := [name for name in names if name not in known]:
            raise DatasetError(
                f'{self.name} has no split "{unknown[0]}"', hint=f"one of {', '.join(known) or '(none)'}"
            )
        return self.where(lambda sample: sample.split in names)

    def splits(self) -> dict[str, int]:
        """Split → number of samples."""
        return dict(Counter(sample.split for sample in self.samples if sample.split is not None))

    def counts(self) -> dict[str, int]:
        """Label → number of samples, in the vocabulary's order."""
        found = Counter(sample.label for sample in self.samples if sample.label is not None)
        order = self.vocabulary.labels if self.vocabulary else sorted(found)
        return {label: found[label] for label in order}

    def official_folds(self) -> Iterator[tuple[int, "Dataset", "Dataset"]]:
        """(fold, training, test) for every official fold.

        Raises:
            DatasetError: the data set has none.
        """
        folds = sorted({sample.fold for sample in self.samples if sample.fold is not None})
        if not folds:
            raise DatasetError(f"{self.name} comes without official folds", hint="folds_by_speaker(count)")
        for fold in folds:
            train = self.where(lambda sample, fold=fold: sample.fold not in (None, fold))  # type: ignore[misc]
            yield fold, train, self.where(lambda sample, fold=fold: sample.fold == fold)  # type: ignore[misc]

    def folds_by_speaker(self, count: int) -> Iterator[tuple[int, "Dataset", "Dataset"]]:
        """(fold, training, test), each speaker tested once; speakers are dealt out in the order of their names.

        Raises:
            DatasetError: a sample has no speaker, or there are fewer speakers than folds.
        """
        speakers = sorted({sample.speaker for sample in self.samples if sample.speaker is not None})
        nameless = sum(sample.speaker is None for sample in self.samples)
        if nameless or len(speakers) < count:
            raise DatasetError(
                f"{self.name} has {len(speakers)} speakers and {nameless} samples without one, for {count} folds",
                hint=f"at most {len(speakers)} folds",
            )
        fold_of = {speaker: index % count + 1 for index, speaker in enumerate(speakers)}
        yield from replace(
            self, samples=tuple(replace(s, fold=fold_of[s.speaker]) for s in self.samples if s.speaker)
        ).official_folds()

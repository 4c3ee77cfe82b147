"""Samples together, with their splits. Folds are in `protocols`."""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from affekt_datasets.errors import DatasetError
from affekt_datasets.left_out import LeftOut
from affekt_datasets.problems import Report
from affekt_datasets.sample import Sample
from affekt_datasets.vocabulary import Vocabulary


@dataclass(frozen=True, kw_only=True)
class Dataset:
    """What a reader found."""

    name: str
    root: Path
    samples: tuple[Sample, ...]
    vocabulary: Vocabulary | None = None
    """The vocabulary of `Sample.label`; None where labels are open."""
    features: Mapping[str, Path] = field(default_factory=dict)
    """Ready-made features that came with it: name → folder of .npy files named as the samples."""
    left_out: tuple[LeftOut, ...] = ()
    """Clips that it lists and that are not among the samples."""
    report: Report = field(default_factory=Report)

    def __len__(self) -> int:
        return len(self.samples)

    def __iter__(self) -> Iterator[Sample]:
        return iter(self.samples)

    def where(self, keep: Callable[[Sample], bool]) -> "Dataset":
        """A data set of only the samples that `keep` likes, and of those left out the ones it would have liked."""
        return replace(
            self,
            samples=tuple(sample for sample in self.samples if keep(sample)),
            left_out=tuple(entry for entry in self.left_out if keep(entry.sample)),
        )

    def split(self, *names: str) -> "Dataset":
        """A data set of only these splits.

        Raises:
            DatasetError: there is no such split.
        """
        absent = [entry.sample.split for entry in self.left_out if entry.sample.split is not None]
        splits = dict.fromkeys((*self.splits(), *absent))
        if unknown := [name for name in names if name not in splits]:
            raise DatasetError(
                f'{self.name} has no split "{unknown[0]}"', hint=f"one of {', '.join(splits) or '(none)'}"
            )
        return self.where(lambda sample: sample.split in names)

    def splits(self) -> dict[str, int]:
        """Split → number of samples."""
        return dict(Counter(sample.split for sample in self.samples if sample.split is not None))

    def counts(self) -> dict[str, int]:
        """Label → number of samples, in the vocabulary's order."""
        counted = Counter(sample.label for sample in self.samples if sample.label is not None)
        order = self.vocabulary.labels if self.vocabulary else sorted(counted)
        return {label: counted[label] for label in order}

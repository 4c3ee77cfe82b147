"""What is checked of every data set, and clips that two data sets share."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from hashlib import file_digest
from pathlib import Path

from affekt_datasets.dataset import Dataset
from affekt_datasets.problems import Problem, Report
from affekt_datasets.sample import Sample


def check_samples(samples: Sequence[Sample], report: Report) -> None:
    """Notes clips that stand twice, or in training and in test data."""
    splits: dict[str, list[str | None]] = defaultdict(list)
    for sample in samples:
        splits[sample.id].append(sample.split)
    for name, clip_splits in splits.items():
        named = {split for split in clip_splits if split is not None}
        if len(named) > 1:
            report.add("overlap", name, " and ".join(sorted(named)))
        elif len(clip_splits) > 1:
            report.add("duplicate", name, f"{len(clip_splits)} times")


def overlaps(training: Iterable[Sample], test: Iterable[Sample]) -> list[Problem]:
    """Clips of the same name, or of the same contents, on both sides.

    Contents are compared for files of equal size only, so that little is read.
    """
    training, test = list(training), list(test)
    names = {sample.id: sample for sample in training}
    overlapping = {s.id: f"{names[s.id].media} and {s.media}" for s in test if s.id in names}
    sizes = defaultdict(list)
    for sample in training:
        sizes[_size(sample.media)].append(sample)
    for sample in test:
        twins = sizes.get(_size(sample.media), []) if sample.id not in overlapping and sample.row is None else []
        twin = next((other for other in twins if other.media and _same(sample.media, other.media)), None)
        if twin is not None:
            overlapping[sample.id] = f"the same bytes as {twin.id}"
    return [Problem(kind="overlap", what=name, where=where) for name, where in overlapping.items()]


def leaks(dataset: Dataset) -> Report:
    """The report with clips added whose contents are both in a training and in a test split, under any name."""
    report = Report(list(dataset.report.problems))
    training = [s for s in dataset.samples if s.split is not None and s.split.startswith(("train", "dev"))]
    test = [s for s in dataset.samples if s.split is not None and not s.split.startswith(("train", "dev"))]
    noted = {problem.what for problem in report.problems if problem.kind == "overlap"}
    report.problems += [problem for problem in overlaps(training, test) if problem.what not in noted]
    return report


def _size(path: Path | None) -> int | None:
    return path.stat().st_size if path is not None and path.is_file() else None


def _same(first: Path | None, other: Path) -> bool:
    return first is not None and _digest(first) == _digest(other)


def _digest(path: Path) -> bytes:
    with path.open("rb") as file:
        return file_digest(file, "sha256").digest()

"""What can be wrong with a data set on disk, counted."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from affekt_datasets.errors import DatasetError
from affekt_datasets.left_out import LeftOut
from affekt_datasets.sample import Sample

Kind = Literal[
    "missing", "empty", "duplicate", "unknown label", "bad row", "contradiction", "overlap", "unreadable", "stray",
    "assumed",
]  # fmt: skip

MEANINGS: Mapping[Kind, str] = {
    "missing": "listed, but there is no such file",
    "empty": "the file has 0 bytes",
    "duplicate": "listed or lying there more than once",
    "unknown label": "the label is not in the data set's vocabulary",
    "bad row": "a row or file name that does not have the official form",
    "contradiction": "two places of the data set disagree",
    "overlap": "the clip is in training and in test data",
    "unreadable": "cannot be decoded, or holds neither sound nor picture",
    "stray": "lies there, but nothing lists it",
    "assumed": "taken to be so; the file does not say it",
}
HARMLESS: frozenset[Kind] = frozenset({"stray", "assumed"})
"""Told, and stops nothing."""
_SHOWN = 3


@dataclass(frozen=True, kw_only=True)
class Problem:
    """One thing that is wrong."""

    kind: Kind
    what: str
    """The clip, file or value."""
    where: str
    """The file and line, or the folder, that shows it."""


@dataclass
class Report:
    """Problems as a reader meets them."""

    problems: list[Problem] = field(default_factory=list)
    left_out: list[LeftOut] = field(default_factory=list)
    """Clips that are in order, and that the reader does not give."""

    def add(self, kind: Kind, what: object, where: object) -> None:
        """Notes one problem."""
        self.problems.append(Problem(kind=kind, what=str(what), where=str(where)))

    def leave_out(self, sample: Sample, reason: str, detail: str = "") -> None:
        """Notes a clip that the reader does not give, and why."""
        self.left_out.append(LeftOut(sample=sample, reason=reason, detail=detail))

    def counts(self) -> dict[str, int]:
        """Kind → how many, the most frequent first."""
        return dict(Counter(problem.kind for problem in self.problems).most_common())

    def grave(self, allow: Iterable[str] = ()) -> list[Problem]:
        """The problems that stop a run, unless their kind is allowed."""
        tolerated = HARMLESS | set(allow)
        return [problem for problem in self.problems if problem.kind not in tolerated]


def raise_for(name: str, root: Path, report: Report, allow: Iterable[str] = ()) -> None:
    """Raises when something grave is wrong.

    Raises:
        DatasetError: with the count of every kind and its first examples.
    """
    if grave := report.grave(allow):
        kinds = list(dict.fromkeys(problem.kind for problem in grave))
        lines = [line for kind in kinds for line in described(kind, [p for p in grave if p.kind == kind])]
        raise DatasetError(
            f'{name} in "{root}" has {len(grave)} problem{"s" if len(grave) > 1 else ""}:\n' + "\n".join(lines),
            hint=f"`affekt datasets check {name} {root}`, or allow={kinds} to go on without the clips concerned",
        )


def described(kind: Kind, problems: list[Problem]) -> list[str]:
    """A line with the count, then the first examples."""
    examples = [f"    {problem.what} ({problem.where})" for problem in problems[:_SHOWN]]
    more = [f"    and {len(problems) - _SHOWN} more"] if len(problems) > _SHOWN else []
    return [f"  {len(problems)} {kind}: {MEANINGS[kind]}", *examples, *more]

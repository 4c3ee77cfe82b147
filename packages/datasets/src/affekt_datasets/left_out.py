"""Clips that a data set lists and a run does not use, each with its reason, so that none vanishes without a word."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from affekt_datasets.sample import Sample

NO_FILE = "no such file"
EMPTY_FILE = "the file has 0 bytes"
NO_LABEL = "no label"
OTHER_LABEL = "a label outside the vocabulary"


@dataclass(frozen=True, kw_only=True)
class LeftOut:
    """One clip that is not used."""

    sample: Sample
    reason: str
    """One of few, so that clips can be counted by it."""
    detail: str = ""
    """What was found in this clip."""


def by_reason(left_out: Iterable[LeftOut]) -> dict[str, int]:
    """Reason → number of clips, the most frequent first."""
    return dict(Counter(entry.reason for entry in left_out).most_common())

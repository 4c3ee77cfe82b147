"""Cuts long sound into equal windows that overlap, and says which rows of each to keep. Imports no framework."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from math import ceil

import numpy as np


@dataclass(frozen=True, kw_only=True)
class Window:
    """A stretch of rows that is heard at once."""

    first: int
    """The first row heard."""
    last: int
    """The row after the last one heard."""
    keep: slice
    """The rows that are kept; the others are context."""


def windows(rows: int, longest: int, margin: int) -> Iterator[Window]:
    """Windows of about equal size over `rows`; what they keep joins without gap or overlap.

    Args:
        longest: rows heard at once, at most.
        margin: rows of context on either side; `longest` has room for two and more.
    """
    if rows <= longest:
        yield Window(first=0, last=rows, keep=slice(0, None))
        return
    count = ceil(rows / (longest - 2 * margin))
    edges = np.linspace(0, rows, count + 1).round().astype(int).tolist()
    for begin, end in pairwise(edges):
        first, last = max(0, begin - margin), min(rows, end + margin)
        # The last window keeps whatever the network gives: its strides may yield a row less than was counted.
        yield Window(first=first, last=last, keep=slice(begin - first, None if end == rows else end - first))

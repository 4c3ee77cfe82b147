"""Emotion wheels compiled once: word → cluster on each wheel and level, so that a lookup is one index.

A word is first looked up among word forms, then among synonyms, then on the wheel; where several candidates are on
the wheel the alphabetically first wins. `wheel_folder` reads the official release, `own_wheel` the built-in one.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import chain

import numpy as np
from jaxtyping import Bool, Int16

from affekt_metrics.pairs import tidy

Wheel = Mapping[str, Mapping[str, Sequence[str]]]
"""Inner ring → middle ring → outer ring."""
LEVELS = ("level1", "level2")
Entries = tuple[np.ndarray, np.ndarray]
"""Number of the clip and row of the word, for many labels."""
BLANK = -2


class _Numbers(dict[str, int]):
    """Written label → row; each spelling is tidied once."""

    def __init__(self, rows: Mapping[str, int]) -> None:
        super().__init__()
        self.rows = rows

    def __missing__(self, written: str) -> int:
        word = tidy(written)
        self[written] = self.rows.get(word, -1) if word else BLANK
        return self[written]


@dataclass(frozen=True, kw_only=True, eq=False)
class Wheels:
    """What every known word is on every wheel."""

    source: str
    """Where the wheels come from."""
    rows: Mapping[str, int]
    """Known word → row of `clusters`."""
    clusters: Int16[np.ndarray, "level wheel row"]
    """Number of the cluster; −1 where the word is not on that wheel."""
    names: tuple[tuple[tuple[str, ...], ...], ...]
    """Level → wheel → names of its clusters."""

    def __len__(self) -> int:
        return int(self.clusters.shape[1])

    def find(self, word: str, level: int, wheel: int) -> str | None:
        """The cluster of one word; None when it is not on the wheel."""
        row = self.rows.get(tidy(word))
        number = -1 if row is None else int(self.clusters[level, wheel, row])
        return None if number < 0 else self.names[level][wheel][number]

    @cached_property
    def on_one(self) -> Bool[np.ndarray, "row"]:
        """Which known words are on at least one wheel; the last row stands for unknown words."""
        return np.append((self.clusters[0] >= 0).any(axis=0), False)

    def on_a_wheel(self, entries: Entries) -> tuple[int, int]:
        """How many of the labels are on at least one wheel, and how many there are."""
        return int(self.on_one[entries[1]].sum()), len(entries[1])

    def lookup(self, labels: Sequence[Sequence[str]]) -> Entries:
        """(clip, row) of every label that is no blank; row −1 where the word is unknown."""
        flat, number = list(chain.from_iterable(labels)), _Numbers(self.rows)
        rows = np.fromiter(map(number.__getitem__, flat), dtype=np.int64, count=len(flat))
        clips = np.repeat(np.arange(len(labels)), np.fromiter(map(len, labels), dtype=np.int64, count=len(labels)))
        return clips[rows != BLANK], rows[rows != BLANK]

    def present(self, count: int, entries: Entries, level: int, wheel: int) -> Bool[np.ndarray, "clip cluster"]:
        """Which clusters each clip's labels fall into, from `lookup`."""
        clips, rows = entries
        numbers = np.where(rows < 0, -1, self.clusters[level, wheel][rows])
        out = np.zeros((count, len(self.names[level][wheel])), dtype=np.bool_)
        on = numbers >= 0
        out[clips[on], numbers[on]] = True
        return out


def compile_wheels(source: str, wheels: Sequence[Wheel], candidates: Mapping[str, Sequence[str]]) -> Wheels:
    """Finds every word's cluster on every wheel and level.

    Args:
        candidates: word form → the wheel words that it may stand for.
    """
    ordered = {word: sorted(stands_for) for word, stands_for in candidates.items()}
    clusters = np.full((len(LEVELS), len(wheels), len(ordered)), -1, dtype=np.int16)
    names = []
    for level in range(len(LEVELS)):
        of_level = []
        for index, wheel in enumerate(wheels):
            ring = _ring(wheel, level)
            numbers = {name: number for number, name in enumerate(sorted(set(ring.values())))}
            for row, stands_for in enumerate(ordered.values()):
                first = next((word for word in stands_for if word in ring), None)
                if first is not None:
                    clusters[level, index, row] = numbers[ring[first]]
            of_level.append(tuple(numbers))
        names.append(tuple(of_level))
    rows = {word: row for row, word in enumerate(ordered)}
    return Wheels(source=source, rows=rows, clusters=clusters, names=tuple(names))


def _ring(wheel: Wheel, level: int) -> dict[str, str]:
    """Word of the wheel → its cluster. A word that stands in several places belongs to the last of them."""
    ring: dict[str, str] = {}
    for inner, middles in wheel.items():
        ring[inner] = inner if level == 0 else min(middles)
        for middle, outers in middles.items():
            cluster = inner if level == 0 else middle
            ring[middle] = cluster
            ring |= dict.fromkeys(outers, cluster)
    return ring

"""Who speaks, and what is felt, from when to when: what the measures of recordings with several people compare."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from affekt import DataError
from affekt.contracts import require_span


@dataclass(frozen=True, kw_only=True)
class Turn:
    """A stretch of a recording."""

    start: float
    """Seconds from the start of the recording."""
    end: float
    person: str = ""
    """Who; names of the reference and of a system need not be the same."""
    label: str = ""
    """The emotion that is felt."""

    def __post_init__(self) -> None:
        require_span(f"Turn of {self.person or self.label!r}", self.start, self.end)


Recording = tuple[Sequence[Turn], Sequence[Turn]]
"""What is true of a recording, and what a system says of it."""


def require_recordings(recordings: Sequence[Recording]) -> None:
    """Refuses to measure nothing."""
    if not any(turn.end > turn.start for reference, _ in recordings for turn in reference):
        raise DataError(
            "there is nothing to measure: no recording has a true turn", hint="[(reference, hypothesis), …]"
        )


def pieces(*sides: Sequence[Turn], until: float = 0.0) -> list[tuple[float, list[list[Turn]]]]:
    """The recording cut where any turn begins or ends: (seconds, the turns of each side that hold then)."""
    ends = {0.0, until, *(time for side in sides for turn in side for time in (turn.start, turn.end))}
    edges = np.array(sorted(ends))
    held: list[list[list[Turn]]] = [[[] for _ in sides] for _ in edges[1:]]
    for index, side in enumerate(sides):
        for turn in side:
            first, last = np.searchsorted(edges, [turn.start, turn.end])
            for piece in held[first:last]:
                piece[index].append(turn)
    return list(zip(np.diff(edges).tolist(), held, strict=True))

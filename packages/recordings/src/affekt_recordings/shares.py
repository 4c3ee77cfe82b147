"""How a recording's time divides into what is claimed, what is left open and what cannot be judged."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Self

from affekt_recordings.clock import clock
from affekt_recordings.windows import Part


@dataclass(frozen=True, kw_only=True)
class Shares:
    """Seconds of a recording."""

    claimed: Mapping[str, float] = field(default_factory=dict)
    """Emotion → how long it is claimed, the longest first."""
    unclaimed: float
    """How long nothing is claimed, although there was something to judge."""
    empty: float
    """How long there was nothing to judge."""

    @classmethod
    def of(cls, parts: Iterable[Part]) -> Self:
        """The shares of windows."""
        claimed: dict[str, float] = {}
        unclaimed = empty = 0.0
        for part in parts:
            if part.claim is not None:
                claimed[part.claim] = claimed.get(part.claim, 0.0) + part.duration
            elif part.is_empty:
                empty += part.duration
            else:
                unclaimed += part.duration
        return cls(claimed=dict(sorted(claimed.items(), key=lambda item: -item[1])), unclaimed=unclaimed, empty=empty)

    def describe(self) -> str:
        """In words: "sad is claimed for 30 s (0.4%), nothing is claimed for 1:59:30 (99.6%)"."""
        parts = [(f"{emotion} is claimed", time) for emotion, time in self.claimed.items()]
        parts += [("nothing is claimed", self.unclaimed), ("there is nothing to judge", self.empty)]
        parts = [(what, time) for what, time in parts if time]
        if len(parts) == 1:
            return f"{parts[0][0]} throughout"
        total = sum(time for _, time in parts)
        return ", ".join(f"{what} for {clock(time)} ({percent(time / total)})" for what, time in parts)

    def to_dict(self) -> dict[str, Any]:
        """Plain data for JSON."""
        return {
            "claimed": {emotion: round(time, 3) for emotion, time in self.claimed.items()},
            "unclaimed": round(self.unclaimed, 3),
            "nothing_to_judge": round(self.empty, 3),
        }


def percent(share: float) -> str:
    """Whole percent, and tenths near none and all, which neither is rounded to."""
    if 0.01 <= share <= 0.99:
        return f"{share:.0%}"
    return f"{min(max(share, 0.001), 0.999):.1%}"

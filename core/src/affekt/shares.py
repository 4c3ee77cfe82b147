"""How a recording's time divides into what is claimed, what is left open and what cannot be judged."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Self

from affekt.clock import clock
from affekt.windows import Part


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

    def told(self) -> str:
        """In words: "sad is claimed for 30 s (0.4%), nothing for 1:59:30 (99.6%)"."""
        total = sum(self.claimed.values()) + self.unclaimed + self.empty
        if len(self.claimed) == 1 and not self.unclaimed and not self.empty:
            return f"{next(iter(self.claimed))} is claimed throughout"
        parts = [f"{emotion} is claimed for {_share(time, total)}" for emotion, time in self.claimed.items()]
        if self.unclaimed:
            parts.append(f"nothing is claimed for {_share(self.unclaimed, total)}")
        if self.empty:
            parts.append(f"there is nothing to judge for {_share(self.empty, total)}")
        return ", ".join(parts)

    def to_dict(self) -> dict[str, Any]:
        """Plain data for JSON."""
        return {
            "claimed": {emotion: round(time, 3) for emotion, time in self.claimed.items()},
            "unclaimed": round(self.unclaimed, 3),
            "nothing_to_judge": round(self.empty, 3),
        }


def _share(time: float, total: float) -> str:
    percent = time / total * 100 if total else 0.0
    return f"{clock(time)} ({percent:.0f}%)" if 1 <= percent <= 99 else f"{clock(time)} ({percent:.1f}%)"

"""One person of a recording, and what is felt according to each source."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from affekt import Moment, Word
from affekt.tracks import FaceState

from affekt_recordings.clock import clock
from affekt_recordings.plain import plain_moment, plain_words, rounded_scores
from affekt_recordings.shares import Shares, percent
from affekt_recordings.spans import Spans, total


@dataclass(frozen=True, kw_only=True)
class Felt:
    """What is felt according to one source, or why nothing is known."""

    scores: Mapping[str, float] = field(default_factory=dict)
    """Emotion → probability, the mean over the seconds that were measured."""
    seconds: float = 0.0
    """How long it was measured."""
    missing: str | None = None
    """Why nothing was measured; None where something was."""

    @property
    def label(self) -> str | None:
        """The emotion with the highest score."""
        return max(self.scores, key=lambda emotion: self.scores[emotion]) if self.scores else None

    def to_dict(self) -> dict[str, Any]:
        """Plain data for JSON."""
        return {
            "state": "measured" if self.missing is None else "missing",
            "missing": self.missing,
            "label": self.label,
            "scores": rounded_scores(self.scores),
            "seconds": round(self.seconds, 3),
        }


@dataclass(frozen=True, kw_only=True)
class Person:
    """One person of a recording. Times are seconds from its start."""

    name: str
    turns: Spans
    """From when to when the person is heard."""
    seen: Spans
    """From when to when the person's face is in view."""
    words: tuple[Word, ...]
    """What the person says; words that fall into the turns of several people belong to the longest overlap."""
    felt: Mapping[str, Felt]
    """ "speaking" (all sources together, while the person speaks) and "face" → what is felt."""
    timeline: tuple[Moment, ...]
    """What is felt while the person speaks, with valence and arousal where the reasoner has them."""
    time: Shares
    """How the seconds of the person's speech divide into emotions."""
    face: FaceState | None
    """Whether the person's face was found; None for who is never heard, and where no faces are told apart."""
    on_screen: float | None
    """Share of the person's speech during which their own face is in view; None where no faces are told apart."""

    @property
    def speaking(self) -> float:
        """Seconds of speech."""
        return total(self.turns)

    @property
    def text(self) -> str:
        """What the person says."""
        return " ".join(word.text.strip() for word in self.words)

    def to_dict(self) -> dict[str, Any]:
        """Plain data for JSON."""
        return {
            "name": self.name,
            "speaking": round(self.speaking, 3),
            "turns": [[round(start, 3), round(end, 3)] for start, end in self.turns],
            "seen": [[round(start, 3), round(end, 3)] for start, end in self.seen],
            "face": self.face,
            "on_screen": None if self.on_screen is None else round(self.on_screen, 3),
            "text": self.text or None,
            "words": plain_words(self.words),
            "felt": {source: felt.to_dict() for source, felt in self.felt.items()},
            "time": self.time.to_dict(),
            "timeline": [plain_moment(moment) for moment in self.timeline],
        }


@dataclass(frozen=True, kw_only=True)
class SpeakingTime:
    """How the time of a recording divides among its people. Seconds."""

    alone: Mapping[str, float]
    """Person → how long nobody else speaks at the same time; those who speak longest first."""
    several: float
    """How long several speak at once."""
    nobody: float
    """How long nobody is heard."""

    def describe(self) -> str:
        """In words: "Vera speaks alone for 12 s (40%), several speak at once for 3 s (10%), nobody speaks …"."""
        parts = [(f"{name} speaks alone", seconds) for name, seconds in self.alone.items()]
        parts += [("several speak at once", self.several), ("nobody speaks", self.nobody)]
        duration = max(sum(seconds for _, seconds in parts), 1e-9)
        return ", ".join(
            f"{what} for {clock(time)} ({percent(time / duration)})" for what, time in parts if time >= 0.05
        )

    def to_dict(self) -> dict[str, Any]:
        """Plain data for JSON."""
        return {
            "alone": {name: round(seconds, 3) for name, seconds in self.alone.items()},
            "several": round(self.several, 3),
            "nobody": round(self.nobody, 3),
        }

"""What was said and what was heard: one attempt, and the reply that came of all of them."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from affekt import EmotionPrediction, SpeechRequest, SpeechResult
from affekt_recordings import Analysis

MOST_WORD_ERRORS = 0.1
"""Share of the words that may be heard otherwise."""


@dataclass(frozen=True, kw_only=True)
class Attempt:
    """One way of saying it, and what was heard."""

    request: SpeechRequest
    result: SpeechResult
    heard: EmotionPrediction
    """What is heard of the recording by itself."""
    shares: Mapping[str, float]
    """Emotion → share beside the same words said neutrally in this voice, see `relative_to_neutral`."""
    transcript: str | None
    """The words that are heard; None where the pipeline has no transcriber."""
    word_errors: float | None
    """Words to insert, delete or replace, over the words said."""

    @property
    def felt(self) -> bool:
        """The emotion that was meant grew most beside the neutral voice, or is claimed of the recording by itself."""
        # Where nothing changes, none grew.
        grown = self.grew == self.request.emotion and self.score > 1 / len(self.shares) + 1e-6
        return grown or self.felt_alone

    @property
    def felt_alone(self) -> bool:
        """The emotion that was meant is what the recogniser claims of the recording by itself."""
        return self.heard.abstained is None and self.heard.label == self.request.emotion

    @property
    def grew(self) -> str:
        """The emotion that grew most beside the neutral voice."""
        return max(self.shares, key=lambda emotion: self.shares[emotion])

    @property
    def clear(self) -> bool:
        """The words are right."""
        return self.word_errors is None or self.word_errors <= MOST_WORD_ERRORS

    @property
    def score(self) -> float:
        """Share of the emotion that was meant, beside the neutral voice."""
        return self.shares.get(self.request.emotion, 0.0)

    @property
    def succeeded(self) -> bool:
        """What was meant is heard, in words and in voice."""
        return self.felt and self.clear

    def to_dict(self) -> dict[str, Any]:
        """Plain data for JSON."""
        asked = self.request
        return {
            "emotion": asked.emotion, "intensity": round(asked.intensity, 3), "style": asked.style,
            "heard": None if self.heard.abstained else self.heard.label,
            "heard_beside_neutral": self.grew, "score": round(self.score, 4),
            "transcript": self.transcript,
            "word_errors": None if self.word_errors is None else round(self.word_errors, 4),
            "felt": self.felt, "felt_alone": self.felt_alone, "clear": self.clear,
        }  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class Reply:
    """An answer aloud."""

    result: SpeechResult
    """The speech: of the best attempt, where it was listened to."""
    felt: Analysis | None = None
    """What is felt in the recording that is answered."""
    attempts: tuple[Attempt, ...] = ()
    """The attempts in their order; empty where nobody listened."""

    @property
    def succeeded(self) -> bool | None:
        """Whether what was meant is heard; None where nobody listened."""
        return any(attempt.succeeded for attempt in self.attempts) if self.attempts else None

    def to_dict(self) -> dict[str, Any]:
        """Plain data for JSON, without the sound."""
        return {
            "text": self.result.request.text,
            "emotion": self.result.request.emotion,
            "succeeded": self.succeeded,
            "attempts": [attempt.to_dict() for attempt in self.attempts],
            "provenance": dict(self.result.provenance),
            "clip": None if self.felt is None else self.felt.to_dict(),
        }

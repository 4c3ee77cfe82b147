"""A speaker without a voice, so that whole pipelines run where no weights are."""

from collections.abc import Sequence
from typing import ClassVar

import numpy as np
from affekt import AudioSignal, Component, SpeechRequest, SpeechResult
from affekt.errors import DataError
from pydantic import Field

PITCH_AND_PACE = {"happy": (1.25, 1.15), "angry": (1.1, 1.2), "fearful": (1.3, 1.25), "sad": (0.85, 0.75)}
"""Factors at full intensity; every other emotion is spoken as neutral."""


class Beeps(Component):
    """One tone a vowel group: `pitch` Hz and `pace` tones a second, moved by emotion and intensity."""

    sample_rate: ClassVar[int] = 16_000

    pitch: float = Field(default=180.0, gt=0, description="Hertz when neutral")
    pace: float = Field(default=4.0, gt=0, description="Tones a second when neutral")

    def speak(self, requests: Sequence[SpeechRequest]) -> list[SpeechResult]:
        """Answers each request with beeps."""
        return [self._one(request) for request in requests]

    def _one(self, request: SpeechRequest) -> SpeechResult:
        syllables = sum(letter in "aeiouy" for letter in request.text.lower())
        if not syllables:
            raise DataError(f"there is nothing to say in {request.text!r}", hint="a text with at least one word")
        pitch, pace = PITCH_AND_PACE.get(request.emotion, (1.0, 1.0))
        hertz = self.pitch * pitch**request.intensity
        seconds = 1 / (self.pace * pace**request.intensity)
        time = np.arange(round(seconds * self.sample_rate)) / self.sample_rate
        tone = 0.3 * np.sin(2 * np.pi * hertz * time) * np.sin(np.pi * time / seconds)
        return SpeechResult(
            audio=AudioSignal(samples=np.tile(tone, syllables).astype(np.float32), sample_rate=self.sample_rate),
            request=request,
            provenance={"speaker": "beeps", "synthetic": True, "pitch": hertz, "pace": 1 / seconds},
        )

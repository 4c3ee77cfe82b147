"""Listens to a candidate: how like the person, how good, and with which words."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Protocol

import numpy as np
from affekt import AudioSignal, Clip, plugins
from affekt.roles import Preparer
from affekt_speech_metrics.quality import quality
from affekt_speech_metrics.wording import word_error_rate
from affekt_voices.speaker_identity import speech_only
from jaxtyping import Float32

if TYPE_CHECKING:
    from affekt_speakers.campplus import CamPlusPlus

GOOD_QUALITY = 3.2
"""DNSMOS from which quality is no reason to prefer another candidate."""
BAD, WRONG = 0.15, 0.5
"""What a point of DNSMOS below that, and all words wrong, cost in likeness."""


@dataclass(frozen=True, kw_only=True)
class Heard:
    """What was heard of some speech."""

    likeness: float
    """Cosine of CAM++'s voices to the person's."""
    quality: float
    """The overall quality by DNSMOS P.835."""
    wrong: float = 0.0
    """Share of the words that are heard otherwise; 0 where nobody listened."""

    @property
    def loss(self) -> float:
        """What a search makes small."""
        return badness(self.quality) + WRONG * self.wrong - self.likeness


def badness(quality: float) -> float:
    """What a search loses by a quality."""
    return BAD * max(0.0, GOOD_QUALITY - quality)


class Ear(Protocol):
    """What a search listens with."""

    def likeness(self, audio: AudioSignal) -> float:
        """How like the person it sounds."""
        ...

    def quality(self, audio: AudioSignal) -> float:
        """How good it sounds, from 1 to 5."""
        ...

    def wrong(self, text: str, audio: AudioSignal) -> float:
        """Share of the words of `text` that are heard otherwise, at most 1."""
        ...


class Listener:
    """Compares with one person: CAM++ (Wang et al., 2023), DNSMOS and Whisper base."""

    def __init__(self, recordings: Sequence[AudioSignal]) -> None:
        """Listens for the person of these recordings."""
        self._recordings = tuple(recordings)

    @cached_property
    def _person(self) -> Float32[np.ndarray, "192"]:
        return self.voice(self._recordings)

    @cached_property
    def _network(self) -> "CamPlusPlus":
        from affekt_speakers import networks

        return networks.load("speaker-networks").embedding

    def voice(self, recordings: Sequence[AudioSignal]) -> Float32[np.ndarray, "192"]:
        """A voice as a vector of length 1, pauses left out."""
        from affekt_speakers import campplus

        speech = np.concatenate([speech_only(audio) for audio in recordings])
        voice: Float32[np.ndarray, "192"] = campplus.voices(self._network, [speech])[0]
        return voice

    @cached_property
    def _transcriber(self) -> Preparer:
        preparer = plugins().create("preparer", "whisper", language="en")
        assert isinstance(preparer, Preparer)
        return preparer

    def likeness(self, audio: AudioSignal) -> float:
        """The likeness to the person, as `Ear` has it."""
        return float(self.voice([audio]) @ self._person)

    def quality(self, audio: AudioSignal) -> float:
        """The quality from 1 to 5, as `Ear` has it."""
        return quality(audio).overall

    def wrong(self, text: str, audio: AudioSignal) -> float:
        """The share of wrong words, as `Ear` has it."""
        (clip,) = self._transcriber.prepare([Clip(id="candidate", audio=audio)])
        return min(1.0, word_error_rate(text, clip.text or ""))

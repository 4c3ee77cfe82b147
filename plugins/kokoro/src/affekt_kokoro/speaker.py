"""The component: requests in, speech out."""

import logging
from collections.abc import Sequence
from functools import cached_property
from typing import ClassVar

import numpy as np
from affekt import AudioSignal, Component, SpeechRequest, SpeechResult
from pydantic import Field

from affekt_kokoro.controls import Controls, controls_for
from affekt_kokoro.hints import hinted
from affekt_kokoro.language import other_language
from affekt_kokoro.level import Sound, brightened, levelled, trimmed
from affekt_kokoro.network import LONGEST, SAMPLE_RATE, Network
from affekt_kokoro.phonemes import Sentence, sentences, words
from affekt_kokoro.weights import KOKORO

logger = logging.getLogger("affekt_kokoro")

VOICES = {
    "af_heart": "American woman, about 190 Hz",
    "af_bella": "American woman, about 190 Hz",
    "am_michael": "American man, about 115 Hz",
    "am_fenrir": "American man, about 135 Hz",
    "jf_alpha": "woman, about 230 Hz",
    "jf_gongitsune": "woman, about 200 Hz",
    "jf_nezumi": "woman, about 220 Hz",
    "jf_tebukuro": "woman, about 300 Hz",
    "jm_kumo": "man, about 95 Hz",
}
"""Names of the packaged voices, and what they sound like."""
PAUSE = 0.22
"""Seconds between sentences at a neutral rate, beside what `trimmed` leaves of their own silence."""


class KokoroSpeaker(Component):
    """Kokoro-82M, which predicts how a voice reads a sentence, with its prosody moved by an emotion.

    Deterministic: the same request gives the same samples on the same machine.
    """

    voices: ClassVar[tuple[str, ...]] = tuple(VOICES)

    voice: str = Field(default="af_heart", description=f"For requests that name none: {', '.join(VOICES)}")
    weights: str = Field(default=KOKORO.name, description="A name of `affekt weights list`, or a local folder")
    threads: int = Field(default=2, ge=0, description="CPU threads; 0 lets ONNX Runtime choose")

    @cached_property
    def _network(self) -> Network:
        return Network.load(self.weights, self.threads)

    def speak(self, requests: Sequence[SpeechRequest]) -> list[SpeechResult]:
        """Speech at 24 kHz. Every request is checked before the first is spoken.

        A text that is clearly in another language is spoken by English rules all the same, since names and quotations
        may look like one; a warning is logged, and the provenance holds the language as `text_language`. Where other
        words are spoken than written (numbers in words, no stage directions), it holds them as `spoken_text`.

        Raises:
            DataError: an unknown emotion, voice or language, or a text without anything to say.
        """
        plans = [(request, _controls(request), self._voice(request), _sentences(request)) for request in requests]
        return [
            SpeechResult(
                audio=AudioSignal(samples=self._sound(spoken, voice, controls), sample_rate=SAMPLE_RATE),
                request=request,
                provenance=self._provenance(request, voice, controls) | _spoken(request),
            )
            for request, controls, voice, spoken in plans
        ]

    def _voice(self, request: SpeechRequest) -> str:
        voice = request.voice or self.voice
        self._network.style(voice, 1)
        return voice

    def _sound(self, sentences: list[Sentence], voice: str, controls: Controls) -> Sound:
        sounds = [trimmed(self._network.say(sentence.phonemes, voice, controls), SAMPLE_RATE) for sentence in sentences]
        # What a recording of a single sentence has within it lies between sentences here.
        added = controls.pauses * sum(map(len, sounds)) / SAMPLE_RATE / max(1, len(sounds) - 1)
        between = max(0.0, PAUSE / controls.rate + added)
        parts: list[Sound] = []
        for sentence, sound in zip(sentences, sounds, strict=True):
            parts += [sound, _silence(between + sentence.pause)]
        joined = np.concatenate([*parts[:-1], _silence(sentences[-1].pause)])
        return levelled(brightened(joined, SAMPLE_RATE, controls.brightness), SAMPLE_RATE, controls.energy)

    def _provenance(self, request: SpeechRequest, voice: str, controls: Controls) -> dict[str, str | float | bool]:
        return {
            "synthetic": True,
            "speaker": "kokoro",
            "model": "Kokoro-82M v1.0 (int8 ONNX)",
            "weights_sha256": self._network.digest,
            "voice": voice,
            "emotion": request.emotion,
            "intensity": request.intensity,
            # Rounded, because a signed manifest's JSON does not keep every digit of a float.
            "pitch_semitones": round(controls.pitch, 3),
            "pitch_range_factor": round(controls.span, 3),
            "energy_decibels": round(controls.energy, 3),
            "brightness_decibels": round(controls.brightness, 3),
            "formant_factor": round(controls.formants, 3),
            "rate_factor": round(controls.rate, 3),
            "pause_share": round(controls.pauses, 3),
        }


def _silence(seconds: float) -> Sound:
    return np.zeros(round(seconds * SAMPLE_RATE), dtype=np.float32)


def _controls(request: SpeechRequest) -> Controls:
    return hinted(controls_for(request.emotion, request.intensity), request.style)


def _spoken(request: SpeechRequest) -> dict[str, str]:
    """What the provenance says of the words."""
    spoken, stated = words(request.text), {}
    if spoken != request.text.strip():
        stated["spoken_text"] = spoken
    if (language := other_language(spoken)) is not None:
        logger.warning(
            'the text seems to be in the language "%s", and kokoro reads it by English rules: %s', language, spoken[:60]
        )
        stated["text_language"] = language
    return stated


def _sentences(request: SpeechRequest) -> list[Sentence]:
    return sentences(request.text, request.language, LONGEST)

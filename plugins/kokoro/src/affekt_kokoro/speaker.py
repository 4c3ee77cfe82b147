"""The component: requests in, speech out."""

import logging
from collections.abc import Mapping, Sequence
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
from affekt_kokoro.voices import VOICES, StockVoice, Voice, stock_voice
from affekt_kokoro.weights import KOKORO

logger = logging.getLogger("affekt_kokoro")

NATIVE = {"zh": "zf_xiaoxiao"}
"""Language → the voice where none is named and the speaker's own does not say it; every voice says English."""
PAUSE = 0.22
"""Seconds between sentences at a neutral rate, beside what `trimmed` leaves of their own silence."""


class KokoroSpeaker(Component):
    """Kokoro-82M, which predicts how a voice reads a sentence, with its prosody moved by an emotion.

    Deterministic: the same request gives the same samples on the same machine.
    """

    voices: ClassVar[Mapping[str, StockVoice]] = VOICES

    voice: str = Field(default="af_heart", description="For requests that name none: see `affekt speak --list-voices`")
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
        voices = [stock_voice(self._name(request), self._network.styles) for request in requests]
        return self._spoken(requests, voices)

    def speak_as(self, voice: Voice, requests: Sequence[SpeechRequest]) -> list[SpeechResult]:
        """Speaks in a voice that is none of the stock; voices that the requests name are passed over."""
        return self._spoken(requests, [voice] * len(requests))

    def stock(self, name: str) -> Voice:
        """One of the 54 voices.

        Raises:
            DataError: there is no such voice.
            WeightsError: it cannot be fetched.
        """
        return stock_voice(name, self._network.styles)

    def _name(self, request: SpeechRequest) -> str:
        """Of the voice: the request's, or this speaker's, or one that is at home in the language."""
        language = _language(request)
        says_it = language == "en" or VOICES.get(self.voice, VOICES["af_heart"]).language == language
        return request.voice or (self.voice if says_it else NATIVE.get(language, self.voice))

    def _spoken(self, requests: Sequence[SpeechRequest], voices: Sequence[Voice]) -> list[SpeechResult]:
        plans = [
            (request, voice, _controls(request), _sentences(request, voice))
            for request, voice in zip(requests, voices, strict=True)
        ]
        return [
            SpeechResult(
                audio=AudioSignal(samples=self._sound(spoken, voice, controls), sample_rate=SAMPLE_RATE),
                request=request,
                provenance=self._provenance(request, voice, controls) | _stated(request),
            )
            for request, voice, controls, spoken in plans
        ]

    def _sound(self, sentences: list[Sentence], voice: Voice, emotion: Controls) -> Sound:
        controls = emotion.over(voice.own)
        sounds = [trimmed(self._network.say(sentence.phonemes, voice, controls), SAMPLE_RATE) for sentence in sentences]
        # What a recording of a single sentence has within it lies between sentences here.
        added = controls.pauses * sum(map(len, sounds)) / SAMPLE_RATE / max(1, len(sounds) - 1)
        between = max(0.0, PAUSE / controls.rate + added)
        parts: list[Sound] = []
        for sentence, sound in zip(sentences, sounds, strict=True):
            parts += [sound, _silence(between + sentence.pause)]
        joined = np.concatenate([*parts[:-1], _silence(sentences[-1].pause)])
        return levelled(brightened(joined, SAMPLE_RATE, controls.brightness), SAMPLE_RATE, controls.energy)

    def _provenance(self, request: SpeechRequest, voice: Voice, controls: Controls) -> dict[str, str | float | bool]:
        return {
            "synthetic": True,
            "speaker": "kokoro",
            "model": "Kokoro-82M v1.0 (int8 ONNX)",
            "weights_sha256": self._network.digest,
            "voice": voice.name,
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


def _language(request: SpeechRequest) -> str:
    return request.language.split("-")[0].lower()


def _stated(request: SpeechRequest) -> dict[str, str]:
    """What the provenance says of the words."""
    if _language(request) != "en":
        return {"text_language": request.language}
    spoken, stated = words(request.text), {}
    if spoken != request.text.strip():
        stated["spoken_text"] = spoken
    if (language := other_language(spoken)) is not None:
        logger.warning(
            'the text seems to be in the language "%s", and kokoro reads it by English rules: %s', language, spoken[:60]
        )
        stated["text_language"] = language
    return stated


def _sentences(request: SpeechRequest, voice: Voice) -> list[Sentence]:
    return sentences(request.text, request.language, LONGEST, british=voice.british)

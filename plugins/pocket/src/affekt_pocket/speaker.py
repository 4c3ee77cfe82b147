"""The component: requests in, speech in a lent voice out, if its consent and Kyutai's terms allow that now."""

from collections.abc import Mapping, Sequence
from functools import cached_property

import numpy as np
import soxr  # type: ignore[import-untyped]
import torch
from affekt import AudioSignal, Component, DataError, OptionsError, SpeechRequest, SpeechResult
from affekt_voices import ConsentError, Voice, VoiceStore
from affekt_voices.speaker_identity import speech_only
from pydantic import Field

from affekt_pocket.bundle import Bundle, opened, version

TERMS = "no voice without its owner's explicit consent, and no speech passed off as genuine"
"""What Kyutai asks of whoever uses the weights (CC-BY-4.0 with prohibited uses), in short."""
LONGEST = 45.0
"""Seconds of speech that the model hears of a person: more costs memory and was found no better."""
_SEPARATOR = "/"


class PocketSpeaker(Component):
    """Pocket TTS hears some seconds of a person, and speaks like them. It has no control of emotion.

    Deterministic: the same request gives the same samples on the same machine. Every request is checked against the
    consent record before anything is spoken, and again when it is written.
    """

    model: str = Field(default="english", description="A folder with a model, or a name of the library's, from the hub")
    accept_terms: bool = Field(default=False, description=f"Whether you keep to Kyutai's terms: {TERMS}")
    voice: str = Field(default="", description="The lent voice, for requests that name none; see `affekt voices list`")
    purpose: str = Field(default="replies", description="What for; the consent record must name it")
    temperature: float | None = Field(
        default=None, ge=0, le=2, description="More is more varied and less clear; null: what the model recommends"
    )
    seed: int = Field(default=0, ge=0, description="Another seed is another reading of the same sentence")

    @cached_property
    def _bundle(self) -> Bundle:
        return opened(self.model, self.temperature)

    def speak(self, requests: Sequence[SpeechRequest]) -> list[SpeechResult]:
        """Speech at the model's rate, 24 kHz.

        Raises:
            OptionsError: Kyutai's terms were not accepted.
            ConsentError: no voice is named, or nobody lent it for this now; nothing is spoken.
            DataError: an emotion, or a text without words.
            WeightsError: the model cannot be had, or cannot clone.
        """
        if not self.accept_terms:
            raise OptionsError(
                f"accept_terms: the weights of Pocket TTS may be used on terms: {TERMS}",
                hint="--set speaker.accept_terms=true, once you have read them on huggingface.co/kyutai/pocket-tts",
            )
        store = VoiceStore()
        voices = [self._lent(store, request) for request in requests]
        for request in requests:
            _require_sayable(request)
        return [self._one(store, request, voice) for request, voice in zip(requests, voices, strict=True)]

    def _lent(self, store: VoiceStore, request: SpeechRequest) -> Voice:
        if not (name := request.voice or self.voice):
            raise ConsentError("no lent voice is named", hint="`affekt voices list`, then --voice NAME")
        return store.use(name, self.purpose)

    def _one(self, store: VoiceStore, request: SpeechRequest, lent: Voice) -> SpeechResult:
        store.allows(lent.record.id, self.purpose)  # it may have been taken back since the batch began
        model = self._bundle.model
        what = f"pocket 1 library {version()} weights {self._bundle.digest}"
        arrays = store.derived(lent.record, what, lambda: self._state(lent))
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(self.seed)
            sound = model.generate_audio(_tensors(arrays), request.text)
        samples = np.clip(sound.reshape(-1).float().numpy(), -1, 1)
        return SpeechResult(
            audio=AudioSignal(samples=np.ascontiguousarray(samples), sample_rate=model.sample_rate),
            request=request,
            provenance=self._provenance(request, lent),
        )

    def _state(self, lent: Voice) -> dict[str, np.ndarray]:
        """What the model makes of the person's first seconds of speech."""
        model = self._bundle.model
        speech = np.concatenate([speech_only(sound) for sound in lent.recordings])[: round(LONGEST * 16_000)]
        heard = soxr.resample(speech, 16_000, model.sample_rate).astype(np.float32)
        with torch.inference_mode():
            state = model.get_state_for_audio_prompt(torch.from_numpy(heard)[None])
        return {
            f"{module}{_SEPARATOR}{name}": tensor.numpy()
            for module, parts in state.items()
            for name, tensor in parts.items()
        }

    def _provenance(self, request: SpeechRequest, lent: Voice) -> dict[str, str | float | bool]:
        return {
            "synthetic": True,
            "cloned": True,
            "speaker": "pocket",
            "model": f"Pocket TTS, library {version()}",
            "weights_sha256": self._bundle.digest,
            "voice": lent.record.voice,
            "consent": lent.record.id,
            "purpose": self.purpose,
            "emotion": request.emotion,
            "terms": TERMS,
            "seed": self.seed,
        }


def _tensors(arrays: Mapping[str, np.ndarray]) -> dict[str, dict[str, torch.Tensor]]:
    """The state as the library has it, by module and name."""
    state: dict[str, dict[str, torch.Tensor]] = {}
    for path, array in arrays.items():
        module, _, name = path.rpartition(_SEPARATOR)
        state.setdefault(module, {})[name] = torch.from_numpy(array.copy())
    return state


def _require_sayable(request: SpeechRequest) -> None:
    if request.emotion != "neutral" and request.intensity > 0:
        raise DataError(
            f'pocket cannot sound "{request.emotion}": it has no control of emotion',
            hint="emotion neutral, or the speaker clone",
        )
    if not any(sign.isalnum() for sign in request.text):
        raise DataError("there is nothing to say", hint="a text with words or numbers")

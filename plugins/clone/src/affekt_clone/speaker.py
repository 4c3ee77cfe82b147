"""The component: requests in, speech in a lent voice out, if its consent allows that now."""

from collections.abc import Sequence
from functools import cached_property

import numpy as np
from affekt import Component, OptionsError, SpeechRequest, SpeechResult, plugins
from affekt.roles import Speaker
from affekt_voices import ConsentError, Voice, VoiceStore
from affekt_voices.speaker_identity import embedding, similarity
from affekt_whisper.encoder import WhisperEncoder
from jaxtyping import Float32
from pydantic import Field

from affekt_clone.conversion import Reference, blur_for, converted, mean_pitch, reference

SENTENCE = "The train to the coast leaves early in the morning."
"""Said in each of the reader's voices, to hear which is most like a lent one."""


class ClonedSpeaker(Component):
    """Another speaker reads, with its emotion; kNN voice conversion gives it the lent voice.

    Every request is checked against the consent record before anything is spoken, and again when it is written.
    """

    voice: str = Field(default="", description="The lent voice, for requests that name none; see `affekt voices list`")
    purpose: str = Field(default="replies", description="What for; the consent record must name it")
    reader: str = Field(default="kokoro", description="The speaker that reads before its voice is exchanged")
    reader_voice: str | None = Field(
        default=None, description="The reader's voice; null: of those that it names, the one most like the lent voice"
    )
    layer: int = Field(default=4, ge=0, le=6, description="Of Whisper base's encoder, by which moments are matched")
    neighbours: int = Field(default=4, ge=1, le=64, description="Moments of the voice averaged for each of the speech")
    blur: float | None = Field(
        default=None,
        gt=0,
        le=2,
        description="Less is more like the voice, more has clearer words; null: 0.13 for a minute of it, more for less",
    )

    @cached_property
    def _encoder(self) -> WhisperEncoder:
        return WhisperEncoder(layer=(self.layer,))

    @cached_property
    def _reader(self) -> Speaker:
        if self.reader == "clone":
            raise OptionsError('reader: "clone" cannot read for itself', hint="reader: kokoro")
        speaker = plugins().create("speaker", self.reader)
        assert isinstance(speaker, Speaker)
        return speaker

    def speak(self, requests: Sequence[SpeechRequest]) -> list[SpeechResult]:
        """Speech at 24 kHz.

        Raises:
            ConsentError: no voice is named, or nobody lent it for this now; nothing is spoken.
            StoreError: the store of voices cannot be trusted.
            DataError: the reader cannot say this.
        """
        store = VoiceStore()
        voices = [self._lent(store, request) for request in requests]
        return [self._one(store, request, voice) for request, voice in zip(requests, voices, strict=True)]

    def _lent(self, store: VoiceStore, request: SpeechRequest) -> Voice:
        if not (name := request.voice or self.voice):
            raise ConsentError("no lent voice is named", hint="`affekt voices list`, then --voice NAME")
        return store.use(name, self.purpose)

    def _one(self, store: VoiceStore, request: SpeechRequest, lent: Voice) -> SpeechResult:
        arrays = store.derived(lent.record, f"clone 2 layer {self.layer}", lambda: self._reference(lent).arrays())
        voice = Reference(
            content=arrays["content"],
            envelope=arrays["envelope"],
            pitch=float(arrays["pitch"]),
        )
        reading = self.reader_voice or self._most_alike(store, lent)
        asked, neutral = self._read(request, reading), self._read(request, reading, neutral=True)
        (read,) = self._reader.speak([asked])
        plain = read if asked == neutral else self._reader.speak([neutral])[0]
        sound = converted(
            read.audio, mean_pitch(plain.audio), voice, self._encoder, self.neighbours, self.blur or blur_for(voice)
        )
        return SpeechResult(audio=sound, request=request, provenance=self._provenance(read, lent, reading))

    def _most_alike(self, store: VoiceStore, lent: Voice) -> str | None:
        """The reader's voice that is most like the lent one: looked for once, by a sentence in each."""
        names: tuple[str, ...] = tuple(getattr(self._reader, "voices", ()))
        if not names:
            return None

        def heard() -> dict[str, np.ndarray]:
            return {"alike": np.array([*likeness(self._reader, names, lent.embedding).values()])}

        kept = store.derived(lent.record, f"clone reader 1 {self.reader} {' '.join(names)}", heard)
        return names[int(kept["alike"].argmax())]

    def _reference(self, lent: Voice) -> Reference:
        return reference(lent.recordings, self._encoder)

    def _read(self, request: SpeechRequest, voice: str | None, *, neutral: bool = False) -> SpeechRequest:
        """What the reader is asked for; what its neutral reading lacks is kept when the pitch moves to the voice's."""
        return SpeechRequest(
            text=request.text,
            emotion="neutral" if neutral else request.emotion,
            intensity=request.intensity,
            language=request.language,
            voice=voice,
            style="" if neutral else request.style,
        )

    def _provenance(self, read: SpeechResult, lent: Voice, reading: str | None) -> dict[str, str | float | bool]:
        own = {key: value for key, value in read.provenance.items() if key not in ("speaker", "voice")}
        return {
            **own,
            "synthetic": True,
            "cloned": True,
            "speaker": "clone",
            "method": "kNN voice conversion on Whisper features, WORLD vocoder",
            "reader": self.reader,
            "reader_voice": reading or "",
            "voice": lent.record.voice,
            "consent": lent.record.id,
            "purpose": self.purpose,
        }


def likeness(reader: Speaker, names: Sequence[str], voice: Float32[np.ndarray, "256"]) -> dict[str, float]:
    """Name of a reader's voice → similarity to a voice, by a sentence in each."""
    read = reader.speak([SpeechRequest(text=SENTENCE, voice=name) for name in names])
    return {name: similarity(embedding(one.audio), voice) for name, one in zip(names, read, strict=True)}

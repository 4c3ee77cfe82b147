"""The component: requests in, speech in a lent voice out, if its consent allows that now.

A lent voice that was fitted (`ClonedSpeaker.fit`, or `affekt voices fit`) is one of Kokoro's then, and is spoken as its
other voices are. One that was not is spoken by conversion.
"""

from collections.abc import Sequence
from functools import cached_property

import numpy as np
from affekt import AudioSignal, Component, OptionsError, SpeechRequest, SpeechResult, plugins
from affekt.roles import Speaker
from affekt_kokoro.speaker import KokoroSpeaker
from affekt_voices import ConsentError, Voice, VoiceStore
from affekt_voices.speaker_identity import embedding, similarity
from affekt_whisper.encoder import WhisperEncoder
from jaxtyping import Float32
from pydantic import Field

from affekt_clone import stock
from affekt_clone.conversion import Reference, blur_for, converted, mean_pitch, reference
from affekt_clone.fitting import Fitted, OnCounts
from affekt_clone.person import fit, fitted_voice

SENTENCE = "The train to the coast leaves early in the morning."
"""Said in each of the reader's voices, to hear which is most like a lent one."""


class ClonedSpeaker(Component):
    """Kokoro speaks in a voice fitted to the person; or another speaker reads, and kNN voice conversion follows.

    Every request is checked against the consent record before anything is spoken, and again when it is written.
    """

    voice: str = Field(default="", description="The lent voice, for requests that name none; see `affekt voices list`")
    purpose: str = Field(default="replies", description="What for; the consent record must name it")
    reader: str = Field(default="kokoro", description="The speaker that reads before its voice is exchanged")
    reader_voice: str | None = Field(
        default=None,
        description="The reader's voice; null: the one fitted to the person, else the one most like them that it names",
    )
    conversion: bool | None = Field(
        default=None,
        description="Whether kNN conversion follows; null: always, on a fitted voice only where it measurably helps",
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
        """Speaks in the lent voice, at 24 kHz.

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

    def fit(self, name: str, on_progress: OnCounts = lambda heard, of: None, *, again: bool = False) -> Fitted:
        """Fits a voice of Kokoro's to a lent one, once, in minutes. It is sealed with its consent, and goes with it.

        What was interrupted is gone on with.

        Args:
            name: of the lent voice.
            again: also where the voice is fitted already.

        Raises:
            ConsentError: nobody lent it for this, or not now.
            OptionsError: the reader is not Kokoro.
            WeightsError: Kokoro's voices cannot be had.
        """
        store = VoiceStore()
        lent = store.use(name, self.purpose)
        if not isinstance(reader := self._reader, KokoroSpeaker):
            raise OptionsError(f'reader: "{self.reader}" cannot be fitted to a person', hint="reader: kokoro")
        fitted = None if again else fitted_voice(store, lent)
        return fitted or fit(store, lent, reader, on_progress)

    def _one(self, store: VoiceStore, request: SpeechRequest, lent: Voice) -> SpeechResult:
        store.allows(lent.record.id, self.purpose)  # it may have been taken back since the batch began
        fitted = self._fitted(store, lent)
        reading = None if fitted else self.reader_voice or self._most_alike(store, lent)
        asked, neutral = self._read(request, reading), self._read(request, reading, neutral=True)
        read = self._spoken(asked, fitted)
        sound, method = read.audio, "voice fitted in the space of Kokoro's" if fitted else "voice of the reader"
        if self.conversion if self.conversion is not None else (fitted is None or fitted.convert):
            plain = read if asked == neutral else self._spoken(neutral, fitted)
            sound = self._converted(store, lent, read, plain)
            method += ", kNN voice conversion on Whisper features, WORLD vocoder"
        return SpeechResult(audio=sound, request=request, provenance=self._provenance(read, lent, reading, method))

    def _fitted(self, store: VoiceStore, lent: Voice) -> Fitted | None:
        usable = isinstance(self._reader, KokoroSpeaker) and self.reader_voice is None
        return fitted_voice(store, lent) if usable else None

    def _spoken(self, request: SpeechRequest, fitted: Fitted | None) -> SpeechResult:
        reader = self._reader
        if fitted is not None and isinstance(reader, KokoroSpeaker):
            return reader.speak_as(fitted.voice, [request])[0]
        return reader.speak([request])[0]

    def _converted(self, store: VoiceStore, lent: Voice, read: SpeechResult, plain: SpeechResult) -> AudioSignal:
        """What was read, in the lent voice; `plain` is the same without emotion."""
        arrays = store.derived(lent.record, f"clone 2 layer {self.layer}", lambda: self._reference(lent).arrays())
        voice = Reference(content=arrays["content"], envelope=arrays["envelope"], pitch=float(arrays["pitch"]))
        blur = self.blur or blur_for(voice)
        return converted(read.audio, mean_pitch(plain.audio), voice, self._encoder, self.neighbours, blur)

    def _most_alike(self, store: VoiceStore, lent: Voice) -> str | None:
        """The reader's voice that is most like the lent one: looked for once, by a sentence in each."""
        if isinstance(self._reader, KokoroSpeaker):
            likeness_of = stock.likeness(lent.embedding)
            return max(likeness_of, key=lambda name: likeness_of[name])
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

    def _provenance(
        self, read: SpeechResult, lent: Voice, reading: str | None, method: str
    ) -> dict[str, str | float | bool]:
        own = {key: value for key, value in read.provenance.items() if key not in ("speaker", "voice")}
        return {
            **own,
            "synthetic": True,
            "cloned": True,
            "speaker": "clone",
            "method": method,
            "reader": self.reader,
            "reader_voice": reading or "",
            "voice": lent.record.voice,
            "consent": lent.record.id,
            "purpose": self.purpose,
        }


def likeness(reader: Speaker, names: Sequence[str], voice: Float32[np.ndarray, "256"]) -> dict[str, float]:
    """Name of a reader's voice → similarity to a voice, by a sentence in each."""
    read = reader.speak([SpeechRequest(text=SENTENCE, voice=name) for name in names])
    return {name: similarity(embedding(result.audio), voice) for name, result in zip(names, read, strict=True)}

"""The component: requests in, speech in a lent voice out, if its consent allows that now."""

from collections.abc import Sequence
from functools import cached_property

from affekt import Component, OptionsError, SpeechRequest, SpeechResult, plugins
from affekt.roles import Speaker
from affekt_voices import ConsentError, Voice, VoiceStore
from affekt_whisper.encoder import WhisperEncoder
from pydantic import Field

from affekt_clone.conversion import Reference, blur_for, converted, mean_pitch, reference


class ClonedSpeaker(Component):
    """Another speaker reads, with its emotion; kNN voice conversion gives it the lent voice.

    Every request is checked against the consent record before anything is spoken, and again when it is written.
    """

    voice: str = Field(default="", description="The lent voice, for requests that name none; see `affekt voices list`")
    purpose: str = Field(default="replies", description="What for; the consent record must name it")
    reader: str = Field(default="kokoro", description="The speaker that reads before its voice is exchanged")
    reader_voice: str | None = Field(
        default=None, description="The reader's voice; its own default where none is named"
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
        asked, neutral = self._read(request), self._read(request, neutral=True)
        (read,) = self._reader.speak([asked])
        plain = read if asked == neutral else self._reader.speak([neutral])[0]
        sound = converted(
            read.audio, mean_pitch(plain.audio), voice, self._encoder, self.neighbours, self.blur or blur_for(voice)
        )
        return SpeechResult(audio=sound, request=request, provenance=self._provenance(read, lent))

    def _reference(self, lent: Voice) -> Reference:
        return reference(lent.recordings, self._encoder)

    def _read(self, request: SpeechRequest, *, neutral: bool = False) -> SpeechRequest:
        """What the reader is asked for; what its neutral reading lacks is kept when the pitch moves to the voice's."""
        return SpeechRequest(
            text=request.text,
            emotion="neutral" if neutral else request.emotion,
            intensity=request.intensity,
            language=request.language,
            voice=self.reader_voice,
            style="" if neutral else request.style,
        )

    def _provenance(self, read: SpeechResult, lent: Voice) -> dict[str, str | float | bool]:
        own = {key: value for key, value in read.provenance.items() if key not in ("speaker", "voice")}
        return {
            **own,
            "synthetic": True,
            "cloned": True,
            "speaker": "clone",
            "method": "kNN voice conversion on Whisper features, WORLD vocoder",
            "reader": self.reader,
            "voice": lent.record.voice,
            "consent": lent.record.id,
            "purpose": self.purpose,
        }

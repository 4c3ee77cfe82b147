"""The component: requests in, speech of a Coqui model out."""

from collections.abc import Iterator, Sequence
from functools import cached_property
from hashlib import sha256
from pathlib import Path

import numpy as np
from affekt import Component, OptionsError, SpeechRequest, SpeechResult, plugins
from affekt.roles import Speaker
from affekt_encoding.torch_builds import matching_builds
from pydantic import Field

from affekt_coqui.names import fetched, is_name, named

with matching_builds():
    from affekt_coqui.controls import Controls
    from affekt_coqui.conversion import Converter
    from affekt_coqui.engine import Engine, Sound, drawn
    from affekt_coqui.folder import Folder, opened
    from affekt_coqui.lending import Lending
    from affekt_coqui.loading import converter, engine
    from affekt_coqui.plan import Plan, conversion_plan, reading_plan
    from affekt_coqui.sound import as_signal

PAUSE = 0.25
"""Seconds between sentences at a neutral rate."""
CONVERTERS = ("freevc", "openvoice")


class CoquiSpeaker(Component):
    """A model of Coqui's that reads in an emotion, in a voice of its own or a lent one; or one that exchanges voices.

    Deterministic: the same request gives the same samples on the same machine, alone or in a batch.
    """

    model: str = Field(default="", description="The folder of a model, or a name of `affekt coqui models`")
    accept_licence: str = Field(
        default="", description="The licence of a named model, once you have read it: CPML; or use `affekt coqui pull`"
    )
    vocoder: str = Field(
        default="", description="The folder of a vocoder for Tacotron 2; else Griffin and Lim's method"
    )
    voice: str = Field(
        default="", description="For requests that name none: one of the model's own (else its first), or a lent one"
    )
    purpose: str = Field(default="replies", description="What a lent voice is for; its consent record must name it")
    emotions: dict[str, str | dict[str, float]] = Field(
        default={},
        description="Emotion → a voice of the model's own, a recording, or weights of style tokens: as its family can",
    )
    reader: str = Field(
        default="", description="The speaker that reads before FreeVC, OpenVoice (else kokoro) or YourTTS converts"
    )
    reader_voice: str | None = Field(
        default=None, description="The reader's voice; its own default where none is named"
    )
    speed: float = Field(default=1.0, ge=0.5, le=2.0, description="Factor of the speaking rate, where there is one")
    variation: float = Field(
        default=1.0, gt=0, le=2.0, description="Factor of XTTS's temperature, of VITS's and YourTTS's noise"
    )
    seed: int = Field(default=0, ge=0, description="Another seed is another reading of the same sentence")
    device: str = Field(default="cpu", description='Anything torch.device takes, e.g. "cuda:0"')

    @cached_property
    def _places(self) -> tuple[Path, Path | None]:
        vocoder = Path(self.vocoder).expanduser() if self.vocoder else None
        if not self.model:
            raise OptionsError("model: no model is named", hint="--set speaker.model=FOLDER, or `affekt coqui models`")
        if is_name(self.model):
            folder, own = fetched(named(self.model), self.accept_licence)
            return folder, vocoder or own
        return Path(self.model).expanduser(), vocoder

    @cached_property
    def _folder(self) -> Folder:
        return opened(self._places[0])

    @cached_property
    def _digest(self) -> str:
        """Asked for once the model is loaded: Coqui's loader writes the original XTTS-v2 again without its classes."""
        return self._folder.digest()

    @cached_property
    def _what(self) -> str:
        """Names the model, for what is computed with it."""
        return f"coqui 1 {self._folder.family} {sha256(self._folder.config.read_bytes()).hexdigest()} {self._digest}"

    @cached_property
    def _engine(self) -> Engine:
        vocoder = self._places[1]
        return engine(self._folder, opened(vocoder, vocoder=True) if vocoder else None, self.device)

    @cached_property
    def _converter(self) -> Converter:
        return converter(self._folder, self.device)

    @cached_property
    def _reader(self) -> Speaker:
        if self.reader == "coqui":
            raise OptionsError('reader: "coqui" cannot read for itself', hint="reader: kokoro")
        speaker = plugins().create("speaker", self.reader or "kokoro")
        assert isinstance(speaker, Speaker)
        return speaker

    @cached_property
    def _lending(self) -> Lending:
        return Lending()

    def speak(self, requests: Sequence[SpeechRequest]) -> list[SpeechResult]:
        """Speech at the model's own rate. Every request is checked before the first is spoken.

        Raises:
            WeightsError: there is no such model, its licence was not accepted, or a file of it is missing or unsafe.
            DataError: a text, language, voice or emotion that this model cannot speak.
            OptionsError: an option that this family of models has no use for.
            ConsentError: the voice is a person's, and nobody lent it for this now; nothing is spoken.
            StoreError: the store of voices cannot be trusted.
        """
        plans = [self._plan(request) for request in requests]
        return [self._result(plan, list(self._parts(plan, stream=False))) for plan in plans]

    def stream(self, request: SpeechRequest) -> Iterator[SpeechResult]:
        """Yields the same speech in parts, as they are made: sentences, and about a second at a time with XTTS.

        Joined they are the whole, in which XTTS fades its parts into each other and so differs a little from `speak`.
        Each part carries its provenance, so that it is marked, signed and checked for consent if it is written.

        It raises what `speak` raises: the request is checked before this returns, and the consent again before every
        sentence.
        """
        plan = self._plan(request)
        return (self._result(plan, [part]) for part in self._parts(plan, stream=True))

    def _plan(self, request: SpeechRequest) -> Plan:
        family = self._folder.family
        if self.reader and family not in (*CONVERTERS, "yourtts"):
            raise OptionsError(
                f'reader: {family} converts no speech, found "{self.reader}"', hint="FreeVC, OpenVoice or YourTTS"
            )
        if self.reader or family in CONVERTERS:
            return conversion_plan(self, request, self._converter, self._lending, self._what)
        return reading_plan(self, request, self._engine, self._lending, self._what)

    def _parts(self, plan: Plan, *, stream: bool) -> Iterator[Sound]:
        """The sentences with pauses between them; each starts from the seed, so that it sounds the same anywhere.

        A lent voice is asked about again before every sentence: it may be taken back while a long text is spoken.
        """
        for number, sentence in enumerate(plan.sentences):
            if number:
                if plan.lent:
                    self._lending.still(plan.lent, self.purpose)
                yield np.zeros(round(PAUSE / self._how(plan).speed * self._rate(plan)), dtype=np.float32)
            if plan.converts:
                spoken = self._converted(plan, sentence)
            else:
                spoken = self._engine.say(sentence, plan.language, plan.voice, self._how(plan), stream)
            yield from drawn(spoken, self.seed)

    def _converted(self, plan: Plan, sentence: str) -> Iterator[Sound]:
        (read,) = self._reader.speak([plan.read(sentence, self.reader_voice)])
        yield self._converter.converted(read.audio, plan.voice)

    def _how(self, plan: Plan) -> Controls:
        return Controls(speed=plan.how.speed * self.speed, variation=plan.how.variation * self.variation)

    def _rate(self, plan: Plan) -> int:
        return self._converter.sample_rate if plan.converts else self._engine.sample_rate

    def _result(self, plan: Plan, parts: list[Sound]) -> SpeechResult:
        return SpeechResult(
            audio=as_signal(parts, self._rate(plan)), request=plan.request, provenance=self._provenance(plan)
        )

    def _provenance(self, plan: Plan) -> dict[str, str | float | bool]:
        how = self._how(plan)
        provenance: dict[str, str | float | bool] = {
            "synthetic": True,
            "speaker": "coqui",
            "family": self._folder.family,
            "model": self.model if is_name(self.model) else self._folder.path.resolve().name,
            "weights_sha256": self._digest,
            "voice": plan.name,
            "emotion": plan.request.emotion,
            "intensity": plan.request.intensity,
            "emotion_route": plan.route,
            "speed_factor": round(how.speed, 4),
            "variation_factor": round(how.variation, 4),
            "seed": self.seed,
        }
        if plan.lent:
            provenance |= {"cloned": True, "consent": plan.lent.record.id, "purpose": self.purpose}
        return provenance

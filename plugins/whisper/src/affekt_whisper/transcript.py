"""Writes down what is said."""

from collections.abc import Sequence
from dataclasses import replace
from functools import cached_property
from importlib.util import find_spec
from typing import ClassVar, Literal

import numpy as np
from affekt import Clip, Component, Missing, MissingDependency, Modality, Translation, Word
from affekt_encoding.sound import faint_gain, heard
from affekt_encoding.torch_builds import matching_builds
from jaxtyping import Float32
from pydantic import Field

from affekt_whisper.clock import SAMPLE_RATE
from affekt_whisper.languages import note_of_languages
from affekt_whisper.repetition import only_repeats
from affekt_whisper.spoken import TRANSLATED, Doubt, Engine, Heard, Spoken, Task

with matching_builds():
    from affekt_whisper.checkpoint import faster_whisper_folder, openai_path, transformers_folder

LEAST_SPEECH = 0.2
"""Seconds the voice activity detector must find before Whisper is asked at all."""


class WhisperTranscript(Component):
    """Fills in `text`, `words` and `language`; names the reason in `Clip.missing` where nothing is said.

    Whisper invents polite phrases for noise and music. Three things keep them out: a voice activity detector decides
    where there is speech, decoding never sees its own earlier text, and segments in which Whisper itself believes
    there is no speech, whose words it hardly believes, or that only repeat a piece over and over, are dropped. A
    transcript the clip already carries (subtitles) is kept. What is said in another language than English is also kept
    in Whisper's own translation, `Clip.translation`, for what reads English only.
    """

    reads: ClassVar[tuple[str, ...]] = ("audio", "text", "words", "language")
    fills: ClassVar[tuple[str, ...]] = ("text", "words", "language", "translation")

    sample_rate: ClassVar[int] = SAMPLE_RATE

    engine: Literal["faster-whisper", "transformers", "openai-whisper"] = Field(
        default="faster-whisper", description="The library that runs Whisper; all run the same weights"
    )
    model: str = Field(
        default="whisper-base",
        description="A name of `affekt weights list`, a local folder, a hub name, or a .pt file of openai-whisper",
    )
    revision: str | None = Field(default=None, description="A commit of the hub repository, for reproducible runs")
    language: str | None = Field(default=None, description="ISO 639-1; None lets Whisper recognise it")
    overwrite: bool = Field(default=False, description="Transcribe clips that already carry a text, too")
    translate: bool = Field(default=True, description="Translate what is not English into it, beside the transcript")
    device: str = Field(default="cpu", description='"cpu" or "cuda"; with the engines of torch also "cuda:1"')
    compute_type: str = Field(
        default="int8", description="Arithmetic of faster-whisper: int8, float16, float32, …; the others use float32"
    )
    threads: int = Field(default=0, ge=0, description="Threads of faster-whisper on the CPU; 0 leaves it to it")
    beam_size: int = Field(default=5, ge=1, description="Hypotheses kept while decoding")
    no_speech: float = Field(default=0.6, ge=0, le=1, description="Above this chance of no speech a segment is dropped")
    least_logprob: float = Field(default=-1.0, le=0, description="Below this mean log-probability it is dropped")
    least_probability: float = Field(default=0.35, ge=0, le=1, description="As for its words' mean probability")

    @cached_property
    def _engine(self) -> Engine:
        """The engine with its weights.

        Raises:
            MissingDependency: the library is an optional one and is not installed.
        """
        doubt = Doubt(no_speech=self.no_speech, logprob=self.least_logprob)
        match self.engine:
            case "faster-whisper":
                from affekt_whisper.through_faster_whisper import FasterWhisper

                folder = faster_whisper_folder(self.model, self.revision)
                return FasterWhisper(
                    folder, device=self.device, compute_type=self.compute_type, threads=self.threads, doubt=doubt
                )
            case "transformers":
                from affekt_whisper.through_transformers import Transformers

                return Transformers(transformers_folder(self.model, self.revision), device=self.device)
            case "openai-whisper":
                if find_spec("whisper") is None:
                    raise MissingDependency(
                        'engine: "openai-whisper" is not installed',
                        hint='pip install "affekt-whisper[openai]", or engine: faster-whisper',
                    )
                from affekt_whisper.through_openai_whisper import OpenAIWhisper

                return OpenAIWhisper(openai_path(self.model, self.revision), device=self.device, doubt=doubt)

    def prepare(self, clips: Sequence[Clip]) -> list[Clip]:
        """Gives each clip its transcript, or says why it has none."""
        return [self._one(clip) for clip in clips]

    def _one(self, clip: Clip) -> Clip:
        if clip.text is not None and not self.overwrite and not self._is_foreign(clip):
            return clip
        samples = heard(clip, SAMPLE_RATE)
        if isinstance(samples, Missing):
            return clip if clip.text is not None else _without_text(clip, samples.reason)
        if clip.text is None or self.overwrite:
            clip = self._transcribed(clip, samples)
        return self._translated(clip, samples) if self._is_foreign(clip) else clip

    def _transcribed(self, clip: Clip, samples: Float32[np.ndarray, "time"]) -> Clip:
        # Who knows what is spoken, such as a data set or whoever had it spoken, knows better than 30 s of sound.
        heard = self._listen(samples, self.language or clip.language, "transcribe")
        if heard.seconds < LEAST_SPEECH:
            return _without_text(clip, "nobody speaks")
        if not heard.spoken:
            return _without_text(clip, "there may be a voice, but no word of it could be made out")
        missing: dict[Modality, str] = {other: why for other, why in clip.missing.items() if other != "text"}
        if clip.audio is not None and (gain := faint_gain(clip.audio.samples)):
            note = f"the sound is very quiet: it was amplified by {gain:.0f} dB before it was listened to"
            clip = replace(clip, notes=(*clip.notes, note))
        notes = (*clip.notes, note_of_languages(heard.turns)) if heard.turns else clip.notes
        return replace(
            clip, text=_text(heard), words=_words(heard), language=heard.language, missing=missing, notes=notes
        )

    def _translated(self, clip: Clip, samples: Float32[np.ndarray, "time"]) -> Clip:
        heard = self._listen(samples, clip.language, "translate")
        if not heard.spoken:
            return clip
        return replace(
            clip,
            translation=Translation(
                language=TRANSLATED,
                original=str(clip.language),
                text=_text(heard),
                words=_words(heard),
                source="Whisper",
            ),
        )

    def _is_foreign(self, clip: Clip) -> bool:
        return self.translate and bool(clip.text) and clip.language not in (None, TRANSLATED)

    def _listen(self, samples: Float32[np.ndarray, "time"], language: str | None, task: Task) -> Heard:
        """What is believed of what the engine hears."""
        heard = self._engine.listen(
            samples, language=language, task=task, beam_size=self.beam_size, least=LEAST_SPEECH
        )  # fmt: skip
        return replace(heard, spoken=tuple(spoken for spoken in heard.spoken if self._is_believed(spoken)))

    def _is_believed(self, spoken: Spoken) -> bool:
        if not spoken.words or spoken.logprob < self.least_logprob or only_repeats(spoken.text):
            return False
        if spoken.no_speech > self.no_speech and spoken.logprob < self.least_logprob / 2:
            return False
        return float(np.mean([word.probability for word in spoken.words if word.probability is not None])) >= (
            self.least_probability
        )


def _text(heard: Heard) -> str:
    return " ".join(spoken.text.strip() for spoken in heard.spoken)


def _words(heard: Heard) -> tuple[Word, ...]:
    return tuple(word for spoken in heard.spoken for word in spoken.words)


def _without_text(clip: Clip, reason: str) -> Clip:
    return replace(clip, text=None, words=(), missing={**clip.missing, "text": reason})

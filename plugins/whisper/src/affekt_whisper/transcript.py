"""Writes down what is said."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from functools import cached_property
from typing import ClassVar, Literal

import numpy as np
from affekt import Clip, Component, Modality, WeightsError, Word
from affekt_weights import fetch
from faster_whisper import WhisperModel
from faster_whisper.transcribe import Segment, TranscriptionInfo
from jaxtyping import Float32
from pydantic import Field

from affekt_whisper.sound import SAMPLE_RATE, heard

LEAST_SPEECH = 0.2
"""Seconds the voice activity detector must find before Whisper is asked at all."""


class WhisperTranscript(Component):
    """Fills in `text`, `words` and `language`; names the reason in `Clip.missing` where nothing is said.

    Whisper invents polite phrases for noise and music. Three things keep them out: a voice activity detector decides
    where there is speech, decoding never sees its own earlier text, and segments in which Whisper itself believes
    there is no speech, or whose words it hardly believes, are dropped. A transcript the clip already carries
    (subtitles) is kept.
    """

    sample_rate: ClassVar[int] = SAMPLE_RATE

    model: str = Field(
        default="whisper-base", description="A name of `affekt weights list`, a local CTranslate2 folder or a hub name"
    )
    revision: str | None = Field(default=None, description="A commit of the hub repository, for reproducible runs")
    language: str | None = Field(default=None, description="ISO 639-1; None lets Whisper recognise it")
    overwrite: bool = Field(default=False, description="Transcribe clips that already carry a text, too")
    device: Literal["cpu", "cuda", "auto"] = Field(default="cpu", description="Where CTranslate2 runs")
    compute_type: str = Field(default="int8", description="CTranslate2's arithmetic: int8, float16, float32, …")
    threads: int = Field(default=0, ge=0, description="Threads on the CPU; 0 leaves it to CTranslate2")
    beam_size: int = Field(default=5, ge=1, description="Hypotheses kept while decoding")
    no_speech: float = Field(default=0.6, ge=0, le=1, description="Above this chance of no speech a segment is dropped")
    least_logprob: float = Field(default=-1.0, le=0, description="Below this mean log-probability it is dropped")
    least_probability: float = Field(default=0.35, ge=0, le=1, description="As for its words' mean probability")

    @cached_property
    def _model(self) -> WhisperModel:
        folder = fetch(self.model, revision=self.revision)
        try:
            return WhisperModel(
                str(folder),
                device=self.device,
                compute_type=self.compute_type,
                cpu_threads=self.threads,
                local_files_only=True,
            )
        except (RuntimeError, ValueError, OSError) as error:
            raise WeightsError(
                f'faster-whisper cannot load "{folder}": {error}',
                hint="model: whisper-base; or a folder with model.bin, config.json, tokenizer.json and a vocabulary",
            ) from error

    def prepare(self, clips: Sequence[Clip]) -> list[Clip]:
        return [self._one(clip) for clip in clips]

    def _one(self, clip: Clip) -> Clip:
        if clip.text is not None and not self.overwrite:
            return clip
        samples = heard(clip)
        if isinstance(samples, str):
            return _without_text(clip, samples)
        segments, info = self._transcribe(samples)
        if info.duration_after_vad < LEAST_SPEECH:
            return _without_text(clip, f"nobody speaks in {clip.duration:.1f} s of sound")
        kept = [segment for segment in segments if self._is_believed(segment)]
        words = tuple(_words(kept))
        if not words:
            return _without_text(clip, "there may be a voice, but no word of it could be made out")
        missing: dict[Modality, str] = {other: why for other, why in clip.missing.items() if other != "text"}
        text = " ".join(segment.text.strip() for segment in kept)
        return replace(clip, text=text, words=words, language=info.language, missing=missing)

    def _transcribe(self, samples: Float32[np.ndarray, "time"]) -> tuple[list[Segment], TranscriptionInfo]:
        segments, info = self._model.transcribe(
            samples,
            language=self.language,
            beam_size=self.beam_size,
            word_timestamps=True,
            condition_on_previous_text=False,
            vad_filter=True,
            no_speech_threshold=self.no_speech,
            log_prob_threshold=self.least_logprob,
        )
        return list(segments) if info.duration_after_vad >= LEAST_SPEECH else [], info

    def _is_believed(self, segment: Segment) -> bool:
        words = segment.words or []
        if not words or segment.avg_logprob < self.least_logprob:
            return False
        if segment.no_speech_prob > self.no_speech and segment.avg_logprob < self.least_logprob / 2:
            return False
        return float(np.mean([word.probability for word in words])) >= self.least_probability


def _without_text(clip: Clip, reason: str) -> Clip:
    return replace(clip, text=None, words=(), missing={**clip.missing, "text": reason})


def _words(segments: Iterable[Segment]) -> Iterable[Word]:
    for segment in segments:
        for word in segment.words or []:
            yield Word(
                start=float(word.start),
                end=float(word.end),
                text=word.word.strip(),
                probability=float(word.probability),
            )

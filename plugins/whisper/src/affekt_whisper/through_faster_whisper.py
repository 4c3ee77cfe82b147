"""The engine `faster-whisper`: CTranslate2, the fastest on a CPU."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from affekt import OptionsError, WeightsError, Word
from ctranslate2 import DataType, Device, StorageView  # type: ignore[import-untyped]
from faster_whisper import WhisperModel  # type: ignore[import-untyped]
from faster_whisper.transcribe import Segment  # type: ignore[import-untyped]
from jaxtyping import Float32

from affekt_whisper.clock import SAMPLE_RATE
from affekt_whisper.languages import identified, main_language, turns
from affekt_whisper.spoken import TRANSLATED, Doubt, Heard, Spoken, Task, Turn


class FasterWhisper:
    """A CTranslate2 folder in memory."""

    def __init__(self, folder: Path, *, device: str, compute_type: str, threads: int, doubt: Doubt) -> None:
        self._doubt = doubt
        try:
            self._model = WhisperModel(
                str(folder), device=device, compute_type=compute_type, cpu_threads=threads, local_files_only=True
            )
        except (RuntimeError, ValueError, OSError) as error:
            if device != "cpu" and "cuda" in str(error).lower():
                raise OptionsError(f'device: "{device}" cannot be used: {error}', hint="device: cpu") from error
            raise WeightsError(
                f'faster-whisper cannot load "{folder}": {error}',
                hint="model: whisper-base; or a folder with model.bin, config.json, tokenizer.json and a vocabulary",
            ) from error
        self._encode = self._model.encode = _Once(self._model.encode)
        self._model.detect_language = partial(_in_the_first_window, self._model.detect_language)

    def listen(
        self, samples: Float32[np.ndarray, "time"], *, language: str | None, task: Task, beam_size: int, least: float
    ) -> Heard:
        """Transcribes a sound, each stretch of it in its own language."""
        spoken, info = self._transcribed(samples, language, task, beam_size, least)
        heard = Heard(spoken=spoken, language=info.language, seconds=info.duration_after_vad)
        turns = self._turns(samples, info.language) if language is None and spoken else ()
        if not turns:
            return heard
        again = [part for turn in turns for part in self._of_turn(samples, turn, task, beam_size)]
        return replace(heard, spoken=tuple(again), language=main_language(turns, TRANSLATED), turns=turns)

    def _of_turn(
        self, samples: Float32[np.ndarray, "time"], turn: Turn, task: Task, beam_size: int
    ) -> Iterator[Spoken]:
        """A stretch of one language, at its times in the whole sound."""
        begin, end = (round(time * SAMPLE_RATE) for time in (turn.start, turn.end))
        for part in self._transcribed(samples[begin:end], turn.language, task, beam_size, 0.0)[0]:
            words = tuple(
                replace(word, start=word.start + turn.start, end=word.end + turn.start) for word in part.words
            )
            yield replace(part, words=words)

    def _turns(self, samples: Float32[np.ndarray, "time"], main: str) -> tuple[Turn, ...]:
        if self._encode.first is None or not self._model.model.is_multilingual:
            return ()
        encoded = np.array(self._encode.first.to_device(Device.cpu).to(DataType.float32))

        def identify(piece: Float32[np.ndarray, "one row dim"]) -> dict[str, float]:
            view = StorageView.from_array(np.ascontiguousarray(piece))
            return identified(self._model.model.detect_language(view))

        return turns(samples, main, encoded, identify)

    def _transcribed(
        self, samples: Float32[np.ndarray, "time"], language: str | None, task: Task, beam_size: int, least: float
    ) -> tuple[tuple[Spoken, ...], Any]:
        self._encode.first = None
        segments, info = self._model.transcribe(
            samples,
            language=language,
            task=task,
            beam_size=beam_size,
            temperature=0.0,  # the library's further temperatures draw words at random, from a state no seed resets
            word_timestamps=True,
            condition_on_previous_text=False,
            vad_filter=True,
            no_speech_threshold=self._doubt.no_speech,
            log_prob_threshold=self._doubt.logprob,
        )
        heard = info.duration_after_vad >= least
        return tuple(_spoken(segment) for segment in segments) if heard else (), info


class _Once:
    """The encoder, which keeps its last answer: half of all work on a short clip; and its first, for `languages`.

    The library encodes the first window of a clip to find the language, and then again to transcribe it.
    """

    def __init__(self, encode: Callable[[np.ndarray], Any]) -> None:
        self._encode = encode
        self._last: tuple[np.ndarray, Any] | None = None
        self.first: Any = None
        """The answer for the first window of the sound that is listened to."""

    def __call__(self, features: Float32[np.ndarray, "mel frame"]) -> Any:
        if self._last is None or not np.array_equal(features, self._last[0]):
            self._last = features, self._encode(features)
        self.first = self._last[1] if self.first is None else self.first
        return self._last[1]


def _in_the_first_window(detect_language: Callable[..., Any], *, features: np.ndarray, **how: Any) -> Any:
    """Finds the language in exactly the window that is transcribed first, which ends a frame before the features do."""
    return detect_language(features=features[..., : max(1, features.shape[-1] - 1)], **how)


def _spoken(segment: Segment) -> Spoken:
    words = tuple(
        Word(
            start=float(w.start), end=float(max(w.start, w.end)), text=w.word.strip(), probability=float(w.probability)
        )
        for w in segment.words or []
    )
    return Spoken(text=segment.text, words=words, logprob=segment.avg_logprob, no_speech=segment.no_speech_prob)

"""What an engine hears, and where in a sound somebody speaks. Every engine gives the same, whatever its library."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal, Protocol

import numpy as np
from affekt import Word
from faster_whisper.vad import SpeechTimestampsMap, VadOptions, get_speech_timestamps  # type: ignore[import-untyped]
from jaxtyping import Float32

from affekt_whisper.clock import SAMPLE_RATE

Task = Literal["transcribe", "translate"]
TRANSLATED = "en"
"""What is written down is in the language that is spoken, or in English: Whisper learnt to translate into no other."""
WINDOW = 30
"""Seconds that Whisper hears at once."""


@dataclass(frozen=True, kw_only=True)
class Spoken:
    """A segment of the transcript."""

    text: str
    words: tuple[Word, ...]
    logprob: float
    """Mean log-probability of its tokens."""
    no_speech: float
    """The chance, as Whisper sees it, that nobody speaks."""


@dataclass(frozen=True, kw_only=True)
class Turn:
    """A stretch in which one language is spoken."""

    language: str
    """The ISO 639-1 code of the language."""
    start: float
    """Seconds from the start of the sound."""
    end: float
    """Seconds from the start of the sound."""


@dataclass(frozen=True, kw_only=True)
class Heard:
    """What was heard of a whole sound."""

    spoken: tuple[Spoken, ...]
    language: str | None
    seconds: float
    """The seconds of speech, as the voice activity detector found them."""
    turns: tuple[Turn, ...] = ()
    """The stretches of each language, where there are several; empty where there is one."""


@dataclass(frozen=True, kw_only=True)
class Doubt:
    """Beyond these an engine need not try again with other words: the segment will not be believed."""

    no_speech: float
    logprob: float


class Engine(Protocol):
    """A library that runs Whisper."""

    def listen(
        self, samples: Float32[np.ndarray, "time"], *, language: str | None, task: Task, beam_size: int, least: float
    ) -> Heard:
        """Writes down what is said, or says it in English, unless there are less than `least` seconds of speech."""
        ...


@dataclass(frozen=True, kw_only=True)
class Stretch:
    """Speech without the pauses between, at most as long as Whisper hears at once."""

    samples: Float32[np.ndarray, "time"]
    pauses: SpeechTimestampsMap

    def placed(self, word: Word) -> Word:
        """The word at its time in the whole sound."""
        middle = self.pauses.get_chunk_index((word.start + word.end) / 2)
        start, end = (self.pauses.get_original_time(time, middle) for time in (word.start, word.end))
        return Word(start=start, end=max(start, end), text=word.text, probability=word.probability)


def stretches(samples: Float32[np.ndarray, "time"]) -> Iterator[Stretch]:
    """Where somebody speaks, by the voice activity detector that faster-whisper brings."""
    group: list[dict[str, int]] = []
    for chunk in get_speech_timestamps(samples, VadOptions(max_speech_duration_s=WINDOW)):
        if group and _length([*group, chunk]) > WINDOW * SAMPLE_RATE:
            yield _stretch(samples, group)
            group = []
        group.append(chunk)
    if group:
        yield _stretch(samples, group)


def _stretch(samples: Float32[np.ndarray, "time"], group: list[dict[str, int]]) -> Stretch:
    joined = np.concatenate([samples[chunk["start"] : chunk["end"]] for chunk in group])
    return Stretch(samples=joined, pauses=SpeechTimestampsMap(group, SAMPLE_RATE))


def _length(group: list[dict[str, int]]) -> int:
    return sum(chunk["end"] - chunk["start"] for chunk in group)

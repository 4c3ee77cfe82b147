"""Which languages are spoken in a sound, and when: Whisper itself asks once, and takes the answer for all of it.

The encoder's output for the first half minute, which finding the language needs anyway, is cut at pauses; of each piece
the decoder says which language it is in.
"""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from faster_whisper.vad import VadOptions, get_speech_timestamps  # type: ignore[import-untyped]
from jaxtyping import Float32

from affekt_whisper.clock import ROW, SAMPLE_RATE
from affekt_whisper.spoken import WINDOW, Turn

PAUSE = 300
"""Milliseconds of silence at which a piece ends; people hardly change languages without one."""
LEAST = 1.5
"""Seconds of a piece whose language is believed."""
SURE = 0.9
"""Probability from which another language than that of the whole is believed. Two short sentences with a second between
often stay below, since each is encoded beside the other: then all is taken to be in one language, as Whisper does."""
SHORTEST = 0.5
"""Seconds from which a piece is asked at all; shorter ones go on in the language before them."""

Identify = Callable[[Float32[np.ndarray, "one row dim"]], Mapping[str, float]]
"""Encoder output of a piece → language → how likely it is."""


@dataclass(frozen=True)
class _Piece:
    start: int
    end: int


def turns(
    samples: Float32[np.ndarray, "time"], main: str, encoded: Float32[np.ndarray, "one row dim"], identify: Identify
) -> tuple[Turn, ...]:
    """Stretches of one language each, in order of time; none where all is in the main language.

    Args:
        samples: at 16 kHz.
        main: the language that Whisper finds in the whole.
        encoded: of the speech of the first half minute, without the pauses that the voice activity detector takes out.
    """
    heard = [_Piece(**chunk) for chunk in get_speech_timestamps(samples, VadOptions())]
    pieces, likely = [], []
    for piece in _pieces(samples):
        start, end = (_without_pauses(heard, sample) for sample in (piece.start, piece.end))
        if end > WINDOW * SAMPLE_RATE:
            break
        pieces.append(piece)
        asked = end - start >= SHORTEST * SAMPLE_RATE
        likely.append(identify(encoded[:, start // ROW : -(-end // ROW)]) if asked else {})
    spoken = {main, *_sure(pieces, likely)}
    if len(spoken) == 1:
        return ()
    return tuple(_joined(_each_in_one_of(spoken, main, pieces, likely)))


def _sure(pieces: Sequence[_Piece], likely: Sequence[Mapping[str, float]]) -> Iterator[str]:
    for piece, languages in zip(pieces, likely, strict=True):
        if piece.end - piece.start >= LEAST * SAMPLE_RATE:
            yield from (language for language, probability in languages.items() if probability >= SURE)


def _each_in_one_of(
    spoken: Collection[str], main: str, pieces: Sequence[_Piece], likely: Sequence[Mapping[str, float]]
) -> Iterator[Turn]:
    """Each piece in the likeliest of the languages that are surely spoken."""
    language = main
    for piece, languages in zip(pieces, likely, strict=True):
        if languages:
            language = max(spoken, key=lambda candidate: languages.get(candidate, 0.0))
        yield Turn(language=language, start=piece.start / SAMPLE_RATE, end=piece.end / SAMPLE_RATE)


def _pieces(samples: Float32[np.ndarray, "time"]) -> list[_Piece]:
    options = VadOptions(min_silence_duration_ms=PAUSE, speech_pad_ms=100)
    return [_Piece(**chunk) for chunk in get_speech_timestamps(samples, options)]


def _without_pauses(heard: Sequence[_Piece], sample: int) -> int:
    """A place in the sound as one in the speech alone."""
    return sum(min(sample, chunk.end) - chunk.start for chunk in heard if chunk.start < sample)


def _joined(turns: Iterable[Turn]) -> Iterator[Turn]:
    last: Turn | None = None
    for turn in turns:
        if last is not None and turn.language == last.language:
            last = replace(last, end=turn.end)
            continue
        if last is not None:
            yield last
        last = turn
    if last is not None:
        yield last


def main_language(turns: Sequence[Turn], english: str) -> str:
    """The language that most is said in, English aside: whoever reads English needs a translation of the others."""
    seconds: dict[str, float] = {}
    for turn in turns:
        if turn.language != english:
            seconds[turn.language] = seconds.get(turn.language, 0.0) + turn.end - turn.start
    return max(seconds, key=lambda language: seconds[language])


def note_of_languages(turns: Sequence[Turn]) -> str:
    """The note that tells readers of several languages."""
    when = ", ".join(f"{turn.language} from {turn.start:.1f} to {turn.end:.1f} s" for turn in turns)
    return f"several languages are spoken: {when}"


def identified(answer: Any) -> dict[str, float]:
    """What CTranslate2 says of one piece: "<|de|>" and its probability, the likeliest first."""
    return {str(token).strip("<|>"): float(probability) for token, probability in answer[0]}

"""The transcript: words on the axis of time where they fit, and lines to read."""

from collections.abc import Iterator
from dataclasses import dataclass

from affekt import Word
from affekt_recordings import Analysis

LANES = 4
PLOT = 930
"""Pixels of the time axis on a wide page: decides whether the words fit."""
PAUSE, LONG = 0.8, 15.0
"""A line ends at a pause of so many seconds, or after so many."""


@dataclass(frozen=True)
class Spoken:
    """A word with its place in the recording."""

    text: str
    start: float
    end: float
    probability: float | None
    percent: float
    lane: int
    clues: tuple[int, ...]
    """Numbers of the clues whose span covers it."""


def words(felt: Analysis) -> list[Spoken]:
    """Every word of the recording, in lanes that keep them apart; lane −1 where it does not fit."""
    spans = [(number, clue.start, clue.end) for number, clue in enumerate(felt.prediction.clues, 1)]
    filled = [0.0] * LANES
    placed = []
    for start, end, word in _placed(felt):
        text = word.text.strip()
        width = 6.7 * len(text) + 6
        left = max(0.0, min(start / max(felt.duration, 1e-6) * PLOT, PLOT - width))
        lane = next((lane for lane, taken in enumerate(filled) if taken <= left), -1)
        if lane >= 0:
            filled[lane] = left + width
        middle = (start + end) / 2
        clues = tuple(number for number, begin, finish in spans if begin <= middle <= finish)
        placed.append(Spoken(text, start, end, word.probability, left / PLOT * 100, lane, clues))
    return placed


def _placed(felt: Analysis) -> Iterator[tuple[float, float, Word]]:
    for part in felt.parts:
        offset = part.evidence.clip.start
        for word in part.evidence.clip.words:
            yield word.start + offset, word.end + offset, word


def lines(spoken: list[Spoken]) -> list[list[Spoken]]:
    """Words in lines that end at pauses."""
    grouped: list[list[Spoken]] = []
    for word in spoken:
        line = grouped[-1] if grouped else []
        if line and word.start - line[-1].end <= PAUSE and word.end - line[0].start <= LONG:
            line.append(word)
        else:
            grouped.append([word])
    return grouped


def wordless(felt: Analysis) -> list[tuple[float, str]]:
    """(start, text) of windows that have a text without the times of its words."""
    clips = [part.evidence.clip for part in felt.parts]
    return [(clip.start, clip.text) for clip in clips if clip.text and not clip.words]

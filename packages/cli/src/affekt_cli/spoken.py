"""The transcript in readable lines."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from affekt import Word
    from affekt_recordings import Analysis

PAUSE = 0.8
"""A line ends at a pause of this many seconds,"""
LONG = 15.0
"""or when it lasts longer than this."""


def spoken_lines(felt: "Analysis") -> Iterator[tuple[float, str]]:
    """(start in seconds of the recording, text) of each line."""
    for part in felt.parts:
        clip = part.evidence.clip
        if clip.text and not clip.words:
            yield clip.start, clip.text
        line: list[Word] = []
        for word in clip.words:
            if line and (word.start - line[-1].end > PAUSE or word.end - line[0].start > LONG):
                yield clip.start + line[0].start, _joined(line)
                line = []
            line.append(word)
        if line:
            yield clip.start + line[0].start, _joined(line)


def _joined(words: "list[Word]") -> str:
    return " ".join(word.text.strip() for word in words)

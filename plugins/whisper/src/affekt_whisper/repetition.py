"""Transcripts that only repeat: what Whisper writes for a laugh, a sob or a scream, which hold no words."""

import re
import zlib

MOST_COMPRESSION = 2.4
"""Bytes of a text over those of it compressed: beyond it Whisper's authors take a segment for a loop."""
ENOUGH_LETTERS = 120
"""Letters below which compression says nothing: what it always adds weighs as much as the text."""
LONGEST_PIECE = 4
"""Words of a piece that is looked for."""
MOST_TIMES = 8
"""Times in a row that a piece may come; people say "no" five times, a loop goes on."""
MOST_SOUNDS = 2
"""The most repetitions of a piece that is no word: "S-S-S", "ha ha ha"."""
SHARE = 0.75
"""The share of the words that a repeated piece makes up."""

_WORDS = re.compile(r"[^\W_]+")
_SOUND = re.compile(r"[^\W\d_]|h?[aeiouäöü]+h*|[hm]+")
"""A letter alone, or a vowel between breaths: "s", "ha", "ooh", "hm"."""
_STRETCHED = re.compile(r"(.{1,3}?)\1{4,}.{0,2}|(?:h+[aeiouäöü]+){2,}h*")
"""A word that is a piece five times over, or a laugh: "aaaaah", "ssssss", "haha"."""


def only_repeats(text: str) -> bool:
    """Whether a text holds no words, or next to nothing but one piece over and over."""
    words = _WORDS.findall(text.lower())
    if all(_STRETCHED.fullmatch(word) for word in words):
        return True
    if sum(map(len, words)) >= ENOUGH_LETTERS and _compression(text) > MOST_COMPRESSION:
        return True
    return any(_loops(words, size) for size in range(1, LONGEST_PIECE + 1))


def _loops(words: list[str], size: int) -> bool:
    """Whether a piece of so many words, again and again in a row, makes up the text."""
    start = 0
    while start + size <= len(words):
        piece, times = words[start : start + size], 1
        while words[start + times * size : start + (times + 1) * size] == piece:
            times += 1
        most = MOST_SOUNDS if all(map(_SOUND.fullmatch, piece)) else MOST_TIMES
        if times > most and times * size >= SHARE * len(words):
            return True
        start += 1
    return False


def _compression(text: str) -> float:
    plain = text.encode()
    return len(plain) / len(zlib.compress(plain))

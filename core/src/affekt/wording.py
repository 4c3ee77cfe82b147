"""Are these the same words? Case, punctuation, hyphens, English contractions and digits for small English numbers
do not count; everything else does.
"""

import re
import unicodedata
from collections.abc import Sequence

_CONTRACTIONS = {
    "won't": "will not",
    "can't": "can not",
    "cannot": "can not",
    "n't": " not",
    "'m": " am",
    "'re": " are",
    "'ve": " have",
    "'ll": " will",
    "it's": "it is",
    "that's": "that is",
    "let's": "let us",
}

_SMALL = ["zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve"]
_NUMBERS = {str(number): word for number, word in enumerate(_SMALL)}


def words_of(text: str) -> list[str]:
    """The words of a text of any script: NFKC, lower case, no punctuation, contractions and small numbers spelt."""
    plain = unicodedata.normalize("NFKC", text).lower().replace("’", "'")
    for short, long in _CONTRACTIONS.items():
        plain = plain.replace(short, long)
    return [_NUMBERS.get(word, word) for word in re.findall(r"[^\W_]+(?:'[^\W_]+)*", plain)]


def word_error_rate(said: str, heard: str) -> float:
    """Words to insert, delete or replace, over the words said; may exceed 1. Infinite when words came from nothing."""
    wanted, found = words_of(said), words_of(heard)
    if not wanted:
        return float("inf") if found else 0.0
    return _distance(wanted, found) / len(wanted)


def _distance(wanted: Sequence[str], found: Sequence[str]) -> int:
    """Levenshtein's."""
    row = list(range(len(found) + 1))
    for position, word in enumerate(wanted, start=1):
        before, row[0] = row[0], position
        for column, other in enumerate(found, start=1):
            least = min(row[column] + 1, row[column - 1] + 1, before + (word != other))
            before, row[column] = row[column], least
    return row[-1]

"""Compares words, and counts those that are heard otherwise than they were said.

Case, punctuation, hyphens, English contractions and digits for small English numbers do not count; all else does.
"""

import re
import unicodedata

import jiwer

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


def word_error_rate(reference: str, heard: str) -> float:
    """Words to insert, delete or replace, over the words said; may exceed 1. Infinite when words came from nothing."""
    wanted, heard_words = words_of(reference), words_of(heard)
    if not wanted:
        return float("inf") if heard_words else 0.0
    return float(jiwer.wer(" ".join(wanted), " ".join(heard_words)))

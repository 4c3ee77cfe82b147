"""Words of a text for comparison: lower case, without punctuation, accents kept. Numbers stay as they are written."""

import re
import unicodedata

import jiwer


def spoken_words(text: str) -> list[str]:
    """The words, of any script; an inner apostrophe belongs to its word."""
    plain = unicodedata.normalize("NFKC", text).lower().replace("’", "'")
    return re.findall(r"[^\W_]+(?:'[^\W_]+)*", plain)


def word_errors(reference: str, heard: str) -> float:
    """Words to insert, delete or replace, over the words said (jiwer); may exceed 1.

    Raises:
        ValueError: nothing was to be said.
    """
    wanted = spoken_words(reference)
    if not wanted:
        raise ValueError("there are no words to compare with")
    return float(jiwer.wer(" ".join(wanted), " ".join(spoken_words(heard))))

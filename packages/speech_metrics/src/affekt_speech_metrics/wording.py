"""Word and character error rates by jiwer, after the normalisation of `affekt_reply.wording`.

Normalisation: Unicode NFKC, lower case, English contractions and the numbers 0 to 12 written out, and nothing but words
with single blanks between them: no punctuation, no hyphens. Larger numbers stay as they are written, so a text of
digits should be compared with a transcript of digits.
"""

import jiwer
from affekt import DataError
from affekt_reply.wording import words_of


def normalised(text: str) -> str:
    """The text as both sides are compared."""
    return " ".join(words_of(text))


def word_error_rate(reference: str, heard: str) -> float:
    """Words to insert, delete or replace, over the words said; may exceed 1.

    Raises:
        DataError: nothing was to be said.
    """
    return float(jiwer.wer(_wanted(reference), normalised(heard)))


def character_error_rate(reference: str, heard: str) -> float:
    """The error rate of characters, blanks between words among them.

    Raises:
        DataError: nothing was to be said.
    """
    return float(jiwer.cer(_wanted(reference), normalised(heard)))


def _wanted(reference: str) -> str:
    if not (wanted := normalised(reference)):
        raise DataError("there are no words to compare with", hint="a text with words")
    return wanted

"""Are these the same words? Case, punctuation, hyphens and contractions do not count; everything else does."""

import re

_CONTRACTIONS = {
    "won't": "will not",
    "can't": "cannot",
    "n't": " not",
    "'m": " am",
    "'re": " are",
    "'ve": " have",
    "'ll": " will",
    "it's": "it is",
    "that's": "that is",
}


def words(text: str) -> list[str]:
    """The text in lower case, contractions written out, and without punctuation."""
    text = text.lower().replace("’", "'")
    for short, long in _CONTRACTIONS.items():
        text = text.replace(short, long)
    return re.sub(r"[^a-z0-9' ]", " ", text).replace("can not", "cannot").split()


def errors(said: str, transcribed: str) -> int:
    """Words to insert, delete or replace (Levenshtein) to get from one to the other."""
    wanted, found = words(said), words(transcribed)
    row = list(range(len(found) + 1))
    for position, word in enumerate(wanted, start=1):
        before, row[0] = row[0], position
        for column, other in enumerate(found, start=1):
            before, row[column] = (
                row[column],
                min(row[column] + 1, row[column - 1] + 1, before + (word != other)),
            )
    return row[-1]

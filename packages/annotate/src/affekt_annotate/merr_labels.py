"""MERR's nine words for emotions, from and to those of other data sets."""

from affekt_datasets.vocabulary import vocabularies

PLAIN = {
    "anger": "angry",
    "joy": "happy",
    "happiness": "happy",
    "sadness": "sad",
    "fear": "fearful",
    "fearful": "fearful",
    "surprise": "surprised",
    "surprised": "surprised",
    "disgust": "disgusted",
    "boredom": "bored",
}
"""Frequent spellings → the word of affekt's common vocabulary."""


def in_merr(label: str) -> str | None:
    """The label in MERR's words; None where MERR has no word for it (disgust, calm)."""
    words = vocabularies()["merr"]
    written = label.strip().lower()
    if written in words.labels:
        return written
    wanted = PLAIN.get(written, written)
    return next((own for own in words.labels if words.common.get(own) == wanted), None)


def common(label: str) -> str | None:
    """A label of MERR in the common vocabulary; None where that has no word for it."""
    return vocabularies()["merr"].common.get(label)

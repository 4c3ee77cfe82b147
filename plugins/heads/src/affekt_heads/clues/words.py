"""Which words: the sentences that the words head hears most in."""

import re
from collections.abc import Iterator

import numpy as np
from affekt import Clue, Evidence, Features
from affekt_clues.reason import Reason

from affekt_heads.emotions import EMOTIONS
from affekt_heads.words import WordsHead

CLEAR = 0.25
"""Least log-likelihood ratio for which a sentence is quoted."""
LONGEST = 14
"""Words of a quotation; longer sentences are cut."""


def reasons(evidence: Evidence, features: Features, head: WordsHead) -> Iterator[Reason]:
    """One reason for every sentence and emotion that it clearly speaks for."""
    ratios = head.sentence_ratios(features)
    for row, (begin, end) in zip(ratios, features.clock(), strict=True):
        quotation = quote(words_between(evidence, begin, end))
        supports = tuple(EMOTIONS[i] for i in np.flatnonzero((row >= CLEAR) & (row >= row.max() - 1e-9)))
        if quotation and supports:
            yield Reason(
                clue=Clue(
                    modality="text",
                    start=float(begin),
                    end=float(end),
                    text=f"the words “{quotation}”",
                    checked=False,
                ),
                supports=supports,
                strength=float(np.clip(row.max() / 2, 0, 1)),
            )


def words_between(evidence: Evidence, begin: float, end: float) -> str:
    """What is said in a span; all of it where the words have no times."""
    if not evidence.clip.words or end <= begin:
        return evidence.clip.text or ""
    said = [
        word.text.strip() for word in evidence.clip.words if begin - 0.05 <= (word.start + word.end) / 2 <= end + 0.05
    ]
    return " ".join(said)


def quote(text: str) -> str:
    """Short enough to be read at a glance."""
    words = re.sub(r"\s+", " ", text).strip(' "“”').split(" ")
    return " ".join(words) if len(words) <= LONGEST else " ".join(words[:LONGEST]) + " …"

"""Which words: the sentences that the words head hears most in."""

from collections.abc import Iterator

import numpy as np
from affekt import Clue, Evidence, Features
from affekt_clues.reason import Reason
from affekt_clues.words import cited, quote, words_between

from affekt_heads.emotions import EMOTIONS
from affekt_heads.words import WordsHead

CLEAR = 0.25
"""Least log-likelihood ratio for which a sentence is quoted."""


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
                    text=cited(evidence.clip, quotation),
                    checked=False,
                ),
                supports=supports,
                strength=float(np.clip(row.max() / 2, 0, 1)),
            )

"""Whether a voice is recognised better relative to its neutral: decision 0081, on actors the voice head never heard.

Every emotional recording is judged by itself and relative to the neutral ones of the same speaker and sentence
(`affekt_reply.relative_to_neutral`), choosing among emotions that Kokoro speaks; as it is, and with a part of its
change from neutral, as weaker expressions have it.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from affekt import EmotionPrediction
from affekt_heads.emotions import PRIOR
from affekt_heads.opinion import normalise
from affekt_reply import relative_to_neutral
from jaxtyping import Float64

from affekt_training.heads.scored import Scored

ANSWERS = ("neutral", "happy", "sad", "angry", "fearful", "disgusted", "surprised")
TRUST = 0.6
"""The trust that the default pipeline has in a voice."""
SENTENCE: Mapping[str, slice] = {"ravdess": slice(12, 14), "emodb": slice(2, 5)}
"""Where the name of a recording tells the sentence."""


@dataclass(frozen=True, kw_only=True)
class Recognition:
    """Shares of recordings that are recognised."""

    by_itself: float
    relative: float
    """Relative to the speaker's neutral."""
    count: int


def recognition(scored: Scored, corpus: str, change: float = 1.0) -> tuple[Recognition, Recognition]:
    """(emotional recordings, neutral ones).

    Args:
        scored: what heads say that never heard a clip's speaker.
        change: of the distance from the speaker's neutral in log-probabilities, the part that is kept.
    """
    logs = np.log(np.maximum(scored.probabilities, 1e-12))
    right = [
        (scored.labels[scored.truth[index]] == "neutral", *_right(scored, logs[index], plain, index, change))
        for index, plain in _neutral(scored, corpus, logs)
    ]
    return _share([row[1:] for row in right if not row[0]]), _share([row[1:] for row in right if row[0]])


def _neutral(
    scored: Scored, corpus: str, logs: Float64[np.ndarray, "clip label"]
) -> Iterator[tuple[int, Float64[np.ndarray, "label"]]]:
    """(recording, mean of the other neutral ones of its speaker and sentence)."""
    sentences = [(group, name[SENTENCE[corpus]]) for group, name in zip(scored.groups, scored.ids, strict=True)]
    calm = scored.truth == scored.labels.index("neutral")
    for index, sentence in enumerate(sentences):
        others = [other for other in np.flatnonzero(calm) if sentences[other] == sentence and other != index]
        if others and scored.labels[scored.truth[index]] in ANSWERS:
            yield index, logs[others].mean(axis=0)


def _right(
    scored: Scored, logs: Float64[np.ndarray, "label"], plain: Float64[np.ndarray, "label"], index: int, change: float
) -> tuple[bool, bool]:
    heard = _prediction(scored.labels, plain + change * (logs - plain))
    shares = relative_to_neutral(heard, _prediction(scored.labels, plain), ANSWERS)
    alone = max(shares, key=lambda name: heard.scores[name])
    truth = scored.labels[scored.truth[index]]
    return alone == truth, max(shares, key=lambda name: shares[name]) == truth


def _prediction(labels: Sequence[str], logs: Float64[np.ndarray, "label"]) -> EmotionPrediction:
    expected = np.log([PRIOR[label] for label in labels])
    return EmotionPrediction(scores=dict(zip(labels, normalise(TRUST * logs + expected).tolist(), strict=True)))


def _share(right: Sequence[tuple[bool, ...]]) -> Recognition:
    by_itself, relative = np.mean(right, axis=0) if right else (np.nan, np.nan)
    return Recognition(by_itself=float(by_itself), relative=float(relative), count=len(right))

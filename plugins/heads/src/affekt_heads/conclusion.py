"""From the fused distribution to the prediction: scores, course, reasons, and whether anything is claimed at all."""

import numpy as np
from affekt import EmotionPrediction, Moment, why_unclaimed
from affekt_clues import phrasing
from jaxtyping import Bool, Float64

from affekt_heads.clues.selection import select
from affekt_heads.emotions import EMOTIONS, valence_arousal
from affekt_heads.hearing import Hearing
from affekt_heads.rationale import compose
from affekt_heads.timeline import stretches_of
from affekt_heads.words import WordsHead

LEAST_EVIDENCE = 0.02
"""Nats by which the evidence must move the prior, on average, to count as having told anything."""
ALSO = 0.2
"""A second emotion of at least this probability is named beside the first."""


def nothing_observed(hearing: Hearing, abstain_below: float) -> EmotionPrediction:
    """An abstention: there was no face, no voice and no words where any were looked for."""
    reason = phrasing.nothing(hearing.unheard)
    return EmotionPrediction(
        scores=dict.fromkeys(EMOTIONS, 1 / len(EMOTIONS)),
        abstained=reason,
        nothing_to_judge=not any(modality.instead for modality in hearing.unheard),
        claims_from=abstain_below,
        rationale=f"Nothing is claimed: {reason}. {phrasing.silences(hearing.unheard)}".strip(),
    )


def conclude(
    hearing: Hearing,
    posterior: Float64[np.ndarray, "moment emotion"],
    observed: Bool[np.ndarray, "moment"],
    abstain_below: float,
    head: WordsHead | None,
    slot: str | None,
) -> EmotionPrediction:
    """The prediction for a clip of which at least one moment was observed."""
    lengths = np.maximum(hearing.spans[:, 1] - hearing.spans[:, 0], 1e-6) * observed
    weights = lengths / lengths.sum()
    scores = weights @ posterior
    stretches = stretches_of(hearing.spans, posterior, observed)
    clues = select(hearing, stretches, head, slot)
    abstained = _abstention(hearing, posterior, weights, abstain_below)
    valence, arousal = valence_arousal(scores)
    order = np.argsort(-scores)
    return EmotionPrediction(
        scores=_named(scores),
        labels=tuple(EMOTIONS[i] for rank, i in enumerate(order) if rank == 0 or scores[i] >= ALSO),
        valence=valence,
        arousal=arousal,
        rationale=compose(hearing, scores, stretches, clues, abstained),
        clues=tuple(clues),
        abstained=abstained,
        claims_from=abstain_below,
        timeline=tuple(
            _moment(float(begin), float(end), row)
            for (begin, end), row, was_observed in zip(hearing.spans, posterior, observed, strict=True)
            if was_observed
        ),
    )


def _abstention(
    hearing: Hearing,
    posterior: Float64[np.ndarray, "moment emotion"],
    weights: Float64[np.ndarray, "moment"],
    abstain_below: float,
) -> str | None:
    """Why nothing is claimed; None when the likeliest emotion has the score from which one is."""
    moved = weights @ (posterior * np.log(posterior / hearing.prior)).sum(axis=1)
    if moved < LEAST_EVIDENCE:
        return "what was observed hardly tells the emotions apart"
    return why_unclaimed(_named(weights @ posterior), abstain_below)


def _moment(start: float, end: float, row: Float64[np.ndarray, "emotion"]) -> Moment:
    valence, arousal = valence_arousal(row)
    return Moment(start=start, end=end, scores=_named(row), valence=valence, arousal=arousal)


def _named(row: Float64[np.ndarray, "emotion"]) -> dict[str, float]:
    return {emotion: float(score) for emotion, score in zip(EMOTIONS, row, strict=True)}

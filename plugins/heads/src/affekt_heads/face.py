"""The face's opinion: the class probabilities of an expression classifier, frame by frame, as evidence."""

from dataclasses import replace

import numpy as np
from affekt import Features
from affekt_clues.expression import FER2013_COUNTS, LABELS, TALKING, smiling
from jaxtyping import Bool, Float64

from affekt_heads.emotions import EMOTIONS
from affekt_heads.moments import Spans, inside
from affekt_heads.opinion import Opinion, gather, ratios


def refuse(features: Features) -> str | None:
    """What is wrong with features that are not the probabilities of these classes; None when nothing is."""
    if features.names is None or set(features.names) != set(LABELS):
        return f"it needs one column of probabilities for each of {', '.join(LABELS)}"
    if features.values.min(initial=0.0) < -1e-4 or np.abs(features.values.sum(axis=1) - 1).max(initial=0.0) > 1e-2:
        return "its columns should be probabilities that sum to 1 in every row"
    return None


def opinion(features: Features, moments: Spans, units: Features | None, talking: Bool[np.ndarray, "moment"]) -> Opinion:
    """Averages the log-likelihood ratios of the frames in every moment.

    Args:
        units: action units of the same face, where the pipeline has them: a smile needs raised lip corners.
        talking: in which moments somebody speaks.
    """
    clock = features.clock()
    rows = frame_ratios(features)
    if units is not None and len(units.values):
        happy = EMOTIONS.index("happy")
        rows[:, happy] = np.where(rows[:, happy] > 0, rows[:, happy] * smiling(units, clock), rows[:, happy])
    unweighted = gather("face", [rows[inside(clock, begin, end)] for begin, end in moments])
    return replace(unweighted, ratios=unweighted.ratios * np.where(talking, TALKING, 1.0)[:, None])


def frame_ratios(features: Features) -> Float64[np.ndarray, "frame emotion"]:
    """Log-likelihood ratios of every frame."""
    counts = np.array([FER2013_COUNTS[label] for label in LABELS], dtype=np.float64)
    posterior = np.stack([features.column(label) for label in LABELS], axis=1).astype(np.float64)
    posterior = np.clip(posterior, 0.0, 1.0)
    return ratios(LABELS, posterior / posterior.sum(axis=1, keepdims=True), counts / counts.sum())

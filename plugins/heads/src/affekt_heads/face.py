"""The face's opinion: the class probabilities of an expression classifier, frame by frame, as evidence."""

from types import MappingProxyType

import numpy as np
from affekt import Features
from jaxtyping import Float64

from affekt_heads.moments import Spans, inside
from affekt_heads.opinion import Opinion, gather, ratios

FER2013_COUNTS = MappingProxyType(
    {
        "angry": 3995,
        "disgusted": 436,
        "fearful": 4097,
        "happy": 7215,
        "neutral": 4965,
        "sad": 4830,
        "surprised": 3171,
    }
)
"""Pictures a class in FER2013's official training split (Goodfellow et al., 2013).

The classifier is calibrated on the public test split, whose shares are the same to within a percent; dividing them out
leaves what the picture says. A calm or a bored face is labelled neutral there: see `emotions.FAMILIES`.
"""

LABELS = tuple(FER2013_COUNTS)


def refuse(features: Features) -> str | None:
    """What is wrong with features that are not the probabilities of these classes; None when nothing is."""
    if features.names is None or set(features.names) != set(LABELS):
        return f"it needs one column of probabilities for each of {', '.join(LABELS)}"
    if features.values.min(initial=0.0) < -1e-4 or np.abs(features.values.sum(axis=1) - 1).max(initial=0.0) > 1e-2:
        return "its columns should be probabilities that sum to 1 in every row"
    return None


def opinion(features: Features, moments: Spans) -> Opinion:
    """Averages the log-likelihood ratios of the frames in every moment."""
    clock = features.clock()
    rows = frame_ratios(features)
    return gather("face", [rows[inside(clock, begin, end)] for begin, end in moments])


def frame_ratios(features: Features) -> Float64[np.ndarray, "frame emotion"]:
    """Log-likelihood ratios of every frame."""
    counts = np.array([FER2013_COUNTS[label] for label in LABELS], dtype=np.float64)
    posterior = np.stack([features.column(label) for label in LABELS], axis=1).astype(np.float64)
    posterior = np.clip(posterior, 0.0, 1.0)
    return ratios(LABELS, posterior / posterior.sum(axis=1, keepdims=True), counts / counts.sum())

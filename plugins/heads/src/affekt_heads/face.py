"""The face's opinion: the class probabilities of an expression classifier, frame by frame, as evidence."""

from dataclasses import replace
from types import MappingProxyType

import numpy as np
from affekt import Features
from affekt_clues.facs import code
from jaxtyping import Bool, Float64

from affekt_heads.emotions import EMOTIONS
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

The classifier is calibrated on held-out training faces, whose shares are the same; dividing them out
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


SMILE = 0.2
"""Height of AU12, the raised lip corners, from which a happy face is believed as it is."""
NO_SMILE = 0.4
"""What is left of the evidence for happy where the lip corners stay down: on FER2013's public test split such pictures
are happy in 42 % of the cases in which the classifier says 58 %, which is half the log ratio; a little is taken off for
videos, where the mouth is seen more sharply."""
TALKING = 0.5
"""What is left of the face's evidence while the person talks: the mouth then shapes words, and an open mouth that shows
teeth looks like a smile to a classifier of photographs. By judgement."""


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
    said = gather("face", [rows[inside(clock, begin, end)] for begin, end in moments])
    return replace(said, ratios=said.ratios * np.where(talking, TALKING, 1.0)[:, None])


def smiling(units: Features, clock: Float64[np.ndarray, "frame 2"]) -> Float64[np.ndarray, "frame"]:
    """How far the lip corners support a smile in every frame: `NO_SMILE` to 1; 1 where no AU12 is known."""
    names = {code(name): name for name in units.names or ()}
    if "AU12" not in names:
        return np.ones(len(clock))
    raised = np.interp(clock.mean(axis=1), units.clock().mean(axis=1), units.column(names["AU12"]).astype(np.float64))
    return NO_SMILE + (1 - NO_SMILE) * np.clip(raised / SMILE, 0.0, 1.0)


def frame_ratios(features: Features) -> Float64[np.ndarray, "frame emotion"]:
    """Log-likelihood ratios of every frame."""
    counts = np.array([FER2013_COUNTS[label] for label in LABELS], dtype=np.float64)
    posterior = np.stack([features.column(label) for label in LABELS], axis=1).astype(np.float64)
    posterior = np.clip(posterior, 0.0, 1.0)
    return ratios(LABELS, posterior / posterior.sum(axis=1, keepdims=True), counts / counts.sum())

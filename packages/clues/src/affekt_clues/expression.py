"""What an expression is worth as evidence: less in a mouth that talks, and in a smile that moves no lip corner."""

from collections.abc import Mapping
from dataclasses import replace
from types import MappingProxyType

import numpy as np
from affekt import Clip, Features
from jaxtyping import Bool, Float64

from affekt_clues.facs import code
from affekt_clues.speech import SOME, seconds, spoken

FER2013_COUNTS: Mapping[str, int] = MappingProxyType(
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
leaves what the picture says. A calm or a bored face is labelled neutral there.
"""
LABELS = tuple(FER2013_COUNTS)
DOUBT = 0.02
"""How far a probability may be off: about the calibration error of the classifier. Added to a probability and to its
prior before they are divided."""
SMILE = 0.2
"""Height of AU12, the raised lip corners, from which a happy face is believed as it is."""
NO_SMILE = 0.4
"""What is left of the evidence for happy where the lip corners stay down: on FER2013's public test split such pictures
are happy in 42 % of the cases in which the classifier says 58 %, which is half the log ratio; a little is taken off for
videos, where the mouth is seen more sharply."""
TALKING = 0.5
"""What is left of the face's evidence while the person talks: the mouth then shapes words, and an open mouth that shows
teeth looks like a smile to a classifier of photographs. By judgement."""


def is_expression(features: Features) -> bool:
    """Whether the columns are those of an expression classifier with FER2013's classes."""
    return features.names is not None and set(features.names) == set(LABELS)


def smiling(units: Features, clock: Float64[np.ndarray, "frame 2"]) -> Float64[np.ndarray, "frame"]:
    """How far the lip corners support a smile in every frame: `NO_SMILE` to 1; 1 where no AU12 is known."""
    names = {code(name): name for name in units.names or ()}
    if "AU12" not in names:
        return np.ones(len(clock))
    raised = np.interp(clock.mean(axis=1), units.clock().mean(axis=1), units.column(names["AU12"]).astype(np.float64))
    support: Float64[np.ndarray, "frame"] = NO_SMILE + (1 - NO_SMILE) * np.clip(raised / SMILE, 0.0, 1.0)
    return support


def sober(features: Features, clip: Clip, units: Features | None, prosody: Features | None) -> Features:
    """The probabilities of an expression classifier, weighed for a video of a person who may talk.

    The log-likelihood ratios of every frame shrink to `TALKING` where there is a voice in the second around it, and
    those for happy to what `smiling` leaves; the ratios become probabilities again. Where neither applies, the
    frame stays as it is.

    Args:
        features: for which `is_expression` holds.
        units: action units of the same face.
        prosody: of the same clip.
    """
    names, clock = list(features.names or ()), features.clock()
    counts = np.array([FER2013_COUNTS[name] for name in names], dtype=np.float64)
    before = np.log(counts / counts.sum() + DOUBT)
    ratios = np.log(np.clip(features.values.astype(np.float64), 0.0, 1.0) + DOUBT) - before
    if units is not None and len(units.values):
        happy = names.index("happy")
        ratios[:, happy] *= np.where(ratios[:, happy] > 0, smiling(units, clock), 1.0)
    ratios *= np.where(talking(clip, prosody, clock), TALKING, 1.0)[:, None]
    shares = np.clip(np.exp(before + ratios) - DOUBT, 0.0, None)
    return replace(features, values=(shares / shares.sum(axis=1, keepdims=True)).astype(np.float32))


def talking(clip: Clip, prosody: Features | None, clock: Float64[np.ndarray, "frame 2"]) -> Bool[np.ndarray, "frame"]:
    """Says in which frames the person talks: those with some voice in the second around them."""
    stretches = spoken(clip, prosody)
    if stretches is None or not len(stretches):
        return np.zeros(len(clock), dtype=bool)
    middle = clock.mean(axis=1)
    around = np.stack([middle - 0.5, middle + 0.5], axis=1)
    talks: Bool[np.ndarray, "frame"] = seconds(around, stretches) >= SOME
    return talks

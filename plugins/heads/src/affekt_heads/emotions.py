"""The emotions of the default pipeline, as data: their order, where they lie, and how often one meets them."""

from collections.abc import Mapping, Sequence
from types import MappingProxyType

import numpy as np
from jaxtyping import Float64

EMOTIONS = ("neutral", "calm", "happy", "sad", "angry", "fearful", "disgusted", "surprised", "bored")
"""Every distribution of this package is over these nine, in this order."""

COORDINATES: Mapping[str, tuple[float, float]] = MappingProxyType(
    {
        "neutral": (0.0, 0.0),
        "calm": (0.34, -0.46),
        "happy": (0.81, 0.51),
        "sad": (-0.63, -0.27),
        "angry": (-0.51, 0.59),
        "fearful": (-0.64, 0.60),
        "disgusted": (-0.60, 0.35),
        "surprised": (0.40, 0.67),
        "bored": (-0.65, -0.62),
    }
)
"""Emotion → (valence, arousal), each −1 to 1.

After the pleasure and arousal that Russell and Mehrabian (1977, "Evidence for a three-factor theory of emotions")
measured for these words, quoted from memory. Neutral is the origin by definition. "Calm" is their "relaxed"
(0.68, −0.46) with half its pleasure, by our judgement: a calm voice need not be a pleased one.
"""

PRIOR: Mapping[str, float] = MappingProxyType(
    {
        "neutral": 0.19,
        "calm": 0.06,
        "happy": 0.175,
        "sad": 0.11,
        "angry": 0.14,
        "fearful": 0.07,
        "disgusted": 0.07,
        "surprised": 0.145,
        "bored": 0.04,
    }
)
"""What is expected before anything is seen, heard or read.

Half way (the geometric mean) between the shares of everyday conversation (MELD's training split: neutral .47, joy .17,
surprise .12, anger .11, sadness .07, disgust .03, fear .03) and no preference. MELD's neutral is shared out among
neutral, calm and bored in about 13 : 4 : 3, by our judgement.
"""

FAMILIES: Mapping[str, tuple[str, ...]] = MappingProxyType({"neutral": ("neutral", "calm", "bored")})
"""What a face or words are called where they cannot be told apart: a calm or bored face is labelled neutral.

A head that does not know "calm" treats it as its family, so that it neither favours nor punishes it.
"""


def members(label: str) -> tuple[str, ...]:
    """The emotions that a head's label stands for."""
    return FAMILIES.get(label, (label,))


def spread(labels: Sequence[str], values: Float64[np.ndarray, "row label"]) -> Float64[np.ndarray, "row emotion"]:
    """Gives each of the nine emotions the value of the label that stands for it."""
    column = {emotion: index for index, label in enumerate(labels) for emotion in members(label)}
    return values[:, [column[emotion] for emotion in EMOTIONS]]


def as_array(shares: Mapping[str, float]) -> Float64[np.ndarray, "emotion"]:
    """A distribution as an array in the order of `EMOTIONS`, scaled to sum to 1."""
    values = np.array([shares[emotion] for emotion in EMOTIONS], dtype=np.float64)
    distribution: Float64[np.ndarray, "emotion"] = values / values.sum()
    return distribution


def valence_arousal(scores: Float64[np.ndarray, "emotion"]) -> tuple[float, float]:
    """The expected valence and arousal under a distribution."""
    points = np.array([COORDINATES[emotion] for emotion in EMOTIONS])
    valence, arousal = scores @ points
    return float(valence), float(arousal)

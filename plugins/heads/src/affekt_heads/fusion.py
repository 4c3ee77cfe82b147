"""Joins what voice, face and words say: a log-linear opinion pool over moments.

    log P(emotion | all) = log prior + n^(−½) · Σ trust · log-likelihood ratio        (n effective witnesses)

See docs/decisions/0020-fusing-voice-face-and-words.md for the choice of the exponents.
"""

from collections.abc import Sequence

import numpy as np
from jaxtyping import Bool, Float64

from affekt_heads.opinion import Opinion, normalise

KERNEL = (0.25, 0.5, 0.25)
"""How far a moment listens to its neighbours."""


def fuse(
    opinions: Sequence[Opinion], prior: Float64[np.ndarray, "emotion"]
) -> tuple[Float64[np.ndarray, "moment emotion"], Bool[np.ndarray, "moment"]]:
    """The distribution of every moment, and which moments were observed by anybody.

    Modalities that observed nothing at a moment are left out of it. An unobserved moment holds the prior and is to be
    ignored. n modalities that say the same count as √n of them: half way between independent witnesses (n) and
    copies of one another (1), for the same person moves face, voice and words. One that says next to nothing does not
    count as a witness.
    """
    ratios = np.stack([opinion.trust * _smooth(opinion) for opinion in opinions])
    loudness = ratios.std(axis=2)
    witnesses = loudness.sum(axis=0) ** 2 / np.maximum((loudness**2).sum(axis=0), 1e-12)
    pooled = ratios.sum(axis=0) / np.sqrt(np.maximum(witnesses, 1.0))[:, None]
    return normalise(np.log(prior) + pooled), np.any([opinion.observed for opinion in opinions], axis=0)


def _smooth(opinion: Opinion) -> Float64[np.ndarray, "moment emotion"]:
    """Each observed moment averaged with its observed neighbours."""
    padded = np.pad(opinion.ratios, ((1, 1), (0, 0)))
    present = np.pad(opinion.observed.astype(np.float64), 1)
    size = len(opinion.ratios)
    total = sum(weight * padded[shift : shift + size] for shift, weight in enumerate(KERNEL))
    share = sum(weight * present[shift : shift + size] for shift, weight in enumerate(KERNEL))
    smoothed = total / np.maximum(share, KERNEL[0])[:, None]
    return np.where(opinion.observed[:, None], smoothed, 0.0)

"""What one modality says about every moment of a clip, in a form that can be weighed against the others."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from affekt import Modality
from jaxtyping import Bool, Float64

from affekt_heads.emotions import EMOTIONS, spread

DOUBT = 0.02
"""How far a probability may be off: about the calibration error of the heads. Added to a posterior and to its prior, it
keeps a head from ruling anything out, and from finding much in a rare emotion whose probability goes from 1 to 2 %."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Opinion:
    """The log-likelihood ratios of one modality: above 0 where it speaks for an emotion, below where against."""

    modality: Modality
    ratios: Float64[np.ndarray, "moment emotion"]
    """log p(observed | emotion) − log p(observed); rows of unobserved moments are 0 and say nothing."""
    observed: Bool[np.ndarray, "moment"]
    trust: float = 1.0
    """Exponent of the likelihood ratios: below 1 for a head that meets recordings unlike those it learnt from."""

    def shares(self, prior: Float64[np.ndarray, "emotion"]) -> Float64[np.ndarray, "emotion"]:
        """What this modality alone would conclude, as a mean over the moments it observed."""
        alone = normalise(np.log(prior) + self.trust * self.ratios[self.observed])
        mean: Float64[np.ndarray, "emotion"] = alone.mean(axis=0)
        return mean


def ratios(
    labels: Sequence[str], posterior: Float64[np.ndarray, "row label"], prior: Float64[np.ndarray, "label"]
) -> Float64[np.ndarray, "row emotion"]:
    """Turns a head's calibrated posterior into log-likelihood ratios over the nine emotions.

    Dividing by the prior the head was calibrated under leaves what the evidence itself says, so that heads trained on
    different mixtures of emotions can be combined.
    """
    return spread(labels, np.log(posterior + DOUBT) - np.log(prior + DOUBT))


def gather(modality: Modality, rows: Sequence[Float64[np.ndarray, "row emotion"]]) -> Opinion:
    """Averages the rows of every moment. Neighbouring rows see nearly the same, so they must not add up."""
    means = [row.mean(axis=0) if len(row) else np.zeros(len(EMOTIONS)) for row in rows]
    return Opinion(
        modality=modality, ratios=np.array(means), observed=np.array([len(row) > 0 for row in rows], dtype=bool)
    )


def normalise(logits: Float64[np.ndarray, "row emotion"]) -> Float64[np.ndarray, "row emotion"]:
    """The distribution whose logarithm is `logits` up to a constant."""
    shifted = np.exp(logits - logits.max(axis=-1, keepdims=True))
    scaled: Float64[np.ndarray, "row emotion"] = shifted / shifted.sum(axis=-1, keepdims=True)
    return scaled

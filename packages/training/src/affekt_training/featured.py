"""One sample with its emotion and its features, and the sets of samples that lie in no folder."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from affekt_datasets import Sample
from jaxtyping import Float32

from affekt_training.features import Lazy

ASTERISK = "asterisk-prompts"
WITHOUT_FOLDER = (ASTERISK, "meld-lines", "emorynlp-lines")
"""Sets that lie in no folder, see `heads.sample_sets`."""


@dataclass(frozen=True, kw_only=True, eq=False)
class FeaturedSample:
    """A sample, its emotion in the run's labels, and its features."""

    sample: Sample
    set: str
    label: str | None
    """The emotion in the run's labels; None where the data set's own has no counterpart there."""
    named: frozenset[str]
    """The run's labels that the data set has a name for."""
    copies: tuple[Mapping[str, Lazy], ...]
    """The features of the sample and of altered copies of it: slot → features."""

    @property
    def group(self) -> str:
        """Who speaks, or the sample itself: what is never divided between training and validation."""
        return self.sample.speaker or f"{self.set}-{self.sample.id}"

    def vector(self, slot: str, copy: int = 0) -> Float32[np.ndarray, "dim"] | None:
        """The mean row of a slot; None where live features turn out to be missing."""
        values = self.copies[copy][slot].values
        if values is None:
            return None
        mean: Float32[np.ndarray, "dim"] = values.mean(axis=0, dtype=np.float32)
        return mean

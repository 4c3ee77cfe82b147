"""Whether a sound in which nobody says words is a voice: a laugh, a sob, a scream, and no music, noise or effect."""

from collections.abc import Mapping
from dataclasses import dataclass
from importlib.resources import as_file, files
from pathlib import Path
from typing import Self

import numpy as np
from jaxtyping import Float32, Float64
from safetensors.numpy import load_file

PROBE = "data/vocal_probe.safetensors"


@dataclass(frozen=True, kw_only=True, eq=False)
class VocalProbe:
    """A logistic regression over the statistics of a window (`voice.LoudnessProbe.pool`)."""

    weight: Float32[np.ndarray, "statistic"]
    bias: float

    @classmethod
    def shipped(cls) -> Self:
        """The probe of this package, fitted by `affekt_training.heads.vocal`; cards/vocal.md says on what."""
        with as_file(files("affekt_heads").joinpath(PROBE)) as path:
            return cls.of(load_file(Path(path)))

    @classmethod
    def of(cls, tensors: Mapping[str, np.ndarray]) -> Self:
        """The probe from the tensors of a file."""
        return cls(weight=tensors["weight"].astype(np.float32), bias=float(tensors["bias"][0]))

    def __call__(self, statistics: Float32[np.ndarray, "window statistic"]) -> Float64[np.ndarray, "window"]:
        """The probability of a voice in each window."""
        level = statistics.astype(np.float64) @ self.weight.astype(np.float64) + self.bias
        return np.asarray(1 / (1 + np.exp(-np.clip(level, -50, 50))))

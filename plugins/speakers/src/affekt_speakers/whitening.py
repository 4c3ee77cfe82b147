"""Voices with the directions in which one person's emotions differ made small.

Emotion is in speaker embeddings: voices of one person in two emotions may be further apart than calm voices of two
people. The mean and the covariance of voices within a person, over acted emotions, give the map (within-class
covariance normalisation, Hatch et al., 2006); `training/fit_whitening.py` fits it, and `MODEL_CARD.md` says on whom.
"""

from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Self

import numpy as np
from jaxtyping import Float32, Float64
from safetensors.numpy import load_file, save_file

FILE = "whitening.safetensors"


@dataclass(frozen=True, eq=False)
class Whitening:
    """An affine map of voices."""

    mean: Float32[np.ndarray, "192"]
    map: Float32[np.ndarray, "192 dim"]

    def __call__(self, voices: Float32[np.ndarray, "voice 192"]) -> Float32[np.ndarray, "voice dim"]:
        """Rows of length 1."""
        mapped = (voices - self.mean) @ self.map
        return mapped / np.linalg.norm(mapped, axis=1, keepdims=True).clip(min=1e-9)

    def save(self, path: Path) -> None:
        """Writes the map."""
        save_file({"mean": self.mean, "map": self.map}, path)

    @classmethod
    def load(cls, path: Path) -> Self:
        """Reads what `save` wrote."""
        tensors = load_file(path)
        return cls(mean=tensors["mean"], map=tensors["map"])


@cache
def shipped() -> Whitening:
    """The map that comes with the plugin."""
    return Whitening.load(Path(str(files("affekt_speakers").joinpath(FILE))))


def fit(voices: Float32[np.ndarray, "voice 192"], people: np.ndarray, *, shrinkage: float, size: int) -> Whitening:
    """Whitens what differs within a person, then keeps the directions in which people differ most.

    Args:
        people: who each row belongs to.
        shrinkage: 0 takes the covariance within people as it is, 1 nothing but its mean variance.
        size: directions that are kept.
    """
    mean = voices.mean(axis=0)
    centres = {person: voices[people == person].mean(axis=0) for person in np.unique(people)}
    inner = voices - np.array([centres[person] for person in people])
    within = np.cov(inner, rowvar=False, bias=True)
    within = (1 - shrinkage) * within + shrinkage * np.trace(within) / len(within) * np.eye(len(within))
    values, vectors = np.linalg.eigh(within)
    white: Float64[np.ndarray, "192 192"] = vectors / np.sqrt(values) @ vectors.T
    between = np.cov((np.array(list(centres.values())) - mean) @ white, rowvar=False, bias=True)
    directions = np.linalg.eigh(between)[1][:, ::-1][:, :size]
    return Whitening(mean=mean.astype(np.float32), map=(white @ directions).astype(np.float32))

"""The words' opinion: a small head on sentence vectors, trained by affekt-training and run in NumPy."""

import json
from contextlib import nullcontext
from dataclasses import dataclass
from functools import cached_property
from importlib.resources import as_file, files
from pathlib import Path

import numpy as np
from affekt import DataError, Features
from affekt.trained_with import TrainedWith
from jaxtyping import Float64
from safetensors import SafetensorError, safe_open

from affekt_heads.emotions import EMOTIONS
from affekt_heads.moments import Spans, overlap
from affekt_heads.opinion import Opinion, normalise, ratios

SHIPPED = "data/words.safetensors"


@dataclass(frozen=True, kw_only=True, eq=False)
class WordsHead:
    """A linear head: sentence vector → calibrated distribution over its labels."""

    weight: Float64[np.ndarray, "dim label"]
    bias: Float64[np.ndarray, "label"]
    labels: tuple[str, ...]
    prior: Float64[np.ndarray, "label"]
    """The shares of the labels under which the posterior is calibrated; fusion divides them out."""
    encoder: str
    """The component whose vectors it reads."""

    @classmethod
    def load(cls, path: Path | None = None) -> "WordsHead":
        """Reads a head file; the shipped one by default.

        Raises:
            DataError: the file is not a words head.
        """
        with as_file(files("affekt_heads").joinpath(SHIPPED)) if path is None else nullcontext(path) as file:
            try:
                with safe_open(file, framework="numpy") as tensors:
                    card = json.loads((tensors.metadata() or {})["head"])
                    return cls(
                        weight=tensors.get_tensor("weight").astype(np.float64),
                        bias=tensors.get_tensor("bias").astype(np.float64),
                        labels=tuple(card["labels"]),
                        prior=tensors.get_tensor("prior").astype(np.float64),
                        encoder=card["encoder"],
                    )
            except (OSError, KeyError, ValueError, SafetensorError) as error:
                raise DataError(
                    f'"{path}" is not a words head: {error}', hint="a file written by `affekt heads train words`"
                ) from error

    @property
    def trained_with(self) -> TrainedWith:
        """The encoder it was trained with."""
        return TrainedWith(use=self.encoder, options={"model": "all-minilm-l6", "adapter": "minilm-emotions"})

    @cached_property
    def needs(self) -> str:
        """What it reads, for messages."""
        return f"sentence vectors of {self.encoder}, {self.weight.shape[0]} wide"

    def refuse(self, features: Features) -> str | None:
        """What is wrong with features it was not trained on; None when nothing is."""
        width = features.values.shape[1]
        return None if width == self.weight.shape[0] else f"the words head knows only {self.needs}; found {width}"

    def posterior(self, features: Features) -> Float64[np.ndarray, "sentence label"]:
        """The calibrated distribution of every sentence."""
        return normalise(features.values.astype(np.float64) @ self.weight + self.bias)

    def sentence_ratios(self, features: Features) -> Float64[np.ndarray, "sentence emotion"]:
        """Log-likelihood ratios of every sentence."""
        return ratios(self.labels, self.posterior(features), self.prior)

    def opinion(self, features: Features, moments: Spans) -> Opinion:
        """What the sentences spoken at every moment say; text without times speaks for the whole clip."""
        rows, clock = self.sentence_ratios(features), features.clock()
        timeless = clock[:, 1].max(initial=0.0) <= 0.0
        ratios, observed = np.zeros((len(moments), len(EMOTIONS))), np.zeros(len(moments), dtype=bool)
        for index, (begin, end) in enumerate(moments):
            weight = np.ones(len(rows)) if timeless else overlap(clock, begin, end)
            if weight.sum() > 0:
                ratios[index], observed[index] = weight @ rows / weight.sum(), True
        return Opinion(modality="text", ratios=ratios, observed=observed)

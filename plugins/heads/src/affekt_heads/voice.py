"""The voice's opinion: a small head on Whisper's encoder, trained by affekt-training and run in NumPy.

The recipe, from features to a distribution:

1. Rows of Whisper's encoder, 20 ms each, layers 1 to 4 side by side, made by `affekt-whisper` on unpadded sound.
2. How loud a row is, in dB, read from the row itself by a linear probe on layer 1, so that nothing but the features is
   needed. Rows more than 25 dB under the loud ones of the window are pauses and are left out.
3. Mean and standard deviation of the remaining rows, column by column.
4. A linear softmax, or several small networks whose logits are averaged.
"""

import json
import re
from collections.abc import Mapping
from contextlib import nullcontext
from dataclasses import dataclass
from functools import cached_property
from importlib.resources import as_file, files
from pathlib import Path

import numpy as np
from affekt import DataError, Features, plugins
from affekt.trained_with import TrainedWith
from jaxtyping import Bool, Float32, Float64
from safetensors import SafetensorError, safe_open
from safetensors.numpy import load_file

from affekt_heads.emotions import EMOTIONS
from affekt_heads.moments import Spans, inside
from affekt_heads.opinion import normalise

SHIPPED = "data/voice.safetensors"
PROBE = "data/loudness_probe.safetensors"
LAYERS = (1, 2, 3, 4)
WIDTH = 512
"""Columns a layer of Whisper base."""
WHISPER = TrainedWith(
    use="whisper",
    options={"model": "whisper-base", "adapter": None, "layer": list(LAYERS), "pool": "none"},
)
"""What the shipped head was trained with."""
PAUSE = 25.0
"""Decibels under the loud rows (their 95th percentile) from which a row counts as a pause."""
FEWEST = 5
"""Rows: where fewer are left, all of the window's rows are taken."""


@dataclass(frozen=True, kw_only=True, eq=False)
class LoudnessProbe:
    """Reads the level of the sound from a row of layer 1."""

    weight: Float32[np.ndarray, "column"]
    bias: float

    @classmethod
    def shipped(cls) -> "LoudnessProbe":
        """The probe of this package: a ridge regression from layer 1 to the level in dB.

        It was fitted on 6,555 rows of one recording that is in none of the voice head's corpora (the White House
        statement of 14 July 2015, at five levels and with added noise), and agrees with the true level on 97 % of the
        corpora's rows on whether they are pauses.
        """
        with as_file(files("affekt_heads").joinpath(PROBE)) as path:
            stored = load_file(path)
        return cls(weight=stored["weight"].astype(np.float32), bias=float(stored["bias"][0]))

    @classmethod
    def of(cls, tensors: Mapping[str, np.ndarray]) -> "LoudnessProbe | None":
        """The probe among a head's tensors; None where the head has none."""
        if "probe" not in tensors:
            return None
        return cls(weight=tensors["probe"], bias=float(tensors["probe_bias"][0]))

    def spoken(self, rows: Float32[np.ndarray, "row column"]) -> Bool[np.ndarray, "row"]:
        """Which rows are not pauses."""
        level = rows[:, : len(self.weight)] @ self.weight + self.bias
        padded = np.pad(level, 1, mode="edge")
        smooth = (padded[:-2] + padded[1:-1] + padded[2:]) / 3
        loud: Bool[np.ndarray, "row"] = smooth > np.quantile(smooth, 0.95) - PAUSE
        return loud

    def pool(self, rows: Float32[np.ndarray, "row column"]) -> Float32[np.ndarray, "statistic"]:
        """Mean and standard deviation of every column over the rows that are not pauses."""
        chosen = rows[self.spoken(rows)]
        chosen = chosen if len(chosen) >= FEWEST else rows
        return pooled(chosen)


def pooled(rows: Float32[np.ndarray, "row column"]) -> Float32[np.ndarray, "statistic"]:
    """Mean and standard deviation of every column."""
    return np.concatenate([rows.mean(axis=0), rows.std(axis=0)]).astype(np.float32)


@dataclass(frozen=True, kw_only=True, eq=False)
class VoiceHead:
    """Statistics of a stretch of speech → calibrated distribution over the nine emotions."""

    probe: LoudnessProbe | None
    """Which rows are pauses; None takes all rows, of encoders other than Whisper."""
    centre: Float32[np.ndarray, "statistic"]
    weight: Float32[np.ndarray, "statistic emotion"]
    bias: Float32[np.ndarray, "emotion"]
    encoder: TrainedWith = WHISPER

    prior = np.full(len(EMOTIONS), 1 / len(EMOTIONS))
    """Trained with every class of a corpus weighing the same."""

    @classmethod
    def load(cls, path: Path | None = None) -> "VoiceHead":
        """Reads a head file; the shipped one by default.

        Raises:
            DataError: the file is not a voice head.
        """
        with as_file(files("affekt_heads").joinpath(SHIPPED)) if path is None else nullcontext(path) as file:
            try:
                with safe_open(file, framework="numpy") as tensors:
                    card = json.loads((tensors.metadata() or {})["head"])
                    if card["kind"] != "voice" or tuple(card["labels"]) != EMOTIONS:
                        raise ValueError(f"it is a {card['kind']} head over {card['labels']}")
                    stored = {name: tensors.get_tensor(name).astype(np.float32) for name in tensors.keys()}  # noqa: SIM118
                    return cls(
                        probe=LoudnessProbe.of(stored),
                        centre=stored["centre"],
                        weight=stored["weight"],
                        bias=stored["bias"],
                        encoder=WHISPER if card["encoder"] == "whisper" else TrainedWith(**card["encoder"]),
                    )
            except (OSError, KeyError, TypeError, ValueError, SafetensorError) as error:
                raise DataError(
                    f'"{file}" is not a voice head: {error}', hint="a file written by `affekt heads train voice`"
                ) from error

    @cached_property
    def needs(self) -> str:
        """The encoder and its options, as a pipeline file names them."""
        named = [
            f"use: {self.encoder.use}",
            *(f"{name}: {value}" for name, value in self.encoder.options.items() if value is not None),
        ]
        return f"{{{', '.join(named)}}}"

    def refuse(self, features: Features) -> str | None:
        """What is wrong with features it was not trained on; None when nothing is."""
        if other := self._other_class(features.source):
            return f"it was trained with {self.needs}; found {other}"
        width, wanted = features.values.shape[1], len(self.centre) // 2
        return None if width == wanted else f"it knows {wanted} columns, those of {self.needs}; found {width}"

    def _other_class(self, source: str) -> str | None:
        """The class that made the features, where they say it and it is not the encoder's own."""
        made_by = re.match(r"(\w+)\(", source)
        own = plugins().components.get(("encoder", self.encoder.use))
        if made_by is None or own is None or made_by[1] in (own.info.target.partition(":")[2], "IsolatedEncoder"):
            return None
        return made_by[1]

    def pool(self, rows: Float32[np.ndarray, "row column"]) -> Float32[np.ndarray, "statistic"]:
        """Mean and standard deviation of every column, over the rows that are not pauses where a probe tells them."""
        return pooled(rows) if self.probe is None else self.probe.pool(rows)

    def posterior(
        self, features: Features, windows: Spans, prosody: Features | None = None
    ) -> Float64[np.ndarray, "window emotion"]:
        """The calibrated distribution of every window; uniform where a window holds no row."""
        clock = features.clock()
        distributions = np.tile(self.prior, (len(windows), 1))
        for index, (begin, end) in enumerate(windows):
            rows = features.values[inside(clock, begin, end)]
            if len(rows):
                distributions[index] = self.judge(self.pool(rows)[None])[0]
        return distributions

    def judge(self, statistics: Float32[np.ndarray, "clip statistic"]) -> Float64[np.ndarray, "clip emotion"]:
        """The distributions of pooled clips."""
        logits = (statistics - self.centre) @ self.weight + self.bias
        return normalise(logits.astype(np.float64))

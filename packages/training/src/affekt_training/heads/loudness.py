"""Fits the loudness probe that affekt-heads ships: a ridge regression from Whisper's layer 1 to the level in dB."""

from pathlib import Path

import numpy as np
from jaxtyping import Float32, Float64
from safetensors.numpy import save_file

from affekt_training.heads.distortion import SAMPLE_RATE
from affekt_training.heads.voice_statistics import encoded

RIDGE = 30.0
"""Penalty of the probe's squared weights."""


def fit(samples: Float32[np.ndarray, "time"], out: Path) -> None:
    """Fits the loudness probe on one recording at 16 kHz, at five levels, clean and with added noise."""
    random = np.random.default_rng(0)
    rows, levels = [], []
    for gain in (-30, -20, -10, -4, 4):
        for ratio in (None, 30, 15):
            sound = _faded(samples * 10 ** (gain / 20), random)
            if ratio is not None:
                noise = random.standard_normal(len(sound))
                sound = sound + noise * np.sqrt(np.mean(sound**2)) * 10 ** (-ratio / 20)
            heard = encoded(np.clip(sound, -1, 1).astype(np.float32), layers=(1,)).values
            rows.append(heard)
            levels.append(_level(sound, len(heard)))
    x, y = np.concatenate(rows).astype(np.float64), np.concatenate(levels)
    centred = x - x.mean(axis=0)
    weight = np.linalg.solve(centred.T @ centred + RIDGE * np.eye(x.shape[1]), centred.T @ (y - y.mean()))
    bias = np.array([y.mean() - x.mean(axis=0) @ weight], dtype=np.float32)
    save_file({"weight": weight.astype(np.float32), "bias": bias}, out)


def _faded(sound: Float64[np.ndarray, "time"], random: np.random.Generator) -> Float64[np.ndarray, "time"]:
    """With three stretches turned down by 20 to 60 dB, because one recording has few pauses."""
    sound = sound.copy()
    for begin in random.integers(0, max(1, len(sound) - 8000), 3):
        sound[begin : begin + random.integers(3000, 8000)] *= 10 ** (-random.uniform(1, 3))
    return sound


def _level(sound: Float64[np.ndarray, "time"], rows: int) -> Float64[np.ndarray, "row"]:
    size = SAMPLE_RATE // 50
    padded = np.pad(sound, (0, max(0, rows * size - len(sound))))[: rows * size].reshape(rows, size)
    level: Float64[np.ndarray, "row"] = np.maximum(10 * np.log10(np.mean(padded**2, axis=1) + 1e-10), -80.0)
    return level

"""Between the sounds of affekt and what networks take."""

from collections.abc import Sequence

import numpy as np
import soxr  # type: ignore[import-untyped]
import torch
from affekt import AudioSignal, DataError
from torch import Tensor


def at_rate(sound: AudioSignal, rate: int) -> np.ndarray:
    """The samples at a sample rate."""
    if sound.sample_rate == rate:
        return sound.samples
    samples: np.ndarray = soxr.resample(sound.samples, sound.sample_rate, rate).astype(np.float32)
    return samples


def as_tensor(sound: AudioSignal, rate: int, device: str) -> Tensor:
    """One row of samples at a sample rate."""
    return torch.from_numpy(np.array(at_rate(sound, rate)))[None].to(device)


def as_signal(parts: Sequence[np.ndarray], rate: int) -> AudioSignal:
    """Joins parts, and takes what is beyond full scale back to it.

    Raises:
        DataError: the network gave no sound, or no numbers.
    """
    samples = np.concatenate([np.asarray(part, dtype=np.float32).reshape(-1) for part in parts])
    if not len(samples) or not np.isfinite(samples).all():
        raise DataError("the model gave no sound", hint="another text, another seed, or a checkpoint that is trained")
    return AudioSignal(samples=samples / max(1.0, float(np.abs(samples).max())), sample_rate=rate)

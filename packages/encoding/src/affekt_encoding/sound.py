"""What a speech encoder is given: mono at its rate, or the reason why there is none. Imports no framework."""

import numpy as np
import soxr  # type: ignore[import-untyped]
from affekt import Clip, Missing
from jaxtyping import Float32

SHORTEST = 0.1
"""Seconds. Less is not a syllable."""
SILENT = 1e-4
"""Peak amplitude, −80 dB re full scale: below it is what an unplugged input records."""


def heard(clip: Clip, sample_rate: int) -> Float32[np.ndarray, "time"] | Missing:
    """The samples at the wanted rate, or why there are none."""
    if clip.audio is None:
        return Missing(reason=clip.why_missing("audio"))
    if clip.audio.duration < SHORTEST:
        return Missing(reason=f"the sound lasts only {clip.audio.duration:.3f} s")
    if np.abs(clip.audio.samples).max() < SILENT:
        return Missing(reason=f"the sound is silent throughout its {clip.audio.duration:.1f} s")
    if clip.audio.sample_rate == sample_rate:
        return clip.audio.samples
    resampled = soxr.resample(clip.audio.samples, clip.audio.sample_rate, sample_rate)
    return np.asarray(resampled, dtype=np.float32)

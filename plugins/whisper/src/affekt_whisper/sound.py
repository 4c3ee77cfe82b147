"""What Whisper is given: mono at 16 kHz, or the reason why there is nothing to give."""

import numpy as np
import soxr
from affekt import Clip
from jaxtyping import Float32

SAMPLE_RATE = 16_000
SHORTEST = 0.1
"""Seconds. Less is not a syllable."""
SILENT = 1e-4
"""Peak amplitude, −80 dB re full scale: below it is what an unplugged input records."""


def heard(clip: Clip) -> Float32[np.ndarray, "time"] | str:
    """The samples at 16 kHz, or why there are none."""
    if clip.audio is None:
        return clip.why_missing("audio")
    if clip.audio.duration < SHORTEST:
        return f"the sound lasts only {clip.audio.duration:.3f} s"
    if np.abs(clip.audio.samples).max() < SILENT:
        return f"the sound is silent throughout its {clip.audio.duration:.1f} s"
    if clip.audio.sample_rate == SAMPLE_RATE:
        return clip.audio.samples
    return soxr.resample(clip.audio.samples, clip.audio.sample_rate, SAMPLE_RATE).astype(np.float32)

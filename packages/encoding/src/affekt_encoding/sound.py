"""What a speech encoder is given: mono at its rate, or the reason why there is none. Imports no framework."""

import numpy as np
import soxr  # type: ignore[import-untyped]
from affekt import Clip, Missing
from jaxtyping import Float32

SHORTEST = 0.1
"""The shortest sound in seconds: less is not a syllable."""
SILENT = 1e-4
"""Peak amplitude, −80 dB re full scale: below it is what an unplugged input records."""
FAINT, RAISED = 0.005, 0.25
"""Amplitudes that all but a thousandth of the samples stay below: a click is no voice. Recognisers and voice activity
detectors learnt from speech near full scale and take a voice 60 dB below it for silence; a faint sound is raised."""


def heard(clip: Clip, sample_rate: int) -> Float32[np.ndarray, "time"] | Missing:
    """The samples at the wanted rate, a faint sound raised, or why there are none."""
    if clip.audio is None:
        return Missing(reason=clip.why_missing("audio"))
    if clip.audio.duration < SHORTEST:
        return Missing(reason=f"the sound lasts only {clip.audio.duration:.3f} s")
    if np.abs(clip.audio.samples).max() < SILENT:
        return Missing(reason=f"the sound is silent throughout its {clip.audio.duration:.1f} s")
    samples = clip.audio.samples
    if gain := faint_gain(samples):
        samples = np.clip(samples * np.float32(10 ** (gain / 20)), -1, 1)
    if clip.audio.sample_rate == sample_rate:
        return samples
    return np.asarray(soxr.resample(samples, clip.audio.sample_rate, sample_rate), dtype=np.float32)


def faint_gain(samples: Float32[np.ndarray, "time"]) -> float:
    """The dB by which `heard` raises a faint sound; 0 where it is loud enough, or silent."""
    if not np.abs(samples).max(initial=0.0) >= SILENT:
        return 0.0
    level = max(float(np.quantile(np.abs(samples), 0.999)), SILENT / 10)
    return 20 * float(np.log10(RAISED / level)) if level < FAINT else 0.0

"""Makes energy audible: trims, resamples, brightens, sets the level of the speech, and limits its peaks. NumPy only."""

import numpy as np
from jaxtyping import Float32

Sound = Float32[np.ndarray, "time"]

NEUTRAL_LEVEL = -24.0
"""Decibels of full scale, RMS of a neutral voice while it speaks: room for an angry one."""
CEILING = 10 ** (-1 / 20)
"""No sample exceeds it: 1 dB below full scale."""
_FRAME = 0.02
"""Seconds over which speech and pause are told apart."""
_SPEECH = 35.0
"""Decibels below the loudest frame at which speech ends."""


def _frame_powers(sound: Sound, sample_rate: int) -> np.ndarray:
    size = round(_FRAME * sample_rate)
    frames = np.pad(sound, (0, -len(sound) % size)).reshape(-1, size).astype(np.float64)
    powers: np.ndarray = (frames**2).mean(axis=1)
    return powers


def speech_level(sound: Sound, sample_rate: int) -> float:
    """RMS in decibels of full scale over the frames with speech; pauses do not count. −inf for silence."""
    powers = _frame_powers(sound, sample_rate)
    loudest = powers.max(initial=0.0)
    if loudest <= 0:
        return -np.inf
    return float(10 * np.log10(powers[powers > loudest * 10 ** (-_SPEECH / 10)].mean()))


def trimmed(sound: Sound, sample_rate: int, before: float = 0.06, after: float = 0.12) -> Sound:
    """The sound without the silence around the speech, except `before` and `after` seconds of it."""
    powers = _frame_powers(sound, sample_rate)
    speech = np.flatnonzero(powers > powers.max(initial=0.0) * 10 ** (-(_SPEECH + 10) / 10))
    if not len(speech):
        return sound
    size = round(_FRAME * sample_rate)
    start = max(0, speech[0] * size - round(before * sample_rate))
    return sound[start : (speech[-1] + 1) * size + round(after * sample_rate)]


def brightened(sound: Sound, sample_rate: int, decibels: float, corner: float = 500.0) -> Sound:
    """A gentle shelf without delay: 0 dB far below `corner` hertz, half of `decibels` there, all of them far above."""
    if decibels == 0 or not len(sound):
        return sound
    octave = (np.fft.rfftfreq(len(sound), 1 / sample_rate) / corner) ** 2
    shelf = (1 + octave * 10 ** (decibels / 20)) / (1 + octave)
    return np.fft.irfft(np.fft.rfft(sound) * shelf, len(sound)).astype(np.float32)


def resampled(sound: Sound, factor: float) -> Sound:
    """The sound played `factor` times as fast: pitch and formants higher, duration shorter."""
    count = round(len(sound) / factor)
    if count == len(sound):
        return sound
    spectrum = np.fft.rfft(sound)
    kept = np.zeros(count // 2 + 1, dtype=spectrum.dtype)
    shared = min(len(kept), len(spectrum))
    kept[:shared] = spectrum[:shared]
    return (np.fft.irfft(kept, count) * (count / len(sound))).astype(np.float32)


def levelled(sound: Sound, sample_rate: int, energy: float) -> Sound:
    """The speech at `NEUTRAL_LEVEL` + `energy` decibels, peaks limited."""
    level = speech_level(sound, sample_rate)
    if not np.isfinite(level):
        return sound
    gain = 10 ** ((NEUTRAL_LEVEL + energy - level) / 20)
    return limited((sound * gain).astype(np.float32), sample_rate)


def limited(sound: Sound, sample_rate: int, reach: float = 0.004) -> Sound:
    """No sample above `CEILING`: the gain falls and recovers smoothly within `reach` seconds around each peak."""
    wanted = np.minimum(1.0, CEILING / np.maximum(np.abs(sound), 1e-9))
    if wanted.min(initial=1.0) == 1.0:
        return sound
    half = round(reach * sample_rate)
    width = 2 * half + 1
    # The lowest gain within reach, averaged over the same reach: each term covers the sample, so none exceeds its own.
    lowest = np.lib.stride_tricks.sliding_window_view(np.pad(wanted, 2 * half, constant_values=1.0), width).min(axis=1)
    gain = np.convolve(lowest, np.full(width, 1 / width), mode="valid")
    limited_sound: Sound = np.clip(sound * gain, -CEILING, CEILING).astype(np.float32)
    return limited_sound

"""Pitch by autocorrelation and dynamic programming, after Boersma (1993).

The paper is "Accurate short-term analysis of the fundamental frequency and the harmonics-to-noise ratio of a sampled
sound", IFA Proceedings 17.

The autocorrelation of a windowed frame, divided by that of the window, has a peak of height r at the period of a
voice: r is the share of the energy that is periodic, and r / (1 − r) the ratio of harmonics to noise. The path through
the best peaks of all frames then weighs their heights against jumps of pitch.
"""

from dataclasses import dataclass

import numpy as np
from jaxtyping import Bool, Float64
from scipy.fft import irfft, rfft  # type: ignore[import-untyped]
from scipy.signal.windows import hann  # type: ignore[import-untyped]

CANDIDATES = 6
"""Peaks a frame that the path may choose from."""
OCTAVE_COST = 0.01
"""The cost of a candidate an octave lower: among equals the shorter period is meant."""
JUMP_COST = 0.35
"""The cost of an octave between neighbouring frames of 10 ms."""
SWITCH_COST = 0.14
"""The cost of a change between voiced and unvoiced."""
VOICED_ABOVE = 0.45
"""Periodic share of a frame's energy from which it may be voiced."""
QUIET = 0.03
"""Share of the loudest amplitude below which a frame is rather silence than voice."""
CHUNK = 4096
"""Frames transformed at once, to keep memory flat."""


@dataclass(frozen=True, kw_only=True)
class Pitch:
    """The pitch of a sound, one row a frame."""

    hertz: Float64[np.ndarray, "frame"]
    """NaN where there is no voice."""
    periodicity: Float64[np.ndarray, "frame"]
    """Share of the energy that is periodic: at the chosen period, else at the best one. 0 to 1."""

    @property
    def voiced(self) -> Bool[np.ndarray, "frame"]:
        """Which frames have a pitch."""
        finite: Bool[np.ndarray, "frame"] = np.isfinite(self.hertz)
        return finite


def track(frames: Float64[np.ndarray, "frame sample"], sample_rate: int, lowest: float, highest: float) -> Pitch:
    """The path of the pitch through frames of sound that last at least three of its longest periods."""
    peak = np.abs(frames).max(initial=1e-9)
    parts = [_candidates(frames[i : i + CHUNK], sample_rate, lowest, highest) for i in range(0, len(frames), CHUNK)]
    hertz, strength = (np.concatenate(part) for part in zip(*parts, strict=True))
    level = np.abs(frames - frames.mean(axis=1, keepdims=True)).max(axis=1) / peak
    unvoiced = VOICED_ABOVE + np.maximum(0.0, 2.0 - level * (1 + VOICED_ABOVE) / QUIET)
    chosen = _path(hertz, strength - OCTAVE_COST * np.log2(lowest / hertz), unvoiced)
    rows = np.arange(len(frames))
    spoken = chosen < CANDIDATES
    column = np.where(spoken, chosen, strength.argmax(axis=1))
    return Pitch(
        hertz=np.where(spoken, hertz[rows, column], np.nan),
        periodicity=np.clip(strength[rows, column], 0.0, 1.0),
    )


def _candidates(
    frames: Float64[np.ndarray, "frame sample"], sample_rate: int, lowest: float, highest: float
) -> tuple[Float64[np.ndarray, "frame candidate"], Float64[np.ndarray, "frame candidate"]]:
    """Frequencies and heights of the highest peaks of the normalised autocorrelation; absent ones have height −1."""
    size = frames.shape[1]
    window = hann(size, sym=False)
    correlation = _autocorrelation((frames - frames.mean(axis=1, keepdims=True)) * window)
    correlation /= np.maximum(_autocorrelation(window[None]), 1e-6)
    shortest, longest = int(sample_rate / highest), int(np.ceil(sample_rate / lowest))
    before, peak, after = (correlation[:, shortest + d : longest + 1 + d] for d in (-1, 0, 1))
    height = np.where((peak > before) & (peak >= after), peak, -1.0)
    best = np.argsort(-height, axis=1)[:, :CANDIDATES]
    before, peak, after = (np.take_along_axis(part, best, axis=1) for part in (before, peak, after))
    is_peak = np.take_along_axis(height, best, axis=1) > -1.0
    bend = np.where(is_peak, np.minimum(before - 2 * peak + after, -1e-9), -1.0)
    shift = np.clip(0.5 * (before - after) / bend, -0.5, 0.5)
    top = peak - 0.25 * (before - after) * shift
    # The interpolated height of a peak between samples may exceed 1; Boersma mirrors it.
    strength = np.where(is_peak, np.where(top > 1, 1 / np.maximum(top, 1e-9), top), -1.0)
    return sample_rate / (best + shortest + shift), strength


def _autocorrelation(frames: Float64[np.ndarray, "frame sample"]) -> Float64[np.ndarray, "frame lag"]:
    """Scaled to 1 at lag 0; silent frames are 0 throughout."""
    size = 1 << (2 * frames.shape[1] - 1).bit_length()
    spectrum = rfft(frames, size, axis=1)
    correlation = irfft(np.abs(spectrum) ** 2, size, axis=1)[:, : frames.shape[1]]
    normalised: Float64[np.ndarray, "frame lag"] = correlation / np.maximum(correlation[:, :1], 1e-12)
    return normalised


def _path(
    hertz: Float64[np.ndarray, "frame candidate"],
    strength: Float64[np.ndarray, "frame candidate"],
    unvoiced: Float64[np.ndarray, "frame"],
) -> np.ndarray:
    """Index of the best candidate in every frame; `CANDIDATES` stands for no voice (Viterbi's algorithm)."""
    count, silent = hertz.shape
    octaves = np.log2(hertz)
    score = np.append(strength[0], unvoiced[0])
    back = np.empty((count, silent + 1), dtype=np.int64)
    cost = np.full((silent + 1, silent + 1), SWITCH_COST)
    cost[silent, silent] = 0.0
    for row in range(1, count):
        cost[:silent, :silent] = JUMP_COST * np.abs(octaves[row - 1][:, None] - octaves[row][None, :])
        arrival = score[:, None] - cost
        back[row] = arrival.argmax(axis=0)
        score = arrival[back[row], np.arange(silent + 1)] + np.append(strength[row], unvoiced[row])
    path = np.empty(count, dtype=np.int64)
    path[-1] = score.argmax()
    for row in range(count - 1, 0, -1):
        path[row - 1] = back[row, path[row]]
    return path

"""Loudness and voice quality of frames of sound."""

import numpy as np
from jaxtyping import Float64
from scipy.fft import irfft, rfft  # type: ignore[import-untyped]
from scipy.signal.windows import hann  # type: ignore[import-untyped]

FLOOR = 1e-10
"""Power below which everything counts as silence: −100 dB re full scale."""
QUEFRENCIES = (1 / 500, 1 / 60)
"""Seconds: periods of a voice."""


def decibels(power: Float64[np.ndarray, "*any"]) -> Float64[np.ndarray, "*any"]:
    """Power on a logarithmic scale."""
    levels: Float64[np.ndarray, "*any"] = 10 * np.log10(np.maximum(power, FLOOR))
    return levels


def loudness(frames: Float64[np.ndarray, "frame sample"]) -> Float64[np.ndarray, "frame"]:
    """Level in dB re full scale, −100 at least."""
    window = hann(frames.shape[1], sym=False)
    return decibels((frames**2 @ window) / window.sum())


def alpha_ratio(power: Float64[np.ndarray, "frame bin"], frequencies: Float64[np.ndarray, "bin"]) -> np.ndarray:
    """Energy of 1 to 5 kHz over that of 50 Hz to 1 kHz in dB: the more effort in the voice, the higher.

    As in the Geneva minimalistic acoustic parameter set (Eyben et al., 2016), upside down so that effort is positive.
    """
    low = power[:, (frequencies >= 50) & (frequencies < 1000)].sum(axis=1)
    high = power[:, (frequencies >= 1000) & (frequencies < 5000)].sum(axis=1)
    ratio: np.ndarray = decibels(high) - decibels(low)
    return ratio


def centroid(power: Float64[np.ndarray, "frame bin"], frequencies: Float64[np.ndarray, "bin"]) -> np.ndarray:
    """The spectrum's centre of mass in hertz."""
    means: np.ndarray = (power @ frequencies) / np.maximum(power.sum(axis=1), FLOOR)
    return means


def cepstral_peak(power: Float64[np.ndarray, "frame bin"], sample_rate: int) -> Float64[np.ndarray, "frame"]:
    """Cepstral peak prominence in dB: how far the voice's period stands out; breathy and hoarse voices have little.

    The peak of the cepstrum among the periods of a voice, above a straight line fitted through the cepstrum there
    (Hillenbrand et al., 1994).
    """
    # Floored 80 dB under the frame's own peak, so that the level does not matter.
    relative = np.maximum(power / np.maximum(power.max(axis=1, keepdims=True), FLOOR), 1e-8)
    cepstrum = np.abs(irfft(decibels(relative), axis=1))
    quefrency = np.arange(cepstrum.shape[1]) / sample_rate
    inside = (quefrency >= QUEFRENCIES[0]) & (quefrency <= QUEFRENCIES[1])
    level = 10 * np.log10(np.maximum(cepstrum[:, inside] ** 2, FLOOR))
    at = quefrency[inside] - quefrency[inside].mean()
    slope = (level - level.mean(axis=1, keepdims=True)) @ at / (at @ at)
    peak = level.argmax(axis=1)
    rows = np.arange(len(level))
    prominence: Float64[np.ndarray, "frame"] = level[rows, peak] - level.mean(axis=1) - slope * at[peak]
    return prominence


def power_spectrum(frames: Float64[np.ndarray, "frame sample"], size: int) -> Float64[np.ndarray, "frame bin"]:
    """The power spectrum of Hann-windowed frames, scaled so that its sum is about the frame's power."""
    window = hann(frames.shape[1], sym=False)
    scaled: Float64[np.ndarray, "frame bin"] = np.abs(rfft(frames * window, size, axis=1)) ** 2 / (
        window.sum() * size / 2
    )
    return scaled


def harmonicity(periodicity: Float64[np.ndarray, "frame"]) -> Float64[np.ndarray, "frame"]:
    """Harmonics-to-noise ratio in dB from the periodic share of the energy (Boersma, 1993), −20 to 40."""
    share = np.clip(periodicity, 1e-4, 1 - 1e-4)
    ratio: Float64[np.ndarray, "frame"] = np.clip(10 * np.log10(share / (1 - share)), -20.0, 40.0)
    return ratio

"""The columns, each from one mono signal at 16 kHz, one value a hop of 10 ms.

Pitch is librosa's pYIN (Mauch & Dixon, 2014); the rest are measures of a few lines with their source.
"""

import librosa
import numpy as np
from jaxtyping import Bool, Float32
from scipy.ndimage import binary_closing, uniform_filter1d
from scipy.signal import find_peaks

SAMPLE_RATE = 16_000
HOP = 160
"""Samples a row: 10 ms."""
FRAME = 1024
"""Samples a row looks at: 64 ms, four periods of the lowest pitch."""
LOWEST, HIGHEST = 65.0, 600.0
"""Hertz of the pitches that are looked for."""
REFERENCE = 27.5
"""Hertz of semitone 0, as in eGeMAPS (Eyben et al., 2016)."""

Track = Float32[np.ndarray, "time"]


def pitch(samples: Track, rows: int) -> tuple[Track, Bool[np.ndarray, "time"]]:
    """Semitones above 27.5 Hz, drawn straight through unvoiced stretches, and where there is a voice."""
    hertz, voiced, _ = librosa.pyin(
        samples,
        fmin=LOWEST,
        fmax=HIGHEST,
        sr=SAMPLE_RATE,
        frame_length=FRAME,
        hop_length=HOP,
        resolution=0.2,
        fill_na=None,
    )
    voiced, semitones = voiced[:rows], 12 * np.log2(hertz[:rows] / REFERENCE)
    if voiced.any():
        where = np.arange(rows)
        semitones = np.interp(where, where[voiced], semitones[voiced])
    return semitones.astype(np.float32), voiced


def loudness(samples: Track, rows: int) -> Track:
    """Root-mean-square level of 25 ms in decibels re full scale."""
    power = uniform_filter1d(np.square(samples, dtype=np.float64), 400, mode="constant")
    return (10 * np.log10(power[HOP // 2 :: HOP][:rows] + 1e-10)).astype(np.float32)


def harmonicity(samples: Track, semitones: Track) -> Track:
    """Harmonics-to-noise ratio in decibels at the tracked pitch (Boersma, 1993), from −20 to 40."""
    padded = np.pad(samples.astype(np.float64), FRAME)
    periods = np.round(SAMPLE_RATE / (REFERENCE * 2 ** (semitones / 12))).astype(int)
    start = np.arange(len(semitones)) * HOP + FRAME // 2
    now = padded[start[:, None] + np.arange(FRAME)]
    later = padded[(start + periods)[:, None] + np.arange(FRAME)]
    both = np.sqrt((now**2).sum(1) * (later**2).sum(1)) + 1e-12
    likeness = np.clip((now * later).sum(1) / both, 0.01, 0.9999)
    return (10 * np.log10(likeness / (1 - likeness))).astype(np.float32)


def tilt(samples: Track, rows: int) -> Track:
    """Alpha ratio in decibels: energy from 50 Hz to 1 kHz over energy from 1 to 5 kHz (Eyben et al., 2016)."""
    spectrum = np.abs(librosa.stft(samples, n_fft=FRAME, hop_length=HOP))[:, :rows] ** 2
    hertz = librosa.fft_frequencies(sr=SAMPLE_RATE, n_fft=FRAME)
    low = spectrum[(hertz >= 50) & (hertz < 1000)].sum(0)
    high = spectrum[(hertz >= 1000) & (hertz < 5000)].sum(0)
    return (10 * np.log10((low + 1e-8) / (high + 1e-8))).astype(np.float32)


def rate(level: Track, voiced: Bool[np.ndarray, "time"], seconds: float = 2.0) -> Track:
    """Syllables a second around each row: voiced peaks of the loudness, 2 dB deep (after de Jong & Wempe, 2009)."""
    smooth = uniform_filter1d(level, 5)
    peaks, _ = find_peaks(smooth, prominence=2.0, distance=8)
    nuclei = np.zeros(len(level))
    nuclei[peaks[voiced[peaks]]] = 1
    width = min(len(level), int(seconds * SAMPLE_RATE / HOP))
    around = np.convolve(nuclei, np.ones(width), mode="same")
    inside = np.convolve(np.ones(len(level)), np.ones(width), mode="same") * HOP / SAMPLE_RATE
    return (around / inside).astype(np.float32)


def pauses(level: Track, voiced: Bool[np.ndarray, "time"], seconds: float = 0.25) -> Track:
    """1 where nothing is said for at least `seconds` between two stretches of voice, else 0."""
    if not voiced.any():
        return np.zeros(len(level), np.float32)
    loud = voiced | (level > np.percentile(level[voiced], 10) - 6)
    speech = binary_closing(loud, np.ones(int(seconds * SAMPLE_RATE / HOP)))
    first, last = np.flatnonzero(voiced)[[0, -1]]
    silent = ~(speech | loud)
    silent[: first + 1] = silent[last:] = False
    return silent.astype(np.float32)

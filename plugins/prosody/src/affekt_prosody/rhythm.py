"""Rate and pauses: syllables are counted where a voice gets loud (de Jong and Wempe, 2009)."""

import numpy as np
from jaxtyping import Bool, Float64
from scipy.ndimage import uniform_filter1d  # type: ignore[import-untyped]
from scipy.signal import find_peaks  # type: ignore[import-untyped]

DIP = 2.0
"""Decibels the loudness must fall between two syllables."""
FAINT = 25.0
"""Decibels under the loud parts (95th percentile) below which nothing is speech."""
SHORTEST_PAUSE = 0.25
"""Seconds: shorter gaps are the closures of consonants."""
SPAN = 2.0
"""Seconds over which the rate is counted: a second to either side."""


def syllables(loudness: Float64[np.ndarray, "row"], voiced: Bool[np.ndarray, "row"], hop: float) -> np.ndarray:
    """Rows in the middle of a syllable: voiced peaks of the smoothed loudness."""
    smooth = uniform_filter1d(loudness, max(1, round(0.05 / hop)))
    peaks, _ = find_peaks(
        smooth, height=np.quantile(loudness, 0.95) - FAINT, prominence=DIP, distance=round(0.08 / hop)
    )
    nuclei: np.ndarray = peaks[voiced[peaks]]
    return nuclei


def rate(peaks: np.ndarray, rows: int, hop: float) -> Float64[np.ndarray, "row"]:
    """Syllables a second in the two seconds around each row, or what the clip holds of them."""
    marks = np.zeros(rows)
    marks[peaks] = 1.0
    half = max(1, round(SPAN / 2 / hop))
    counted = np.concatenate([[0.0], np.cumsum(marks)])
    begin = np.maximum(np.arange(rows) - half, 0)
    end = np.minimum(np.arange(rows) + half, rows)
    rates: Float64[np.ndarray, "row"] = (counted[end] - counted[begin]) / ((end - begin) * hop)
    return rates


def pauses(
    loudness: Float64[np.ndarray, "row"], voiced: Bool[np.ndarray, "row"], hop: float
) -> Bool[np.ndarray, "row"]:
    """Rows of silence between voices that last at least `SHORTEST_PAUSE`.

    Before the first voice and after the last one nobody pauses.
    """
    silent = ~voiced & (loudness < np.quantile(loudness, 0.95) - FAINT)
    spoken = np.flatnonzero(voiced)
    if not len(spoken):
        return np.zeros(len(loudness), dtype=bool)
    silent[: spoken[0]] = silent[spoken[-1] :] = False
    edges = np.flatnonzero(np.diff(np.concatenate([[0], silent.astype(np.int8), [0]])))
    paused = np.zeros(len(loudness), dtype=bool)
    for begin, end in zip(edges[::2], edges[1::2], strict=True):
        paused[begin:end] = (end - begin) * hop >= SHORTEST_PAUSE
    return paused

"""Do pitch and energy rise and fall as in a reference? Pearson's correlation after dynamic time warping.

The two recordings say the same words at their own pace. Frames of 10 ms are paired by warping over spectral envelopes
(twelve cepstral coefficients, less their mean), then pitch is compared where both are voiced, and energy everywhere.
"""

from dataclasses import dataclass

import numpy as np
import soxr  # type: ignore[import-untyped]
from affekt import AudioSignal, DataError
from jaxtyping import Float64, Int64
from scipy.fft import dct  # type: ignore[import-untyped]

from affekt_speech_metrics.prosody import Contour, contour

SAMPLE_RATE = 16_000
_SIZE, _BANDS, _KEPT = 512, 32, 12
_LEAST = 10
"""Frames voiced in both, below which pitch is not compared."""


@dataclass(frozen=True, kw_only=True)
class Correlation:
    """−1 to 1."""

    pitch: float
    energy: float


def correlation(audio: AudioSignal, reference: AudioSignal) -> Correlation:
    """How alike the courses are.

    Raises:
        DataError: one of them has no voice, or nothing is voiced in both.
    """
    own, theirs = contour(audio), contour(reference)
    pairs = _warped(_envelopes(audio), _envelopes(reference))
    first, second = (_rows(contour, pairs[:, column]) for column, contour in enumerate((own, theirs)))
    inside = (first >= 0) & (second >= 0)
    first, second = first[inside], second[inside]
    both = own.voiced[first] & theirs.voiced[second]
    if both.sum() < _LEAST:
        raise DataError(
            "pitch cannot be compared: hardly anything is voiced in both", hint="recordings of the same words"
        )
    return Correlation(
        pitch=_pearson(own.pitch[first[both]], theirs.pitch[second[both]]),
        energy=_pearson(own.energy[first], theirs.energy[second]),
    )


def _rows(contour: Contour, frames: Int64[np.ndarray, "pair"]) -> Int64[np.ndarray, "pair"]:
    """Of a course that begins at the first voice; −1 outside."""
    rows = frames - contour.first
    return np.where((rows >= 0) & (rows < len(contour.pitch)), rows, -1)


def _pearson(first: np.ndarray, other: np.ndarray) -> float:
    return float(np.corrcoef(first, other)[0, 1]) if first.std() > 0 and other.std() > 0 else 0.0


def _envelopes(audio: AudioSignal) -> Float64[np.ndarray, "frame 12"]:
    samples = soxr.resample(audio.samples.astype(np.float64), audio.sample_rate, SAMPLE_RATE)
    hop, count = SAMPLE_RATE // 100, max(1, len(samples) * 100 // SAMPLE_RATE)
    frames = np.lib.stride_tricks.sliding_window_view(np.pad(samples, _SIZE // 2 + hop), _SIZE)[hop::hop][:count]
    power = np.abs(np.fft.rfft(frames * np.hanning(_SIZE), axis=1)) ** 2
    edges = np.geomspace(3, power.shape[1] - 1, _BANDS + 1).astype(int)
    bands = np.stack([power[:, low : max(low + 1, high)].sum(axis=1) for low, high in zip(edges, edges[1:])], axis=1)  # noqa: B905, RUF007
    cepstra = dct(np.log(bands + 1e-9), axis=1, norm="ortho")[:, 1 : _KEPT + 1]
    envelopes: Float64[np.ndarray, "frame 12"] = cepstra - cepstra.mean(axis=0)
    return envelopes


def _warped(
    first: Float64[np.ndarray, "frame 12"], other: Float64[np.ndarray, "frame 12"]
) -> Int64[np.ndarray, "pair 2"]:
    """Frames paired by the cheapest path from both beginnings to both ends."""
    cost = np.sqrt(np.maximum((first**2).sum(1)[:, None] + (other**2).sum(1)[None] - 2 * first @ other.T, 0))
    total = np.full((len(first) + 1, len(other) + 1), np.inf)
    total[0, 0] = 0.0
    for row in range(1, len(first) + 1):
        above, line = np.minimum(total[row - 1, 1:], total[row - 1, :-1]), cost[row - 1]
        left = np.inf
        for column in range(len(other)):
            left = line[column] + min(left, above[column])
            total[row, column + 1] = left
    row, column, path = len(first), len(other), []
    while row and column:
        path.append((row - 1, column - 1))
        steps = total[row - 1, column - 1], total[row - 1, column], total[row, column - 1]
        best = int(np.argmin(steps))
        row, column = row - (best != 2), column - (best != 1)
    return np.array(path[::-1], dtype=np.int64)

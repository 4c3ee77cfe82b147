"""Whether the two channels of a recording hold two people, as of an interview with a microphone each or a call.

One sound that reaches two microphones makes both louder and quieter at the same time, however far apart they stand;
two people who take turns, or talk at once, do not. So the levels of the channels are compared, not their waveforms.
"""

from typing import Any

import numpy as np

_STEP = 0.05
"""Seconds of a level."""
_ALIKE = 0.7
"""Correlation of the levels in dB below which the channels are not one sound. It is 0.97 where the other person reaches
a microphone 6 dB weaker, 0.5 where 20 dB weaker, and negative without crosstalk."""
_SILENT = -50.0
"""dBFS: what is below counts as this."""
_HEARD = -45.0
"""dBFS that a channel's loud parts (its 95th percentile) exceed where somebody speaks into it,"""
_MOVES = 12.0
"""dB that they lie above its quiet parts (the 10th percentile); hum and noise do not move so much."""
_ENOUGH = 2.0
"""Seconds with sound in any of the two, before which nothing is claimed."""


class ChannelLevels:
    """The levels of two channels over time."""

    def __init__(self) -> None:
        self._levels: list[np.ndarray[Any, np.dtype[np.float64]]] = []

    def add(self, samples: np.ndarray[Any, np.dtype[np.float32]], rate: int) -> None:
        """Takes a stretch of sound, Float32["channel time"]; what is not of two channels is not compared."""
        if samples.shape[0] != 2 or not samples.shape[1]:
            return
        steps = max(1, round(samples.shape[1] / (rate * _STEP)))
        parts = np.array_split(samples.astype(np.float64), steps, axis=1)
        powers = np.array([np.square(part).mean(axis=1) for part in parts])
        self._levels.append(10 * np.log10(powers + 1e-9))

    def differ(self) -> bool:
        """Whether each channel holds a sound of its own."""
        if not self._levels:
            return False
        levels = np.concatenate(self._levels)
        if (levels > _SILENT).any(axis=1).sum() * _STEP < _ENOUGH:
            return False
        loud, quiet = np.percentile(levels, 95, axis=0), np.percentile(levels, 10, axis=0)
        if (loud < _HEARD).any() or (loud - quiet < _MOVES).any():
            return False
        return bool(np.corrcoef(np.maximum(levels, _SILENT).T)[0, 1] < _ALIKE)

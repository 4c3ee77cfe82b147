"""Time: the moments a clip is cut into, and the rows of features that fall into a window around each.

A moment is a stretch of about a second for which a distribution is given. What a head hears for it may be longer.
"""

import math

import numpy as np
from jaxtyping import Bool, Float64

Spans = Float64[np.ndarray, "moment 2"]
"""Beginning and end in seconds from the start of the clip."""


def moments(duration: float, hop: float) -> Spans:
    """Cuts a clip into stretches of `hop` seconds; a short rest joins the last one."""
    count = max(1, math.floor(duration / hop + 0.5))
    edges = np.append(np.arange(count) * hop, max(duration, 0.0))
    return np.stack([edges[:-1], edges[1:]], axis=1)


def windows(spans: Spans, length: float, duration: float) -> Spans:
    """A window of `length` seconds around each moment, moved inwards at the ends of the clip.

    A clip that is hardly longer than one window is one window: cutting it would only take context away.
    """
    if duration <= length * 4 / 3:
        return np.tile([0.0, duration], (len(spans), 1))
    begin = np.clip(spans.mean(axis=1) - length / 2, 0.0, duration - length)
    return np.stack([begin, begin + length], axis=1)


def inside(clock: Float64[np.ndarray, "row 2"], begin: float, end: float) -> Bool[np.ndarray, "row"]:
    """Which rows have their middle in a window."""
    middle = clock.mean(axis=1)
    rows: Bool[np.ndarray, "row"] = (middle >= begin) & (middle < end)
    return rows


def overlap(clock: Float64[np.ndarray, "row 2"], begin: float, end: float) -> Float64[np.ndarray, "row"]:
    """Seconds that each row shares with a window."""
    seconds: Float64[np.ndarray, "row"] = np.clip(
        np.minimum(clock[:, 1], end) - np.maximum(clock[:, 0], begin), 0.0, None
    )
    return seconds

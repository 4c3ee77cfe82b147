"""Stretches of time in which a series stays above a level."""

import numpy as np
from jaxtyping import Float64

Clock = Float64[np.ndarray, "row 2"]


def smooth(clock: Clock, values: Float64[np.ndarray, "row"], seconds: float) -> Float64[np.ndarray, "row"]:
    """The mean over the rows within `seconds` around each row, so that single frames do not count."""
    middle = clock.mean(axis=1)
    begin = np.searchsorted(middle, middle - seconds / 2, side="left")
    end = np.searchsorted(middle, middle + seconds / 2, side="right")
    sums = np.concatenate([[0.0], np.cumsum(values)])
    means: Float64[np.ndarray, "row"] = (sums[end] - sums[begin]) / (end - begin)
    return means


def episodes(clock: Clock, above: np.ndarray, shortest: float, longest_gap: float) -> list[tuple[float, float]]:
    """Stretches (begin, end) where `above` holds; short interruptions are bridged, short stretches dropped."""
    stretches: list[tuple[float, float]] = []
    for begin, end in clock[above]:
        if stretches and begin - stretches[-1][1] <= longest_gap:
            stretches[-1] = (stretches[-1][0], float(end))
        else:
            stretches.append((float(begin), float(end)))
    return [(begin, end) for begin, end in stretches if end - begin >= shortest]

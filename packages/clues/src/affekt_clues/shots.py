"""Which rows of a face's features belong together: after a cut it may be another person's face."""

import numpy as np
from affekt import FaceTrack
from jaxtyping import Bool, Float64, Int64


def shots_of(clock: Float64[np.ndarray, "row 2"], faces: FaceTrack | None) -> Int64[np.ndarray, "row"]:
    """The number of the shot that each row is in; all the same where the face track says nothing of shots."""
    if faces is None or faces.shots is None or not len(faces.times):
        return np.zeros(len(clock), dtype=np.int64)
    sighting = np.searchsorted(faces.times, clock.mean(axis=1), side="right") - 1
    shots: Int64[np.ndarray, "row"] = faces.shots[np.clip(sighting, 0, None)]
    return shots


def rows_of_each(shots: Int64[np.ndarray, "row"]) -> list[Bool[np.ndarray, "row"]]:
    """A mask of rows for every shot, in order."""
    return [shots == number for number in np.unique(shots)]

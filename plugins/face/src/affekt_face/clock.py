"""When the rows of a face's features begin and end."""

import numpy as np
from jaxtyping import Float64


def spans(times: Float64[np.ndarray, "time"]) -> Float64[np.ndarray, "time 2"]:
    """Each row lasts until the next one, but no longer than usual: while the face is out of sight, nothing is known."""
    steps = np.diff(times)
    usual = float(np.median(steps)) if len(steps) else 0.1
    lengths = np.append(np.minimum(steps, usual * 1.5), usual)
    return np.stack([times, times + lengths], axis=1)

"""In which windows there is enough of a voice to conclude from."""

import numpy as np
from affekt_clues.speech import seconds
from jaxtyping import Bool, Float64

from affekt_heads.moments import Spans


def heard(
    windows: Spans, stretches: Float64[np.ndarray, "stretch 2"] | None, least: float
) -> Bool[np.ndarray, "moment"]:
    """Which windows hold at least so many seconds of a voice; all of them where nothing can tell."""
    if stretches is None:
        return np.ones(len(windows), dtype=bool)
    voiced: Bool[np.ndarray, "moment"] = seconds(windows, stretches) >= least
    return voiced

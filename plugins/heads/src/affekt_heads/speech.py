"""When somebody speaks, from the pitch tracker's voicing or, without it, from the times of the words."""

import numpy as np
from affekt import Clip, Features
from affekt_clues.prosody import VOICING, voiced
from jaxtyping import Bool, Float64

from affekt_heads.moments import Spans, overlap

ENOUGH = 0.5
"""Seconds of voice in a window below which nothing is concluded from it: about a second of speech, of which half has a
pitch. On one-word utterances the voice head is near chance, see its card."""
SOME = 0.2
"""Seconds of voice in a moment from which somebody counts as talking."""


def spoken(clip: Clip, prosody: Features | None) -> Float64[np.ndarray, "stretch 2"] | None:
    """Stretches with a voice in them; None when nothing here can tell."""
    if prosody is not None and VOICING in (prosody.names or ()):
        return prosody.clock()[voiced(prosody)]
    if clip.words:
        return np.array([[word.start, word.end] for word in clip.words], dtype=np.float64)
    return None


def heard(
    windows: Spans, stretches: Float64[np.ndarray, "stretch 2"] | None, least: float
) -> Bool[np.ndarray, "moment"]:
    """In which windows there are at least so many seconds of a voice; in all where nothing here can tell."""
    if stretches is None:
        return np.ones(len(windows), dtype=bool)
    seconds = [overlap(stretches, begin, end).sum() if len(stretches) else 0.0 for begin, end in windows]
    return np.array(seconds) >= least

"""When somebody speaks, from the prosody encoder or, where it cannot tell, from the times of the words."""

import numpy as np
from affekt import Clip, Features
from jaxtyping import Float64

from affekt_clues.prosody import SPEECH, VOICING, voiced

ENOUGH = 0.5
"""Seconds of voice in a window of three below which nothing is concluded from it: about a second of speech, of which
half has a pitch. On one-word utterances a voice is near chance, see the card of the voice head."""
SOME = 0.2
"""Seconds of voice in a second from which somebody counts as talking."""


def spoken(clip: Clip, prosody: Features | None) -> Float64[np.ndarray, "stretch 2"] | None:
    """Stretches with a voice in them; None when nothing here can tell."""
    if prosody is not None and {VOICING, SPEECH} <= set(prosody.names or ()):
        stretches: Float64[np.ndarray, "stretch 2"] = prosody.clock()[voiced(prosody)]
        return stretches
    if clip.words:
        return np.array([[word.start, word.end] for word in clip.words], dtype=np.float64)
    return None


def seconds(
    windows: Float64[np.ndarray, "window 2"], stretches: Float64[np.ndarray, "stretch 2"]
) -> Float64[np.ndarray, "window"]:
    """How long a voice is heard in each window."""
    shared = np.minimum(stretches[:, 1], windows[:, 1:]) - np.maximum(stretches[:, 0], windows[:, :1])
    total: Float64[np.ndarray, "window"] = np.clip(shared, 0.0, None).sum(axis=1)
    return total

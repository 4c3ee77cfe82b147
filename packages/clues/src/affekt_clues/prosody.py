"""The columns of a prosody encoder that clues are read from."""

import numpy as np
from affekt import Features
from jaxtyping import Bool

PITCH, LOUDNESS, VOICING = "pitch", "loudness", "voicing"
"""Columns of the prosody encoder: semitones, decibels, and how sure it is of a pitch, 0 to 1."""


def voiced(prosody: Features) -> Bool[np.ndarray, "row"]:
    """Rows with a pitch; none where the features have no such column."""
    if VOICING not in (prosody.names or ()):
        return np.zeros(len(prosody.values), dtype=bool)
    return prosody.column(VOICING) > 0.5

"""The columns of a prosody encoder that clues are read from, and what a voice is called by some of them."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np
from affekt import Features
from jaxtyping import Bool

PITCH, LOUDNESS, VOICING, SPEECH = "pitch", "loudness", "voicing", "speech"
"""Columns of the prosody encoder: semitones, decibels, how sure it is of a pitch (0 to 1), and whether somebody speaks
(0 or 1)."""


@dataclass(frozen=True, kw_only=True)
class Quality:
    """A word for a voice as a whole, by the median of a column over its voiced rows."""

    column: str
    least: float = -np.inf
    most: float = np.inf
    in_words: str
    """The median in words, without its sign."""
    sign: int

    def holds(self, median: float) -> bool:
        """Whether a voice with this median is called so."""
        return self.least <= median <= self.most


QUALITIES: Mapping[str, Quality] = MappingProxyType(
    {
        "forceful": Quality(column="effort", least=-11.5, in_words="treble {:.0f} dB under the bass", sign=-1),
        "relaxed": Quality(column="effort", most=-13.5, in_words="treble {:.0f} dB under the bass", sign=-1),
        "rough": Quality(column="harmonicity", most=6.5, in_words="noise {:.0f} dB under the tone", sign=1),
        "smooth": Quality(column="harmonicity", least=11.5, in_words="noise {:.0f} dB under the tone", sign=1),
    }
)
"""Word → when it fits. Between the bounds lie ordinary voices: the medians of neutral and of excited actors of RAVDESS
and EmoDB lie on either side of those of `effort`, of calm and of angry ones on either side of those of harmonicity.
A recording that is dull, shrill or noisy shifts them."""


def voiced(prosody: Features) -> Bool[np.ndarray, "row"]:
    """Rows in which somebody speaks with a pitch.

    None where the features do not say when somebody speaks: music has a pitch too, and is nobody's voice.
    """
    if not {VOICING, SPEECH} <= set(prosody.names or ()):
        return np.zeros(len(prosody.values), dtype=bool)
    rows: Bool[np.ndarray, "row"] = (prosody.column(VOICING) > 0.5) & (prosody.column(SPEECH) > 0.5)
    return rows

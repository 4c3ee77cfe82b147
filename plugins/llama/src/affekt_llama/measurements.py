"""What the named columns of the features say, in words a language model reads and a person can check.

Columns are known by name: action units of FACS ("AU12", 0 to 1), "pitch" in semitones and "loudness" in dB.
"""

import re
from collections.abc import Iterator, Mapping

import numpy as np
from affekt import Clue, Evidence, Features
from jaxtyping import Float64

ACTION_UNITS: Mapping[str, str] = {
    "AU1": "inner brows raised",
    "AU2": "outer brows raised",
    "AU4": "brows lowered",
    "AU5": "eyes wide",
    "AU6": "cheeks raised",
    "AU7": "lids tight",
    "AU9": "nose wrinkled",
    "AU10": "upper lip raised",
    "AU12": "lip corners up",
    "AU14": "dimples",
    "AU15": "lip corners down",
    "AU17": "chin raised",
    "AU20": "lips stretched",
    "AU23": "lips tight",
    "AU24": "lips pressed",
    "AU25": "lips apart",
    "AU26": "jaw dropped",
}
"""FACS (Ekman, Friesen and Hager, 2002)."""
RISE = 0.15
"""Least rise of an action unit above its 20th percentile that is told."""
MOST_UNITS = 4


def measured_clues(evidence: Evidence) -> list[Clue]:
    """Clues of face and voice, in order of time. Each is read off the features, hence checked."""
    clues = [clue for features in evidence.features.values() for clue in (*_face(features), *_voice(features))]
    return sorted(clues, key=lambda clue: (clue.start, clue.end))


def _face(features: Features) -> Iterator[Clue]:
    risen = []
    for name in features.names or ():
        unit = re.sub(r"^AU0*", "AU", name)
        if unit in ACTION_UNITS:
            values = features.column(name).astype(np.float64)
            risen.append((float(values.max() - np.percentile(values, 20)), unit, values))
    for rise, unit, values in sorted(risen, key=lambda each: -each[0])[:MOST_UNITS]:
        if rise >= RISE:
            start, end = _highest(values, features.clock())
            text = f"{ACTION_UNITS[unit]} ({unit} up by {rise:.2f})"
            yield Clue(modality="face", start=start, end=end, text=text, checked=True)


def _highest(values: Float64[np.ndarray, "time"], clock: Float64[np.ndarray, "time 2"]) -> tuple[float, float]:
    """The stretch around the peak in which at least half of the rise is kept."""
    peak = int(values.argmax())
    level = (values[peak] + np.percentile(values, 20)) / 2
    low = np.flatnonzero(values < level)
    first = low[low < peak].max(initial=-1) + 1
    last = low[low > peak].min(initial=len(values)) - 1
    return float(clock[first, 0]), float(clock[last, 1])


def _voice(features: Features) -> Iterator[Clue]:
    names = features.names or ()
    if not {"voicing", "speech"} <= set(names):  # music has a pitch and a loudness, and is nobody's voice
        return
    heard = (features.column("voicing") > 0.5) & (features.column("speech") > 0.5)
    if not heard.any():
        return
    clock = features.clock()[heard]
    start, end = float(clock[0, 0]), float(clock[-1, 1])
    for name, unit in (("pitch", "semitones"), ("loudness", "dB")):
        if name in names:
            low, high = np.percentile(features.column(name)[heard], [10, 90])
            text = f"{name} moves over {high - low:.0f} {unit}"
            yield Clue(modality="audio", start=start, end=end, text=text, checked=True)

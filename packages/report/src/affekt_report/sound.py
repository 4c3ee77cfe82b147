"""The waveform and the pitch of the voice as shapes."""

import re
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from affekt import AudioSignal, Evidence, Features

from affekt_report.timeline import area, line

BINS = 500
PITCH = re.compile(r"(pitch|f0)([ _].*)?", re.IGNORECASE)
"""Names of a column that holds pitch."""


@dataclass(frozen=True)
class Curve:
    """A line, and the values at the bottom and the top of its box."""

    path: str
    low: str
    high: str


def waveform(audio: AudioSignal, duration: float) -> str:
    """The loudest excursions up and down, as the path of an area; full height is the recording's own peak."""
    edges = np.linspace(0, len(audio.samples), min(BINS, len(audio.samples)) + 1).astype(int)
    peak = float(np.abs(audio.samples).max(initial=0.0)) or 1.0
    pieces = [audio.samples[a:b] / peak for a, b in pairwise(edges) if b > a]
    if not pieces:
        return ""
    times = np.linspace(0, audio.duration, len(pieces))
    low, high = np.array([piece.min() for piece in pieces]), np.array([piece.max() for piece in pieces])
    return area(times, low / 2 + 0.5, np.maximum(high, low + 0.01) / 2 + 0.5, duration)


def find_pitch(evidence: Evidence) -> tuple[str, Features] | None:
    """The first named column that holds pitch, and its features."""
    for features in evidence.features.values():
        for name in features.names or ():
            if PITCH.fullmatch(name):
                return name, features
    return None


def pitch(evidence: Evidence, duration: float) -> Curve | None:
    """Pitch where there is a voice; None when no component gives it or nothing is voiced."""
    found = find_pitch(evidence)
    if found is None:
        return None
    name, features = found
    clock = features.clock()
    values = features.column(name).astype(np.float64)
    voiced = values > 0
    if voiced.sum() < 2:
        return None
    times, values = clock[voiced].mean(axis=1), values[voiced]
    low, high = np.percentile(values, [2, 98])
    height = np.clip((values - low) / max(high - low, 1e-6), 0, 1) * 0.86 + 0.07
    step = float(np.median(np.diff(clock[:, 0]))) if len(clock) > 1 else duration
    every = max(1, len(times) // 800)
    path = line(times[::every], height[::every], duration, longest_step=max(2.5 * step * every, 0.05))
    unit = "st" if "semitone" in name.lower() else "Hz"
    return Curve(path, f"{low:.0f} {unit}", f"{high:.0f} {unit}")

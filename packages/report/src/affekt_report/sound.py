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
    """Pitch in hertz, on a logarithmic scale, where there is a voice; None when nothing is voiced or told."""
    track = find_pitch(evidence)
    if track is None:
        return None
    name, features = track
    clock, hertz = features.clock(), in_hertz(features.column(name))
    voiced = hertz > 0
    if "voicing" in (features.names or ()):
        voiced &= features.column("voicing") > 0.5
    if voiced.sum() < 2:
        return None
    times, octaves = clock[voiced].mean(axis=1), np.log2(hertz[voiced])
    low, high = np.percentile(octaves, [5, 95])
    middle, reach = (low + high) / 2, max(high - low, 0.5)  # at least half an octave, so that monotony looks flat
    height = np.clip((octaves - middle) / reach + 0.5, 0, 1) * 0.86 + 0.07
    step = float(np.median(np.diff(clock[:, 0]))) if len(clock) > 1 else duration
    every = max(1, len(times) // 800)
    shown = np.abs(octaves - np.median(octaves)) < 1.25  # octave errors of the tracker are not drawn
    times, height = times[shown][::every], height[shown][::every]
    path = line(times, height, duration, longest_step=max(2.5 * step * every, 0.05))
    return Curve(path, f"{2**low:.0f}", f"{2**high:.0f} Hz")


def in_hertz(values: np.ndarray) -> np.ndarray:
    """Hertz as they are; semitones above 27.5 Hz, as the prosody plugin and eGeMAPS give them, in hertz.

    No voice has a middle pitch below 60 Hz, and none lies 60 semitones above 27.5 Hz.
    """
    values = values.astype(np.float64)
    positive = values[values > 0]
    semitones = len(positive) > 0 and float(np.median(positive)) < 60
    return np.where(values > 0, 27.5 * 2 ** (values / 12), 0.0) if semitones else values

"""Hand-made evidence: a face, a voice and words that say what a test wants them to say."""

from itertools import pairwise

import numpy as np
from affekt import AudioSignal, Clip, Evidence, Features, VideoFrames, Word

FPS = 10.0


def clip(seconds: float = 6.0, **fields) -> Clip:
    frames = np.zeros((round(seconds * FPS), 2, 2, 3), dtype=np.uint8)
    sound = AudioSignal(samples=np.zeros(round(seconds * 1000), dtype=np.float32), sample_rate=1000)
    return Clip(**{"id": "made", "video": VideoFrames(frames=frames, fps=FPS), "audio": sound, **fields})


def units(seconds: float = 6.0, **raised: tuple[float, float, float]) -> Features:
    """Action units at rest, each of them raised to a height from a begin to an end."""
    time = np.arange(round(seconds * FPS)) / FPS
    names = ("AU01", "AU04", "AU06", "AU12", "AU45")
    values = np.full((len(time), len(names)), 0.05, dtype=np.float32)
    for name, (height, begin, end) in raised.items():
        values[(time >= begin) & (time < end), names.index(name)] = height
    return Features(values=values, hop=1 / FPS, names=names, source="action-units")


def evidence(made: Clip, missing: dict[str, str] | None = None, **features: Features) -> Evidence:
    return Evidence(clip=made, features=features, missing=missing or {})


def words(text: str, begin: float = 0.0, end: float = 3.0) -> tuple[Word, ...]:
    """A sentence whose words share a span evenly."""
    parts = text.split()
    edges = np.linspace(begin, end, len(parts) + 1)
    spans = zip(pairwise(edges.tolist()), parts, strict=True)
    return tuple(Word(start=start, end=stop, text=part) for (start, stop), part in spans)

"""Whose face a voice belongs to: mouths move while their own voice is heard, and rest while others speak.

The motion of each mouth is compared inside and outside of a speaker's turns, as a logarithm of their ratio, so that
neither the size of a face nor how much somebody opens their mouth counts. Sound may come earlier or later than the
picture: the lag is searched. Speakers and faces are paired one to one, and a pair that is not clear is none.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from jaxtyping import Bool, Float64
from scipy.ndimage import uniform_filter1d  # type: ignore[import-untyped]
from scipy.optimize import linear_sum_assignment  # type: ignore[import-untyped]

LAGS = np.arange(-0.3, 0.31, 0.1)
"""Seconds that the sound may come after the picture."""
AROUND = 0.3
"""Seconds over which the motion of a mouth is averaged."""
STILL = 0.02
"""The share of the height of a face, a second, that landmarks tremble by, below which no motion is told from none."""
CLEAR = 0.5
"""The agreement from which a mouth moves with a voice: by two thirds more while it is heard."""
MARGIN = 0.2
"""The amount by which the agreement exceeds that of every other face."""
ENOUGH = 1.0
"""Seconds of a speaker, and of others or silence, that a face is in view for, below which nothing is known."""

State = Literal["on screen", "off screen", "unknown"]


@dataclass(frozen=True, eq=False)
class Mouth:
    """One face from frame to frame."""

    times: Float64[np.ndarray, "frame"]
    """The times of the frames, in seconds."""
    opening: Float64[np.ndarray, "frame"]
    """The gap between the lips, of the height of the face."""


@dataclass(frozen=True)
class Assignment:
    """Where a speaker's face is, and what that rests on."""

    state: State
    """Off screen: the faces in view were watched for long enough, and none moves with the voice."""
    face: int | None
    """The number of the mouth; None where the speaker is off screen or the face is not known."""
    agreement: float
    """Logarithm of the mouth's motion while the speaker is heard over that while not; of the best face in view."""
    seconds: float
    """The seconds of the speaker's turns in which that face is in view."""


def assign(turns: Mapping[str, Sequence[tuple[float, float]]], mouths: Sequence[Mouth]) -> dict[str, Assignment]:
    """Speaker → where their face is among faces of one shot, or of several."""
    motions = [_motion(mouth) for mouth in mouths]
    table = np.full((len(turns), len(mouths), len(LAGS)), -np.inf)
    seconds = np.zeros((len(turns), len(mouths)))
    for row, spans in enumerate(turns.values()):
        for column, (mouth, motion) in enumerate(zip(mouths, motions, strict=True)):
            seconds[row, column] = _inside(mouth.times, spans).sum() * _step(mouth.times)
            table[row, column] = [_agreement(mouth.times, motion, spans, lag) for lag in LAGS]
    agreements = _at_best_lag(table)
    if not len(mouths):
        return dict.fromkeys(turns, Assignment("off screen", None, 0.0, 0.0))
    rows, columns = linear_sum_assignment(np.maximum(agreements, -10), maximize=True)
    paired = dict(zip(rows.tolist(), columns.tolist(), strict=True))
    return {speaker: _judged(agreements[row], seconds[row], paired.get(row)) for row, speaker in enumerate(turns)}


def _at_best_lag(table: Float64[np.ndarray, "speaker mouth lag"]) -> Float64[np.ndarray, "speaker mouth"]:
    """The agreements at the lag at which the best pairs agree most: a recording has one lag, not one a person."""
    if not table.size:
        largest: Float64[np.ndarray, "speaker mouth"] = table.max(axis=2, initial=-np.inf)
        return largest
    finite = np.where(np.isfinite(table), table, -10.0)
    totals = []
    for lag in range(table.shape[2]):
        rows, columns = linear_sum_assignment(finite[:, :, lag], maximize=True)
        totals.append(finite[rows, columns, lag].clip(min=0).sum())
    return table[:, :, int(np.argmax(totals))]


def _judged(
    agreements: Float64[np.ndarray, "mouth"], seconds: Float64[np.ndarray, "mouth"], paired: int | None
) -> Assignment:
    best = int(np.argmax(agreements))
    measured = np.isfinite(agreements)
    if not measured.any():
        visible = float(seconds.max())
        return Assignment("unknown" if visible else "off screen", None, 0.0, visible)
    others = np.delete(agreements, best)
    clear = agreements[best] >= CLEAR and (not len(others) or agreements[best] >= others.max() + MARGIN)
    strength, visible = float(agreements[best]), float(seconds[best])
    if clear and paired == best:
        return Assignment("on screen", best, strength, visible)
    if strength < CLEAR and measured[seconds > 0].all():
        return Assignment("off screen", None, strength, visible)
    return Assignment("unknown", None, strength, visible)


def _motion(mouth: Mouth) -> Float64[np.ndarray, "frame"]:
    """Logarithm of how fast the gap between the lips changes."""
    if len(mouth.times) < 2:
        return np.zeros(len(mouth.times))
    speed = np.abs(np.gradient(mouth.opening, mouth.times))
    motion: Float64[np.ndarray, "frame"] = np.log(
        STILL + uniform_filter1d(speed, max(1, round(AROUND / _step(mouth.times))))
    )
    return motion


def _agreement(
    times: Float64[np.ndarray, "frame"],
    motion: Float64[np.ndarray, "frame"],
    spans: Sequence[tuple[float, float]],
    lag: float,
) -> float:
    inside = _inside(times + lag, spans)
    fewest = ENOUGH / _step(times)
    if min(inside.sum(), (~inside).sum()) < fewest:
        return -np.inf
    return float(motion[inside].mean() - motion[~inside].mean())


def _inside(times: Float64[np.ndarray, "frame"], spans: Sequence[tuple[float, float]]) -> Bool[np.ndarray, "frame"]:
    edges = np.array([edge for span in sorted(spans) for edge in span])
    held: Bool[np.ndarray, "frame"] = np.searchsorted(edges, times, side="right") % 2 == 1
    return held


def _step(times: Float64[np.ndarray, "frame"]) -> float:
    return float(np.median(np.diff(times))) if len(times) > 1 else 1.0

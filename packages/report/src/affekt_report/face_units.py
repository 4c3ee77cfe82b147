"""Curves of facial action units over time (Ekman and Friesen's coding system)."""

import re
from dataclasses import dataclass

import numpy as np
from affekt import Evidence, Features

from affekt_report.timeline import area

UNIT = re.compile(r"AU0*(\d+)\b.*")
MOST = 8
POINTS = 600
"""Rows of a curve that are drawn, at most twice as many: a recording of hours has a row every tenth of a second."""
LEAST_TOP = 0.3
"""The full height of the curves is at least this intensity, so that noise does not fill it."""
MEANINGS = {
    1: "inner brow raised",
    2: "outer brow raised",
    4: "brows lowered",
    5: "upper lids raised",
    6: "cheeks raised",
    7: "lids tightened",
    9: "nose wrinkled",
    10: "upper lip raised",
    12: "lip corners pulled",
    14: "dimples",
    15: "lip corners lowered",
    16: "lower lip lowered",
    17: "chin raised",
    18: "lips puckered",
    20: "lips stretched",
    22: "lips funnelled",
    23: "lips tightened",
    24: "lips pressed",
    25: "lips parted",
    26: "jaw dropped",
    27: "mouth stretched",
    28: "lips sucked in",
    43: "eyes closed",
    45: "blink",
}


@dataclass(frozen=True)
class UnitCurve:
    """One action unit: its intensity over time."""

    name: str
    meaning: str
    path: str
    top: float
    """The intensity at the full height, one for all curves."""


def unit_features(evidence: Evidence) -> Features | None:
    """The features with most columns named after action units."""

    def count(features: Features) -> int:
        return sum(bool(UNIT.fullmatch(name)) for name in features.names or ())

    best = max(evidence.features.values(), key=count, default=None)
    return best if best is not None and count(best) and len(best.values) else None


def unit_curves(evidence: Evidence, duration: float) -> list[UnitCurve]:
    """The action units that move most, in the order of their numbers."""
    features = unit_features(evidence)
    if features is None:
        return []
    columns = [(int(matched[1]), name) for name in features.names or () if (matched := UNIT.fullmatch(name))]
    moving = sorted(columns, key=lambda column: -float(np.ptp(features.column(column[1]))))[:MOST]
    top = max(LEAST_TOP, *(float(features.column(name).max()) for _, name in moving))
    return [_curve(features, number, name, duration, top) for number, name in sorted(moving)]


def _curve(features: Features, number: int, name: str, duration: float, top: float) -> UnitCurve:
    every = max(1, len(features.values) // POINTS)
    clock, values = features.clock()[::every], features.column(name)[::every].astype(np.float64)
    paths = []
    # A hole of half a second and more is a stretch without this face: nothing is drawn there.
    steps = np.diff(clock[:, 0])
    hole = max(0.5, 1.5 * float(np.median(steps))) if len(steps) else 0.5
    for rows in np.split(np.arange(len(values)), np.flatnonzero(steps > hole) + 1):
        times = np.concatenate([clock[rows[:1], 0], clock[rows].mean(axis=1), clock[rows[-1:], 1]])
        height = np.clip(values[rows] / top, 0, 1)
        height = np.concatenate([height[:1], height, height[-1:]])
        paths.append(area(times, np.zeros(len(times)), height, duration))
    return UnitCurve(name, MEANINGS.get(number, ""), " ".join(paths), top)

"""Emotion probabilities over time as stacked ribbons, and the axis of time itself.

Shapes are drawn in a box of 1000 by 100 that the page stretches; texts are placed beside them in percent, so that
they keep their size on a phone.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from affekt import Moment
from affekt_recordings.clock import clock

WIDTH, HEIGHT = 1000.0, 100.0
POINTS = 400
"""A ribbon has no more corners than this; longer timelines are averaged."""
STEPS = (0.5, 1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600)


@dataclass(frozen=True)
class Ribbon:
    """One emotion's part of the stack."""

    emotion: str
    colour: str
    path: str


@dataclass(frozen=True)
class Tick:
    """A labelled place on the axis of time."""

    percent: float
    text: str


def ribbons(timeline: Sequence[Moment], duration: float, colours: Mapping[str, str]) -> list[Ribbon]:
    """The stack from the bottom: emotions in the order of `colours`, one path each, with holes where nothing is."""
    paths: dict[str, list[str]] = {emotion: [] for emotion in colours}
    for run in _runs(timeline, duration / 200):
        times, scores = _corners(run, list(colours))
        edges = np.concatenate([np.zeros((len(scores), 1)), np.cumsum(scores, axis=1)], axis=1)
        for index, emotion in enumerate(colours):
            if scores[:, index].max() > 0.002:
                paths[emotion].append(area(times, edges[:, index], edges[:, index + 1], duration))
    return [Ribbon(name, colours[name], " ".join(parts)) for name, parts in paths.items() if parts]


def _runs(timeline: Sequence[Moment], gap: float) -> Iterator[list[Moment]]:
    """Stretches without a gap of more than so many seconds."""
    run: list[Moment] = []
    for moment in sorted(timeline, key=lambda m: m.start):
        if run and moment.start > run[-1].end + max(gap, 1e-3):
            yield run
            run = []
        run.append(moment)
    if run:
        yield run


def _corners(run: Sequence[Moment], emotions: Sequence[str]) -> tuple[np.ndarray, np.ndarray]:
    """Times, and scores (time, emotion): the middle of each moment, with the ends of the run drawn out."""
    middles = np.array([(moment.start + moment.end) / 2 for moment in run])
    scores = np.array([[moment.scores.get(name, 0.0) for name in emotions] for moment in run])
    if len(run) > POINTS:
        groups = np.array_split(np.arange(len(run)), POINTS)
        middles = np.array([middles[group].mean() for group in groups])
        scores = np.array([scores[group].mean(axis=0) for group in groups])
    times = np.concatenate([[run[0].start], middles, [max(moment.end for moment in run)]])
    return times, np.concatenate([scores[:1], scores, scores[-1:]])


def area(times: np.ndarray, low: np.ndarray, high: np.ndarray, duration: float) -> str:
    """An SVG path between two curves; values from 0 at the bottom to 1 at the top."""
    x = times / max(duration, 1e-6) * WIDTH
    upper = [f"{a:.1f} {(1 - b) * HEIGHT:.1f}" for a, b in zip(x, high, strict=True)]
    lower = [f"{a:.1f} {(1 - b) * HEIGHT:.1f}" for a, b in zip(x[::-1], low[::-1], strict=True)]
    return f"M{' L'.join([*upper, *lower])}Z"


def line(times: np.ndarray, values: np.ndarray, duration: float, *, longest_step: float) -> str:
    """An SVG path through values from 0 to 1, lifted where there are none for longer than `longest_step` seconds."""
    x, y = times / max(duration, 1e-6) * WIDTH, (1 - values) * HEIGHT
    commands = ["M", *("M" if b - a > longest_step else "L" for a, b in pairwise(times))]
    return " ".join(f"{c}{a:.1f} {b:.1f}" for c, a, b in zip(commands, x, y, strict=True))


def ticks(duration: float, most: int = 10) -> list[Tick]:
    """Round times along the axis."""
    step = next((step for step in STEPS if duration / step <= most), STEPS[-1])
    times = np.arange(0, duration * 0.985, step)
    return [Tick(float(time / duration * 100), clock(float(time))) for time in times]


def rows_without_overlap(spans: Sequence[tuple[float, float]]) -> list[int]:
    """A row for each span, the first where it meets no other."""
    taken: list[float] = []
    rows = []
    for start, end in spans:
        row = next((row for row, until in enumerate(taken) if until <= start), len(taken))
        taken[row : row + 1] = [end]
        rows.append(row)
    return rows

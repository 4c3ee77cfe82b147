"""What a face does: action units that rise above its own low level in the shot, or are high from beginning to end."""

from collections.abc import Iterator, Mapping

import numpy as np
from affekt import Clue, FaceTrack, Features
from jaxtyping import Float64

from affekt_clues.episodes import Clock, episodes, smooth
from affekt_clues.facs import HIGH, LASTING, PHRASES, PROTOTYPES, STAYS, code
from affekt_clues.reason import Reason
from affekt_clues.shots import rows_of_each, shots_of

RISE = 0.15
"""Least rise that is worth a word, on the encoder's scale from 0 (absent) to 1 (strongest)."""
RESTING = 20
"""Percentile of a unit over the shot that is taken as this face at rest."""
SHORTEST = 0.4
"""Seconds a unit must stay raised to count."""
GAP = 0.7
"""Seconds below the level that do not end a stretch."""
LOST = 0.25
"""Seconds out of sight that do not end a stretch: a look or two that missed the face."""
STILL = 0.12
"""A face none of whose units rises more than this is one that hardly moves."""
MOSTLY = 25
"""Percentile of a unit over a stretch that must be high for it to stay high there: three quarters of the time."""

RESTFUL = {"AU12": "the lip corners", "AU01": "the inner brows", "AU02": "the outer brows"}
"""Units that show in most expressions: where they stay low, the face shows little."""
LOW = 0.25
"""Height under which a unit is low; it must be so three quarters of the time."""

Levels = Mapping[str, Float64[np.ndarray, "row"]]
"""Action unit → its level in every row of a shot."""


def reasons(units: Features, faces: FaceTrack | None = None) -> Iterator[Reason]:
    """A reason for every stretch in which a unit of some emotion's prototype rises or stays high, or the face rests.

    Args:
        faces: the track that the units are of. Each shot is judged by itself, as it may show another person.
    """
    clock = units.clock()
    columns = {code(name): units.column(name).astype(np.float64) for name in units.names or ()}
    levels = {unit: columns[unit] for unit in PHRASES if unit in columns}
    for rows in rows_of_each(shots_of(clock, faces)) if levels and len(clock) else ():
        yield from _of_shot(clock[rows], {unit: values[rows] for unit, values in levels.items()})


def _of_shot(clock: Clock, levels: Levels) -> Iterator[Reason]:
    in_view = episodes(clock, np.ones(len(clock), dtype=bool), shortest=0.0, longest_gap=LOST)
    largest = 0.0
    for unit, values in levels.items():
        smoothed = smooth(clock, values, 0.3)
        rise = smoothed - np.percentile(smoothed, RESTING)
        if unit not in LASTING:
            largest = max(largest, float(np.percentile(rise, 95)))
        above = (rise >= max(RISE, 0.4 * rise.max())) & (len(clock) >= 3)
        for inside in (_between(clock, *stretch) for stretch in in_view):
            least = LASTING.get(unit, SHORTEST)
            for begin, end in episodes(clock[inside], above[inside], shortest=least, longest_gap=GAP):
                strength = float(rise[_between(clock, begin, end)].mean())
                yield _reason(f"{PHRASES[unit]} ({unit})", begin, end, _supported(unit), min(1.0, strength))
    high = [reason for begin, end in in_view for reason in _high(clock, levels, begin, end)]
    yield from high
    if not high:
        for begin, end in in_view:
            yield from _at_rest(clock, levels, largest, begin, end)


def _high(clock: Clock, levels: Levels, begin: float, end: float) -> Iterator[Reason]:
    """Units that are high from beginning to end: an expression that does not change has nothing to rise from."""
    inside = _between(clock, begin, end)
    for unit in STAYS.keys() & levels.keys():
        level = float(np.percentile(levels[unit][inside], MOSTLY))
        if level >= HIGH[unit]:
            strength = 0.3 + 0.4 * (level - HIGH[unit]) / (1 - HIGH[unit])
            yield _reason(f"{STAYS[unit]} ({unit})", begin, end, _supported(unit), min(1.0, strength))


def _at_rest(clock: Clock, levels: Levels, largest: float, begin: float, end: float) -> Iterator[Reason]:
    """What speaks for a face at rest: nothing moves, or at least neither a smile nor raised brows show."""
    inside = _between(clock, begin, end)
    listed = [unit for unit in RESTFUL if unit in levels]
    if len(clock) >= 3 and largest < STILL:
        text = "the face hardly moves"
    elif listed and all(np.percentile(levels[unit][inside], 75) < LOW for unit in listed):
        parts = [f"{RESTFUL[unit]} ({unit})" for unit in listed]
        text = f"{', '.join(parts[:-1])}{' and ' if len(parts) > 1 else ''}{parts[-1]} hardly rise"
    else:
        return
    yield _reason(text, begin, end, ("neutral", "calm", "bored"), 0.3)


def _reason(text: str, begin: float, end: float, supports: tuple[str, ...], strength: float) -> Reason:
    clue = Clue(modality="face", start=begin, end=end, text=text, checked=False)
    return Reason(clue=clue, supports=supports, strength=strength)


def _supported(unit: str) -> tuple[str, ...]:
    return tuple(emotion for emotion, prototype in PROTOTYPES.items() if unit in prototype)


def _between(clock: Clock, begin: float, end: float) -> np.ndarray:
    return (clock[:, 0] >= begin) & (clock[:, 1] <= end)

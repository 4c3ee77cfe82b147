"""What moved in the face: action units that rise above this face's own low level in the clip."""

from collections.abc import Iterator, Mapping

import numpy as np
from affekt import Clue, Features

from affekt_clues.episodes import episodes, smooth
from affekt_clues.facs import LASTING, PHRASES, PROTOTYPES, code
from affekt_clues.reason import Reason

RISE = 0.15
"""Least rise that is worth a word, on the encoder's scale from 0 (absent) to 1 (strongest)."""
RESTING = 20
"""Percentile of a unit over the clip that is taken as this face at rest."""
SHORTEST = 0.4
"""Seconds a unit must stay raised to count."""
STILL = 0.12
"""A face none of whose units rises more than this is one that hardly moves."""

RESTFUL = {"AU12": "the lip corners", "AU01": "the inner brows", "AU02": "the outer brows"}
"""Units that show in most expressions: where they stay low, the face shows little."""
LOW = 0.25
"""Height under which a unit is low; it must be so three quarters of the time."""


def reasons(units: Features) -> Iterator[Reason]:
    """One reason for every stretch in which a unit of some emotion's prototype is raised."""
    clock = units.clock()
    known = {code(name): name for name in units.names or ()}
    largest = 0.0
    for unit, phrase in PHRASES.items():
        if unit not in known or len(clock) < 3:
            continue
        values = smooth(clock, units.column(known[unit]).astype(np.float64), 0.3)
        rise = values - np.percentile(values, RESTING)
        if unit not in LASTING:
            largest = max(largest, float(np.percentile(rise, 95)))
        above = rise >= max(RISE, 0.4 * rise.max())
        for begin, end in episodes(clock, above, shortest=LASTING.get(unit, SHORTEST), longest_gap=0.7):
            inside = (clock[:, 0] >= begin) & (clock[:, 1] <= end)
            strength = float(rise[inside].mean())
            yield Reason(
                clue=Clue(modality="face", start=begin, end=end, text=f"{phrase} ({unit})", checked=False),
                supports=tuple(emotion for emotion, prototype in PROTOTYPES.items() if unit in prototype),
                strength=min(1.0, strength),
            )
    if known.keys() & PHRASES.keys() and len(clock):
        yield from _rest(units, known, largest)


def _rest(units: Features, known: Mapping[str, str], largest: float) -> Iterator[Reason]:
    """What speaks for a face at rest: nothing moves, or at least neither a smile nor raised brows show."""
    clock = units.clock()
    telling = [unit for unit in RESTFUL if unit in known]
    if largest < STILL:
        text = "the face hardly moves"
    elif telling and all(np.percentile(units.column(known[unit]), 75) < LOW for unit in telling):
        parts = [f"{RESTFUL[unit]} ({unit})" for unit in telling]
        text = f"{', '.join(parts[:-1])}{' and ' if len(parts) > 1 else ''}{parts[-1]} hardly rise"
    else:
        return
    clue = Clue(modality="face", start=float(clock[0, 0]), end=float(clock[-1, 1]), text=text, checked=False)
    yield Reason(clue=clue, supports=("neutral", "calm", "bored"), strength=0.3)

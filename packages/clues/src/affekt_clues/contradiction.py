"""Whether the evidence speaks against a claim that it does not support, or cannot say.

Between what supports and what contradicts lies what is too weak to tell; and what no column measures, or what would
have to be seen or heard at a time without a face or a voice, cannot be said at all.
"""

import re
from typing import Literal

import numpy as np
from affekt import Clue, Evidence, Features

from affekt_clues.check import ALL_UNITS, DEPARTURE, during, in_its_shots, with_columns
from affekt_clues.episodes import episodes, smooth
from affekt_clues.facs import code
from affekt_clues.prosody import LOUDNESS, PITCH, QUALITIES, voiced
from affekt_clues.voice import FLAT, MEASURES

Verdict = Literal["supported", "contradicted", "unmeasurable"]
"""`unmeasurable`: nothing in this evidence can decide."""

ABSENT = 0.1
"""Rise, on the encoder's scale from 0 to 1, below which a unit did not move."""
SHOWN = 0.3
"""Height from which a unit may be shown all along, so that it has nothing to rise from."""
OPPOSITE = {"forceful": "relaxed", "relaxed": "forceful", "rough": "smooth", "smooth": "rough"}
EFFORT = {"louder": "relaxed", "softer": "forceful"}
"""How loud somebody speaks is heard in the spectrum too, whatever the distance and the gain."""


def of_face(evidence: Evidence, clue: Clue) -> Verdict:
    """A claim about action units, or about a face at rest, that `check.is_in` does not find."""
    units = with_columns(evidence, lambda name: bool(ALL_UNITS.fullmatch(name)))
    if units is None:
        return "unmeasurable"
    if during(units, clue).sum() < 2:
        return "unmeasurable"
    rows, inside = in_its_shots(evidence, units, clue)
    clock = units.clock()[rows]
    columns = {code(name): units.column(name).astype(np.float64)[rows] for name in units.names or ()}
    if clue.text == "the face hardly moves":
        moves = [np.subtract(*np.percentile(row, [90, 20])) for unit, row in columns.items() if unit not in ("AU45",)]
        return "contradicted" if max(moves) >= SHOWN else "unmeasurable"
    named = [code(unit) for unit in ALL_UNITS.findall(clue.text)]
    if not named or any(unit not in columns for unit in named):
        return "unmeasurable"
    if "hardly rise" in clue.text:
        return "contradicted"
    for unit in named:
        height = smooth(clock, columns[unit], 0.3)
        rise = height - np.percentile(height, 20)
        if rise[inside].max() < ABSENT and np.quantile(height[inside], 0.9) < SHOWN:
            return "contradicted"
    return "unmeasurable"


def of_voice(evidence: Evidence, clue: Clue, *, compares: bool, timed: bool) -> Verdict:
    """A claim about a voice that `check.is_in` does not find.

    Args:
        compares: whether it speaks of a change, as "louder" does and "loud" does not.
        timed: whether it says when.
    """
    prosody = with_columns(evidence, lambda name: name == PITCH)
    if prosody is None:
        return "unmeasurable"
    rows = voiced(prosody)
    if not rows.any() or (timed and not (rows & during(prosody, clue)).any()):
        return "unmeasurable"
    if "whisper" in clue.text:  # it has no pitch
        return "contradicted" if rows[during(prosody, clue)].mean() > 0.5 else "unmeasurable"
    if "hardly moves" in clue.text or "swings widely" in clue.text:
        spread = float(np.subtract(*np.percentile(prosody.column(PITCH)[rows & during(prosody, clue)], [90, 10])))
        against = spread > 1.5 * FLAT if "hardly" in clue.text else spread < FLAT
        return "contradicted" if against else "unmeasurable"
    if match := re.search(r"\bis (forceful|relaxed|rough|smooth)\b", clue.text):
        return "contradicted" if _is(prosody, OPPOSITE[match[1]]) else "unmeasurable"
    return _of_change(prosody, clue, compares=compares, timed=timed)


def _of_change(prosody: Features, clue: Clue, *, compares: bool, timed: bool) -> Verdict:
    direction = re.search(r"\b(above|below|louder|softer|faster|slower)\b", clue.text)
    if direction is None:
        return "unmeasurable"
    column = {"above": PITCH, "below": PITCH, "louder": LOUDNESS, "softer": LOUDNESS}.get(direction[1], "rate")
    if column not in (prosody.names or ()):
        return "unmeasurable"
    sign = 1.0 if direction[1] in ("above", "louder", "faster") else -1.0
    least = next(measure.least for measure in MEASURES if measure.column == column)
    rows = voiced(prosody)
    clock = prosody.clock()[rows]
    values = prosody.column(column)[rows].astype(np.float64)
    away = sign * (smooth(clock, values, 1.0) - np.median(values))
    mean = float(away[during(prosody, clue)[rows]].mean()) if timed else None

    def reaches(level: float) -> bool:
        return mean >= level if mean is not None else bool(episodes(clock, away >= level, 0.5, 0.6))

    if amount := DEPARTURE.search(clue.text):
        claimed = float(amount[1])
        far = mean is not None and mean > 2 * claimed + 1
        return "contradicted" if far or not reaches(0.5 * claimed) else "unmeasurable"
    if reaches(0.5 * least):
        return "unmeasurable"
    if compares or episodes(clock, away <= -least, 0.5, 0.6):
        return "contradicted"
    return "contradicted" if direction[1] in EFFORT and _is(prosody, EFFORT[direction[1]]) else "unmeasurable"


def _is(prosody: Features, word: str) -> bool:
    quality = QUALITIES[word]
    if quality.column not in (prosody.names or ()):
        return False
    return quality.holds(float(np.median(prosody.column(quality.column)[voiced(prosody)])))

"""What was measured in a clip, in words: the clues an explanation may use, with their times and checks."""

from collections.abc import Sequence
from dataclasses import replace

from affekt import Clue, Evidence
from affekt_clues.check import is_in
from affekt_clues.claims import measured_reasons as reasons

FEW = {"face": 4, "audio": 3}
"""Clues of one modality that are told."""
SUPPORTING = 3
"""Clues that are told to speak for a label."""


def clues(evidence: Evidence, within: tuple[float, float] | None = None) -> list[Clue]:
    """The strongest, a few of each modality, in order of time; within a stretch, those that lie mostly in it."""
    chosen: list[Clue] = []
    found = [one for one in reasons(evidence) if within is None or _mostly(one.clue, *within)]
    for modality, few in FEW.items():
        own = sorted((one for one in found if one.clue.modality == modality), key=lambda one: -one.strength)
        chosen += [one.clue for one in own[:few]]
    return sorted(chosen, key=lambda clue: (clue.start, clue.end))


def supporting(evidence: Evidence, label: str, within: tuple[float, float] | None = None) -> tuple[Clue, ...]:
    """What was measured, is borne out and speaks for a label: the strongest few, in order of time."""
    found = [
        one
        for one in sorted(reasons(evidence), key=lambda one: -one.strength)
        if label in one.supports and is_in(evidence, one.clue) and (within is None or _mostly(one.clue, *within))
    ]
    clues = list(dict.fromkeys(one.clue for one in found))[:SUPPORTING]
    return tuple(replace(clue, checked=True) for clue in sorted(clues, key=lambda clue: (clue.start, clue.end)))


def _when(clue: Clue) -> str:
    return f" from {clue.start:.1f} to {clue.end:.1f} s" if clue.end > clue.start else ""


def _mostly(clue: Clue, begin: float, end: float) -> bool:
    return min(clue.end, end) - max(clue.start, begin) >= 0.5 * (clue.end - clue.start)


def worded(found: Sequence[Clue]) -> tuple[list[str], list[str]]:
    """What face and voice do, each with its time: "the lip corners rise (AU12) from 2.0 to 5.0 s"."""
    face, voice = ([f"{clue.text}{_when(clue)}" for clue in found if clue.modality == one] for one in ("face", "audio"))
    return face, voice

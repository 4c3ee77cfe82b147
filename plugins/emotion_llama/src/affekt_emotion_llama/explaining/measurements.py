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
    candidates = [reason for reason in reasons(evidence) if within is None or _mostly(reason.clue, *within)]
    for modality, few in FEW.items():
        own = sorted(
            (reason for reason in candidates if reason.clue.modality == modality), key=lambda reason: -reason.strength
        )
        chosen += [reason.clue for reason in own[:few]]
    return sorted(chosen, key=lambda clue: (clue.start, clue.end))


def supporting(evidence: Evidence, label: str, within: tuple[float, float] | None = None) -> tuple[Clue, ...]:
    """What was measured, is borne out and speaks for a label: the strongest few, in order of time."""
    borne_out = [
        reason
        for reason in sorted(reasons(evidence), key=lambda reason: -reason.strength)
        if label in reason.supports
        and is_in(evidence, reason.clue)
        and (within is None or _mostly(reason.clue, *within))
    ]
    clues = list(dict.fromkeys(reason.clue for reason in borne_out))[:SUPPORTING]
    return tuple(replace(clue, checked=True) for clue in sorted(clues, key=lambda clue: (clue.start, clue.end)))


def _when(clue: Clue) -> str:
    return f" from {clue.start:.1f} to {clue.end:.1f} s" if clue.end > clue.start else ""


def _mostly(clue: Clue, begin: float, end: float) -> bool:
    return min(clue.end, end) - max(clue.start, begin) >= 0.5 * (clue.end - clue.start)


def worded(clues: Sequence[Clue]) -> tuple[list[str], list[str]]:
    """What face and voice do, each with its time: "the lip corners rise (AU12) from 2.0 to 5.0 s"."""
    face, voice = (
        [f"{clue.text}{_when(clue)}" for clue in clues if clue.modality == modality] for modality in ("face", "audio")
    )
    return face, voice

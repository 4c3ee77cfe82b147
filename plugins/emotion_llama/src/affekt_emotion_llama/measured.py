"""What was measured in a clip, in words: the clues an explanation may use, with their times and checks."""

import re
from collections.abc import Sequence

from affekt import Clue, Evidence
from affekt_clues.check import is_in
from affekt_clues.claims import measured_reasons as reasons
from affekt_clues.reason import Reason
from affekt_clues.words import quote, words_between

FEW = {"face": 4, "audio": 3}
"""Clues of one modality that are told."""
CANDIDATES = 8
"""Sentences that a model may choose from."""


def clues(evidence: Evidence, within: tuple[float, float] | None = None) -> list[Clue]:
    """The strongest, a few of each modality, in order of time; within a stretch, those that lie mostly in it."""
    chosen: list[Clue] = []
    found = [one for one in reasons(evidence) if within is None or _mostly(one.clue, *within)]
    for modality, few in FEW.items():
        own = sorted((one for one in found if one.clue.modality == modality), key=lambda one: -one.strength)
        chosen += [one.clue for one in own[:few]]
    return sorted(chosen, key=lambda clue: (clue.start, clue.end))


def sentences(
    evidence: Evidence, label: str, within: tuple[float, float] | None = None, said: Sequence[Reason] = ()
) -> list[str]:
    """What was measured, is borne out and speaks for a label, a sentence each, the strongest first.

    Args:
        said: further reasons, in the words.
    """
    found = [
        one
        for one in sorted([*reasons(evidence), *said], key=lambda one: -one.strength)
        if label in one.supports and is_in(evidence, one.clue) and (within is None or _mostly(one.clue, *within))
    ]
    clues = list(dict.fromkeys(one.clue for one in found))[:CANDIDATES]
    parts = [f"{clue.text}{_when(clue)}." for clue in clues]
    return [part[0].upper() + part[1:] for part in parts]


def quotation(evidence: Evidence, begin: float, end: float) -> str:
    """What is said in a span, in one sentence: marks that would end it become commas."""
    return quote(re.sub(r"[.;!?]+(?=\s)", ",", words_between(evidence, begin, end).strip(" .;!?")))


def _when(clue: Clue) -> str:
    return f" from {clue.start:.1f} to {clue.end:.1f} s" if clue.end > clue.start else ""


def _mostly(clue: Clue, begin: float, end: float) -> bool:
    return min(clue.end, end) - max(clue.start, begin) >= 0.5 * (clue.end - clue.start)


def worded(found: Sequence[Clue]) -> tuple[list[str], list[str]]:
    """What face and voice do, each with its time: "the lip corners rise (AU12) from 2.0 to 5.0 s"."""
    face, voice = ([f"{clue.text}{_when(clue)}" for clue in found if clue.modality == one] for one in ("face", "audio"))
    return face, voice

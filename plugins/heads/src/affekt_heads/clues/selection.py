"""Which reasons are told: those that speak for the leading emotion while it leads, checked, the strongest first."""

from collections.abc import Sequence
from dataclasses import replace

from affekt import Clue
from affekt_clues import face, sounds, voice
from affekt_clues.check import is_in
from affekt_clues.claims import within_clip
from affekt_clues.reason import Reason

from affekt_heads.clues import words
from affekt_heads.hearing import Hearing
from affekt_heads.timeline import Stretch
from affekt_heads.words import WordsHead

FEW = {"face": 3, "audio": 2, "text": 2}
"""Reasons of one modality that are told for one stretch."""


def select(hearing: Hearing, stretches: Sequence[Stretch], head: WordsHead | None, slot: str | None) -> list[Clue]:
    """The clues of a prediction in order of time, each looked up in the evidence by `check.is_in`."""
    candidates = _candidates(hearing, head, slot)
    chosen: dict[tuple[str, float, float, str], Clue] = {}
    for stretch in stretches:
        for modality, few in FEW.items():
            fitting = [(_fit(reason, stretch), reason) for reason in candidates if reason.clue.modality == modality]
            fitting = sorted((pair for pair in fitting if pair[0] > 0), key=lambda pair: -pair[0])
            for _, reason in fitting[:few]:
                clue = reason.clue
                chosen[clue.modality, clue.start, clue.end, clue.text] = clue
    checked = [replace(clue, checked=is_in(hearing.evidence, clue)) for clue in chosen.values()]
    return sorted(checked, key=lambda clue: (clue.start, clue.end))


def _candidates(hearing: Hearing, head: WordsHead | None, slot: str | None) -> list[Reason]:
    spoke = {opinion.modality for opinion in hearing.opinions}
    reasons = list(sounds.reasons(hearing.evidence.clip))
    if hearing.action_units is not None and "face" in spoke:
        reasons += face.reasons(hearing.action_units, hearing.evidence.clip.faces)
    if hearing.prosody is not None and "audio" in spoke:
        reasons += voice.reasons(hearing.prosody)
    if head is not None and slot is not None and "text" in spoke:
        reasons += words.reasons(hearing.evidence, hearing.evidence.features[slot], head)
    return within_clip(reasons, hearing.evidence)


def _fit(reason: Reason, stretch: Stretch) -> float:
    """How much a reason says about a stretch: its strength times the share of its time that lies there."""
    if stretch.emotion not in reason.supports:
        return 0.0
    shared = min(reason.clue.end, stretch.end) - max(reason.clue.start, stretch.start)
    own = max(reason.clue.end - reason.clue.start, 1e-6)
    share = 1.0 if reason.clue.end <= reason.clue.start else shared / own
    return reason.strength * share if share >= 0.5 or shared >= 0.6 * (stretch.end - stretch.start) else 0.0

"""What an example's answer says, composed from what was measured in the clip: never more than is in the evidence."""

from affekt import Clip, Clue, Evidence
from affekt_clues.check import is_in
from affekt_clues.reason import Reason
from affekt_emotion_llama import measured
from affekt_emotion_llama.prompt import target

from affekt_training.config import DataUse, StageConfig, TaskUse
from affekt_training.samples import Known

MOST = 3
"""Clues that are told."""
NOTHING = "Nothing that was measured speaks for it."


def evidence_of(one: Known) -> Evidence:
    """The sample's features as the reasoner will have them."""
    return Evidence(clip=Clip(id=one.sample.id), features=dict(one.copies[0]))


def measurable(known: Evidence) -> list[Reason]:
    """Every clue that holds, the strongest first."""
    return sorted(
        (one for one in measured.reasons(known) if is_in(known, one.clue)), key=lambda reason: -reason.strength
    )


def answer(config: StageConfig, use: DataUse, task: TaskUse, one: Known) -> str | None:
    """The answer text of an example; None where the sample has nothing to say for this task."""
    if task.answer == "note":
        told = one.sample.notes.get(use.note or "")
        return target(str(told)) if told else None
    if task.answer == "label":
        return one.label
    found = measurable(evidence_of(one))
    if task.answer == "clues":
        return sentences([reason.clue for reason in found[:MOST]]) or None
    if one.label is None:
        return None
    fitting = [reason.clue for reason in found if one.label in reason.supports][:MOST]
    lead = config.lead.replace("{label}", one.label) if config.lead else f"The person feels {one.label}."
    return f"{lead} {sentences(fitting) or NOTHING}"


def shown(task: TaskUse, one: Known) -> str | None:
    """The measurements as the prompt shows them, for tasks that explain."""
    return measured.told(measured.clues(evidence_of(one))) if task.answer in ("clues", "reason") else None


def sentences(clues: list[Clue]) -> str:
    """A sentence a clue, with its time."""
    parts = [f"{clue.text} from {clue.start:.1f} to {clue.end:.1f} s." for clue in clues]
    return " ".join(part[0].upper() + part[1:] for part in parts)

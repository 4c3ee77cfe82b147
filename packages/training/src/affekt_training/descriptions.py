"""What an example's answer says, composed from what was measured in the clip: never more than is in the evidence.

An explanation begins with the model's `lead`, which names the label and belongs to the prompt; what is learnt is which
of the measured clues speak for that label.
"""

import numpy as np
from affekt import Clip, Clue, Evidence
from affekt_clues.check import is_in
from affekt_clues.reason import Reason
from affekt_emotion_llama import measured
from affekt_emotion_llama.prompt import target

from affekt_training.config import DataUse, StageConfig, TaskUse
from affekt_training.features import load
from affekt_training.samples import Known

MOST = 3
"""Clues that are told."""
NOTHING = "Nothing that was measured speaks for it."


def evidence_of(one: Known, *, whole: bool = True) -> Evidence:
    """The sample's features as the reasoner will have them.

    Args:
        whole: with features whose columns mean nothing, from which no clue is measured and which may be large.
    """
    loaded = {slot: load(features) for slot, features in one.copies[0].items() if whole or features.names}
    present = {slot: features for slot, features in loaded.items() if features is not None}
    return Evidence(clip=Clip(id=one.sample.id), features=present)


def measurable(known: Evidence) -> list[Reason]:
    """Every clue that holds, the strongest first."""
    return sorted(
        (one for one in measured.reasons(known) if is_in(known, one.clue)), key=lambda reason: -reason.strength
    )


def answer(config: StageConfig, use: DataUse, task: TaskUse, one: Known) -> str | None:
    """The answer text of an example; None where the sample has nothing to say for this task."""
    if task.answer == "note":
        told = one.sample.notes.get(use.note or "")
        return target(str(told), config.prompt.targets) if told else None
    if task.answer == "label":
        return one.label
    label = label_told(config, task, one)
    if label is None:
        return None
    fitting = [reason.clue for reason in measurable(evidence_of(one, whole=False)) if label in reason.supports][:MOST]
    return sentences(fitting) or NOTHING


def without_answer(config: StageConfig, use: DataUse, task: TaskUse, one: Known) -> str:
    """Why `answer` gives None: what the sample lacks."""
    if task.answer == "note":
        return f'no text "{use.note}"'
    if one.sample.label is None:
        return "no label"
    return f'the label "{one.sample.label}" is none of the model\'s'


def label_told(config: StageConfig, task: TaskUse, one: Known) -> str | None:
    """The label that an explanation is about: the sample's own, or for `clues` any."""
    if task.answer != "clues":
        return one.label
    # Half of the time a label that some clue speaks for, so that not most answers are that nothing does.
    random = np.random.default_rng(list(f"{config.seed} {one.sample.id}".encode()))
    reasons = measurable(evidence_of(one, whole=False))
    supported = sorted({label for reason in reasons for label in reason.supports if label in config.labels})
    pool = supported if supported and random.random() < 0.7 else config.labels
    return str(random.choice(list(pool)))


def shown(task: TaskUse, one: Known) -> str | None:
    """The measurements as the prompt shows them, for tasks that explain."""
    return measured.told(measured.clues(evidence_of(one, whole=False))) if task.answer in ("clues", "reason") else None


def sentences(clues: list[Clue]) -> str:
    """A sentence a clue, with its time."""
    parts = [f"{clue.text} from {clue.start:.1f} to {clue.end:.1f} s." for clue in clues]
    return " ".join(part[0].upper() + part[1:] for part in parts)

"""What an example's answer says, composed from what was measured in the clip: never more than is in the evidence.

An explanation begins with the model's `lead`, which names the label and belongs to the prompt; what is learnt is which
of the measured clues speak for that label.
"""

from collections.abc import Sequence

import numpy as np
from affekt import Clip, Clue, Evidence, Modality
from affekt_clues.check import is_in
from affekt_clues.claims import measured_reasons
from affekt_clues.expression import is_expression
from affekt_clues.reason import Reason
from affekt_emotion_llama.explaining import measurements, observed
from affekt_emotion_llama.language.prompt import target

from affekt_training import merr_reasons
from affekt_training.config import DataUse, StageConfig, TaskUse
from affekt_training.featured import FeaturedSample
from affekt_training.features import load

MOST = 3
"""The most clues that a text names."""
WORDINGS = (
    "{clue}.", "{clue}, which fits {noun}.", "{clue}, a sign of {noun}.", "that {clue} speaks for {noun}.",
    "{clue}, as it often does in {noun}.",
)  # fmt: skip
"""The wordings of a clue."""
ALONE: dict[Modality, tuple[str, ...]] = {
    "audio": ("The tone sounds {label}.", "The tone of the voice is {label}.", "The voice itself sounds {label}."),
    "face": ("The face looks {label}.", "The expression of the face is {label}.", "The expression itself is {label}."),
}
"""How what a modality makes likeliest by itself is told."""
NOUNS = {
    "neutral": "a neutral state", "calm": "calm", "happy": "joy", "sad": "sadness", "angry": "anger", "fearful": "fear",
    "disgusted": "disgust", "surprised": "surprise", "bored": "boredom",
}  # fmt: skip
NOTHING = "Nothing that was observed speaks for it."


def evidence_of(featured: FeaturedSample, *, every_slot: bool = True) -> Evidence:
    """The sample's features as the reasoner will have them.

    Args:
        every_slot: with features whose columns mean nothing, from which no clue is measured and which may be large.
    """
    loaded = {slot: load(features) for slot, features in featured.copies[0].items() if every_slot or features.names}
    present = {slot: features for slot, features in loaded.items() if features is not None}
    return Evidence(clip=Clip(id=featured.sample.id), features=present)


def measurable(evidence: Evidence) -> list[Reason]:
    """Every clue that holds, the strongest first."""
    return sorted(
        (reason for reason in measured_reasons(evidence) if is_in(evidence, reason.clue)),
        key=lambda reason: -reason.strength,
    )


def answer(config: StageConfig, use: DataUse, task: TaskUse, featured: FeaturedSample) -> str | None:
    """The answer text of an example; None where the sample has nothing to say for this task."""
    if task.answer == "note":
        explanation = featured.sample.notes.get(use.note or "")
        return target(str(explanation), config.prompt.targets) if explanation else None
    if task.answer == "label":
        return featured.label
    if task.answer == "merr":
        return merr_reasons.reasoning(featured.sample)
    label = label_of(config, task, featured)
    if label is None:
        return None
    fitting = [
        reason.clue for reason in measurable(evidence_of(featured, every_slot=False)) if label in reason.supports
    ][:MOST]
    explanation = composed(fitting, label, featured.sample.id)
    return (
        " ".join(filter(None, [explanation, *(_alone(of, own, featured) for of, own in alone(featured).items())]))
        or NOTHING
    )


def alone(featured: FeaturedSample) -> dict[Modality, str]:
    """Modality → what it makes likeliest by itself: of a voice the sample's label, of a face what its features say."""
    likeliest: dict[Modality, str] = {}
    for features in evidence_of(featured, every_slot=False).features.values():
        if "pitch" in (features.names or ()) and featured.label is not None:
            likeliest["audio"] = featured.label
        elif is_expression(features) and len(features.values):
            likeliest["face"] = str((features.names or ())[int(features.values.mean(axis=0).argmax())])
    return likeliest


def _alone(of: Modality, label: str, featured: FeaturedSample) -> str:
    random = np.random.default_rng(list(f"{of} {featured.sample.id}".encode()))
    return str(random.choice(ALONE[of])).format(label=label)


def without_answer(config: StageConfig, use: DataUse, task: TaskUse, featured: FeaturedSample) -> str:
    """Why `answer` gives None: what the sample lacks."""
    if task.answer == "note":
        return f'no text "{use.note}"'
    if task.answer == "merr":
        return "nothing in its reasoning that the prompt shows"
    if featured.sample.label is None:
        return "no label"
    return f'the label "{featured.sample.label}" is none of the model\'s'


def label_of(config: StageConfig, task: TaskUse, featured: FeaturedSample) -> str | None:
    """The label that an explanation is about: the sample's own, or for `clues` any."""
    if task.answer == "merr":
        return merr_reasons.label(featured.sample)
    if task.answer != "clues":
        return featured.label
    # Half of the time a label that some clue speaks for, so that not most answers are that nothing does.
    random = np.random.default_rng(list(f"{config.seed} {featured.sample.id}".encode()))
    reasons = measurable(evidence_of(featured, every_slot=False))
    supported = sorted({label for reason in reasons for label in reason.supports if label in config.labels})
    pool = supported if supported and random.random() < 0.7 else config.labels
    return str(random.choice(list(pool)))


def shown(task: TaskUse, featured: FeaturedSample) -> str | None:
    """The measurements as the prompt shows them, for tasks that explain."""
    if task.answer == "merr":
        return merr_reasons.shown(featured.sample)
    if task.answer not in ("clues", "reason"):
        return None
    evidence = evidence_of(featured, every_slot=False)
    return observed.sentences(*measurements.worded(measurements.clues(evidence)), alone(featured), featured.sample.text)


def composed(clues: Sequence[Clue], label: str, seed: str) -> str:
    """A sentence a clue, with its time, and what it speaks for; the wording is drawn by the seed."""
    random = np.random.default_rng(list(seed.encode()))
    noun = NOUNS.get(label, label)
    parts = []
    for clue in clues:
        when = f" from {clue.start:.1f} to {clue.end:.1f} s" if clue.end > clue.start else ""
        parts.append(str(random.choice(WORDINGS)).format(clue=f"{clue.text}{when}", noun=noun))
    return " ".join(part[0].upper() + part[1:] for part in parts)

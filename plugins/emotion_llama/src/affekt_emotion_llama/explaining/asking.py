"""What the model says to a question about a recording: one of four tasks, or free words where it can.

`emotion` and `reason` are what the analysis concluded. `voice` and `face` tell one modality by itself: what it makes
likeliest, and what was measured in it. Models that write take a free question in place of the instruction of their
prompt (`[reason] …`), and what they claim is looked up like every explanation.
"""

from collections.abc import Mapping

import torch
from affekt import DataError, Evidence, Modality
from affekt_clues.phrasing import listed
from affekt_recordings import Analysis
from affekt_recordings.asking import Task, TextAnswer

from affekt_emotion_llama.explaining import explanation, measurements
from affekt_emotion_llama.language import generation
from affekt_emotion_llama.language.prompt import Prompt
from affekt_emotion_llama.language.sequence import embed
from affekt_emotion_llama.model import EmotionLlama

MODALITIES: Mapping[Task, Modality] = {"voice": "audio", "face": "face"}
NEXT = 2
"""Emotions that are named beside the likeliest,"""
WORTH = 0.05
"""where they reach this share."""


def by_task(felt: Analysis, task: Task, alone: Mapping[Modality, tuple[str, float]]) -> TextAnswer:
    """The answer to one of the tasks.

    Args:
        alone: modality → what it makes likeliest by itself and how likely; {} where that is not known.
    """
    if task == "emotion":
        return TextAnswer(text=_emotion(felt))
    if task == "reason":
        return TextAnswer(text=felt.rationale, clues=felt.prediction.clues, struck=felt.prediction.struck)
    of = MODALITIES[task]
    if (reason := _absent(felt, of)) is not None:
        return TextAnswer(text=f"The {task} tells nothing: {reason}.")
    clues = [clue for clue in measurements.clues(felt.evidence) if clue.modality == of]
    face, voice = measurements.worded(clues)
    parts = []
    if of in alone:
        label, share = alone[of]
        parts.append(f"By itself the {task} is likeliest {label} ({share:.0%}).")
    if observations := face or voice:
        parts.append(f"Measured: {listed(observations)}.")
    return TextAnswer(
        text=" ".join(parts) or f"Nothing that stands out was measured in the {task}.", clues=tuple(clues)
    )


def freely(model: EmotionLlama, evidence: Evidence, prompt: Prompt, most: int, device: str) -> TextAnswer:
    """What a model that writes says, without what the evidence contradicts.

    Args:
        prompt: from `prompt.build`, with the question in place of the instruction.
        most: tokens.
    """
    assert evidence.fused is not None
    tokens, mask = (torch.from_numpy(array).to(device) for array in (evidence.fused.tokens, evidence.fused.mask))
    embeddings = embed(model.plain.get_input_embeddings(), prompt, tokens, mask)
    ends = [int(model.tokenizer.eos_token_id)]
    pieces = generation.text(model.tokenizer, generation.tokens(model.plain, embeddings, most=most, ends=ends))
    read = explanation.read("".join(pieces), evidence)
    if not read.text:
        raise DataError("the model wrote nothing that the recording does not contradict", hint="another question")
    return TextAnswer(text=read.text, clues=read.clues, struck=read.struck)


def only_window(felt: Analysis) -> Evidence:
    """The evidence of a recording that went through in one piece.

    Raises:
        DataError: there are several: of earlier ones only measurements are kept.
    """
    if len(felt.parts) != 1:
        raise DataError(
            f"free questions are answered about one window, and {felt.source} has {len(felt.parts)}",
            hint="a shorter recording, or a task: --task reason",
        )
    return felt.parts[0].evidence


def _emotion(felt: Analysis) -> str:
    ranked = sorted(felt.scores.items(), key=lambda pair: -pair[1])
    (label, share), runners_up = ranked[0], [pair for pair in ranked[1 : NEXT + 1] if pair[1] >= WORTH]
    others = f", then {listed([f'{name} ({value:.0%})' for name, value in runners_up])}" if runners_up else ""
    if felt.prediction.abstained:
        return f"Nothing is claimed: {felt.prediction.abstained}. Likeliest is {label} ({share:.0%}){others}."
    return f"{label.capitalize()} ({share:.0%}){others}."


def _absent(felt: Analysis, of: Modality) -> str | None:
    """Why a modality is missing in the whole recording; None where it is there in some of it."""
    reasons = [part.evidence.clip.missing.get(of) for part in felt.parts]
    return reasons[0].rstrip(".") if reasons[0] is not None and all(reasons) else None

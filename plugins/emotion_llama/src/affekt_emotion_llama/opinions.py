"""Tokens that are opinions: the labels' mean embedding and, for each label, its logit times that label's direction.

`affekt_training.probe` makes such tokens. Their distance from the token that says nothing is how strongly they speak,
so a slot can be trusted less, and what each slot says by itself is a sequence with its token alone.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np
import torch
from affekt import Evidence, FusedSequence, Modality, OptionsError
from torch import Tensor

from affekt_emotion_llama.model import EmotionLlama
from affekt_emotion_llama.projections import Projection
from affekt_emotion_llama.prompt import answer_ids


def silent(model: EmotionLlama) -> Tensor:
    """The token that says nothing [hidden]: the mean of the embeddings with which the labels begin."""
    config = model.config
    words = [config.written.get(label, label) for label in config.labels]
    ids = torch.tensor([answer_ids(model.tokenizer, word, end=False)[0] for word in words])
    embedding = model.plain.get_input_embeddings()
    found: Tensor = embedding(ids.to(next(embedding.parameters()).device)).float().mean(dim=0)
    return found


def slots(model: EmotionLlama) -> list[str]:
    """The slot of every token.

    Raises:
        OptionsError: the model's tokens are no opinions.
    """
    if not model.config.opinions:
        raise OptionsError("trusts: the tokens of this model are not opinions, so none can count less", hint="trust")
    projections: Sequence[Projection] = model.fusion.projections  # type: ignore[assignment]
    return [one.slot for one in projections for _ in range(one.tokens)]


def exponents(trusts: Mapping[str, float], of: Sequence[str]) -> Tensor:
    """How much every token counts [token].

    Raises:
        OptionsError: the model reads no such slot, or a trust is not above 0 and at most 1.
    """
    if strange := sorted(set(trusts) - set(of)):
        raise OptionsError(f'trusts: the model reads no slot "{strange[0]}"', hint=", ".join(dict.fromkeys(of)))
    if wrong := [slot for slot, trust in trusts.items() if not 0 < trust <= 1]:
        raise OptionsError(f'trusts: that of "{wrong[0]}" should be above 0 and at most 1; found {trusts[wrong[0]]}')
    return torch.tensor([trusts.get(slot, 1.0) for slot in of])


def alone(known: Sequence[Evidence], of: Sequence[str]) -> dict[str, Evidence]:
    """Slot → evidence in which it alone speaks: its mean token over views of one clip. Slots never there are left out.

    Args:
        known: the clip, or every window of it.
    """
    found = {}
    for slot in dict.fromkeys(of):
        own = np.array([one == slot for one in of])
        there = [one.fused.tokens[own] for one in known if one.fused is not None and one.fused.mask[own].all()]
        if there:
            tokens = np.zeros((len(of), there[0].shape[1]), dtype=np.float32)
            tokens[own] = np.mean(there, axis=0)
            found[slot] = replace(known[0], fused=FusedSequence(tokens=tokens, mask=own))
    return found


def modality(slot: str, words: str | None, face: str | None) -> Modality:
    """What a slot of opinions looks at."""
    return "text" if slot == words else "face" if slot == face else "audio"

"""Tokens that are opinions: the labels' mean embedding and, for each label, its logit times that label's direction.

`affekt_training.probe` makes such tokens. What they say of the labels is read from them as coordinates, without the
language model, which reads the same tokens and puts into words what was observed. A token's distance from the one that
says nothing is how strongly it speaks, so a slot can be trusted less, and what each slot says by itself is a sequence
with its token alone.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np
import torch
from affekt import Evidence, FusedSequence, Modality, OptionsError
from torch import Tensor

from affekt_emotion_llama.language.prompt import answer_ids
from affekt_emotion_llama.model import EmotionLlama
from affekt_emotion_llama.projections import Projection


@torch.no_grad()
def directions(model: EmotionLlama) -> tuple[Tensor, Tensor]:
    """How a token says one unit of each label's logit [label, hidden], and the token that says nothing [hidden]."""
    config, embedding = model.config, model.plain.get_input_embeddings()
    words = [config.written.get(label, label) for label in config.labels]
    ids = torch.tensor([answer_ids(model.tokenizer, word, end=False)[0] for word in words])
    own = embedding(ids.to(next(embedding.parameters()).device)).float()
    middle = own.mean(dim=0)
    away = own - middle
    return own.norm(dim=1).mean() * away / away.norm(dim=1, keepdim=True), middle


@torch.no_grad()
def logits(tokens: Tensor, away: Tensor, middle: Tensor) -> Tensor:
    """What tokens say [clip, token, label], centred: their coordinates along the labels' directions.

    The directions sum to nearly nothing, so coordinates are told apart from others by summing to zero.
    """
    coordinates = (tokens - middle) @ torch.linalg.pinv(away)
    common = torch.linalg.svd(away.T).Vh[-1]  # what all labels together have no direction for
    centred: Tensor = coordinates - coordinates.sum(dim=-1, keepdim=True) / common.sum() * common
    return centred


def joined(logits: Tensor, present: Tensor) -> Tensor:
    """What several opinions come to [clip, label], as log-probabilities.

    n that say the same count as √n of them, as in affekt-heads: between independent witnesses and copies.

    Args:
        logits: centred logits [clip, token, label].
        present: which tokens are there [clip, token].
    """
    logits = logits * present[:, :, None]
    loudness = logits.std(dim=2, correction=0)
    witnesses = loudness.sum(dim=1).square() / loudness.square().sum(dim=1).clamp(min=1e-12)
    return (logits.sum(dim=1) / witnesses.clamp(min=1.0).sqrt()[:, None]).log_softmax(dim=1)


def columns(model: EmotionLlama, labels: Sequence[str]) -> list[int]:
    """The places of some labels among the model's.

    Raises:
        OptionsError: the model does not know one.
    """
    model_labels = list(model.config.labels)
    if unknown := [label for label in labels if label not in model_labels]:
        raise OptionsError(
            f'the model has no opinion about "{unknown[0]}"',
            hint=f"labels out of {', '.join(model_labels)}, or another model",
        )
    return [model_labels.index(label) for label in labels]


def slots(model: EmotionLlama) -> list[str]:
    """The slot of every token.

    Raises:
        OptionsError: the model's tokens are no opinions.
    """
    if not model.config.opinions:
        raise OptionsError("trusts: the tokens of this model are not opinions, so none can count less", hint="trust")
    projections: Sequence[Projection] = model.fusion.projections  # type: ignore[assignment]
    return [projection.slot for projection in projections for _ in range(projection.tokens)]


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


def alone(views: Sequence[Evidence], of: Sequence[str]) -> dict[str, Evidence]:
    """Slot → evidence in which it alone speaks: its mean token over views of one clip. Slots never there are left out.

    Args:
        views: the clip, or every window of it.
    """
    alone_of = {}
    for slot in dict.fromkeys(of):
        own = np.array([name == slot for name in of])
        there = [view.fused.tokens[own] for view in views if view.fused is not None and view.fused.mask[own].all()]
        if there:
            tokens = np.zeros((len(of), there[0].shape[1]), dtype=np.float32)
            tokens[own] = np.mean(there, axis=0)
            alone_of[slot] = replace(views[0], fused=FusedSequence(tokens=tokens, mask=own))
    return alone_of


def modality(slot: str, words: str | None, face: str | None) -> Modality:
    """What a slot of opinions looks at."""
    return "text" if slot == words else "face" if slot == face else "audio"

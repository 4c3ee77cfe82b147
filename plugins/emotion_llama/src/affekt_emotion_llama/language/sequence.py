"""Prompts, fused tokens and answers as the embeddings a language model reads, for training and for inference.

Masked tokens are left out of the sequence. For a causal model with relative positions this is what a closed attention
mask with consecutive positions computes, and nothing that stands in for missing data can leak.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from affekt import DataError
from torch import Tensor, nn
from torch.nn.utils.rnn import pad_sequence

from affekt_emotion_llama.language.prompt import Prompt

IGNORED = -100
"""Label of positions that carry no loss."""


@dataclass(frozen=True, kw_only=True)
class Batch:
    """Keyword arguments of a causal language model of transformers; padded on the right."""

    inputs_embeds: Tensor
    attention_mask: Tensor
    labels: Tensor


def embed(embedding: nn.Module, prompt: Prompt, tokens: Tensor, mask: Tensor) -> Tensor:
    """One prompt as embeddings [position, hidden].

    Args:
        embedding: the language model's input embeddings.
        tokens: the clip's fused tokens [token, hidden].
        mask: False for tokens that are left out [token].

    Raises:
        DataError: the prompt has places for another number of tokens.
    """
    expected = sum(len(piece) for piece in prompt.pieces if isinstance(piece, range))
    if expected != len(tokens):
        raise DataError(
            f"the prompt has places for {expected} fused tokens; found {len(tokens)}",
            hint="the fuser and the reasoner of one saved model",
        )
    weight = next(embedding.parameters())
    if tokens.shape[1] != weight.shape[1]:
        raise DataError(f"the fused tokens are {tokens.shape[1]} wide; the language model takes {weight.shape[1]}")
    if not bool(tokens[mask].isfinite().all()):
        raise DataError("the fused tokens hold NaN or infinity", hint="a fuser whose weights are whole")
    parts = []
    for piece in prompt.pieces:
        if isinstance(piece, range):
            chosen = slice(piece.start, piece.stop)
            parts.append(tokens[chosen][mask[chosen]].to(weight))
        else:
            parts.append(embedding(torch.tensor(piece, device=weight.device)))
    return torch.cat(parts)


def assemble(
    embedding: nn.Module,
    prompts: Sequence[Prompt],
    tokens: Tensor,
    mask: Tensor,
    answers: Sequence[Sequence[int]],
) -> Batch:
    """Prompts with their answers for training: the loss is on the answers (with their end) only.

    Args:
        tokens: of a `FusionModule` [clip, token, hidden].
        mask: of a `FusionModule` [clip, token].
        answers: ids, from `prompt.answer_ids`.
    """
    rows, labels = [], []
    for prompt, own, there, answer in zip(prompts, tokens, mask, answers, strict=True):
        asked = embed(embedding, prompt, own, there)
        ids = torch.tensor(answer, dtype=torch.long, device=asked.device)
        rows.append(torch.cat([asked, embedding(ids)]))
        labels.append(torch.cat([ids.new_full((len(asked),), IGNORED), ids]))
    return Batch(
        inputs_embeds=pad_sequence(rows, batch_first=True),
        attention_mask=pad_sequence([torch.ones_like(row[:, 0], dtype=torch.long) for row in rows], batch_first=True),
        labels=pad_sequence(labels, batch_first=True, padding_value=IGNORED),
    )

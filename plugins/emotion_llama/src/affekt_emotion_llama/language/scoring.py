"""Log-probabilities of labels after a prompt: all labels, and several questions, in one forward pass.

What follows a shared beginning is packed behind it as a tree: each branch sees the beginning and its own ancestors, by
its attention mask and its positions, so that no branch knows of another. Nothing is generated.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor
from torch.nn.utils.rnn import pad_sequence
from transformers import DynamicCache, PreTrainedModel


@dataclass(frozen=True)
class Branch:
    """A stretch of embeddings behind its parent."""

    embeddings: Tensor
    """The embeddings [position, hidden]."""
    parent: int | None = None
    """Index of the branch it continues; None continues the beginning."""


@dataclass(frozen=True)
class Beginning:
    """What several questions have in common, read once."""

    cache: DynamicCache
    length: int
    """The number of positions in the cache."""


def log_probabilities(model: PreTrainedModel, prompts: Sequence[Tensor], answers: Sequence[Sequence[int]]) -> Tensor:
    """log P(answer | prompt) of every answer after every prompt, in one forward pass [clip, answer].

    Args:
        prompts: embeddings [position, hidden] of each clip, from `sequence.embed`.
        answers: ids, from `prompt.answer_ids`. Without their end, unless one answer begins another; see `endings`.
    """
    rows = [[Branch(prompt), *_labels(model, answers, parent=0)] for prompt in prompts]
    hidden = _forward(model, rows)
    return torch.stack([_gather(model, own, row, answers, 0) for own, row in zip(hidden, rows, strict=True)])


def ask(
    model: PreTrainedModel,
    beginning: Beginning,
    questions: Sequence[Tensor],
    answers: Sequence[Sequence[Sequence[int]]],
) -> list[Tensor]:
    """log P(answer | beginning, question) for several questions, each with its own answers, in one forward pass."""
    row = [Branch(question) for question in questions]
    starts = []
    for index, own in enumerate(answers):
        starts.append(len(row))
        row += _labels(model, own, parent=index)
    (hidden,) = _forward(model, [row], beginning)
    return [
        _gather(model, hidden, row, own, index, start)
        for index, (own, start) in enumerate(zip(answers, starts, strict=True))
    ]


@torch.inference_mode()
def read(model: PreTrainedModel, embeddings: Tensor) -> Beginning:
    """Reads a beginning [position, hidden] into a cache."""
    cache = DynamicCache(config=model.config)
    _decoder(model)(inputs_embeds=embeddings[None], past_key_values=cache, use_cache=True)
    return Beginning(cache=cache, length=len(embeddings))


def shared_length(sequences: Sequence[Tensor]) -> int:
    """How many positions all sequences begin with in common; less than the shortest, so that each keeps a rest."""
    shortest = min(map(len, sequences)) - 1
    same = torch.stack([(sequence[:shortest] == sequences[0][:shortest]).all(dim=1) for sequence in sequences]).all(
        dim=0
    )
    return shortest if bool(same.all()) else int(same.int().argmin())


def endings(answers: Sequence[Sequence[int]], end: int) -> list[tuple[int, ...]]:
    """The answers, with their end where one begins another ("fear", "fearful"), so that they can be compared."""
    ids = [tuple(answer) for answer in answers]
    nested = any(a != b and b[: len(a)] == a for a in ids for b in ids)
    return [(*answer, end) for answer in ids] if nested else ids


def _labels(model: PreTrainedModel, answers: Sequence[Sequence[int]], parent: int) -> list[Branch]:
    """A branch an answer. Its last piece is only predicted, never read."""
    embedding = model.get_input_embeddings()
    device = next(embedding.parameters()).device
    return [Branch(embedding(torch.tensor(answer[:-1], dtype=torch.long, device=device)), parent) for answer in answers]


@torch.inference_mode()
def _forward(model: PreTrainedModel, rows: Sequence[Sequence[Branch]], beginning: Beginning | None = None) -> Tensor:
    """Last hidden states [row, position, hidden]."""
    before = beginning.length if beginning else 0
    embeds = pad_sequence([torch.cat([branch.embeddings for branch in row]) for row in rows], batch_first=True)
    laid = [_layout(row, embeds.shape[1], before) for row in rows]
    positions = torch.stack([each[0] for each in laid]).to(embeds.device)
    visible = torch.stack([each[1] for each in laid]).to(embeds.device)
    mask = torch.zeros(visible.shape, dtype=embeds.dtype, device=embeds.device)
    mask = mask.masked_fill(~visible, torch.finfo(embeds.dtype).min)[:, None]
    options: dict[str, Any] = (
        {"past_key_values": beginning.cache, "use_cache": True} if beginning else {"use_cache": False}
    )
    output = _decoder(model)(inputs_embeds=embeds, attention_mask=mask, position_ids=positions, **options)
    if beginning:
        beginning.cache.crop(-embeds.shape[1])
    hidden: Tensor = output.last_hidden_state
    return hidden


def _layout(row: Sequence[Branch], width: int, before: int) -> tuple[Tensor, Tensor]:
    """Positions [width] of a row's branches and what each sees [width, before + width]."""
    positions, visible = torch.zeros(width, dtype=torch.long), torch.zeros(width, before + width, dtype=torch.bool)
    visible[:, :before] = True
    spans: list[tuple[int, int, int]] = []
    at = 0
    for branch in row:
        size = len(branch.embeddings)
        depth = before if branch.parent is None else spans[branch.parent][2]
        positions[at : at + size] = torch.arange(depth, depth + size)
        ancestor = branch.parent
        while ancestor is not None:
            begin, end, _ = spans[ancestor]
            visible[at : at + size, before + begin : before + end] = True
            ancestor = row[ancestor].parent
        visible[at : at + size, before + at : before + at + size] = torch.ones(size, size, dtype=torch.bool).tril()
        spans.append((at, at + size, depth + size))
        at += size
    # Padding must see something, or the softmax of its row is undefined.
    visible[at:, 0] = True
    return positions, visible


@torch.inference_mode()
def _gather(
    model: PreTrainedModel, hidden: Tensor, row: Sequence[Branch], answers: Sequence[Sequence[int]], parent: int,
    start: int = 1,
) -> Tensor:  # fmt: skip
    """Sums the log-probabilities of every answer's pieces; the last position before a piece predicts it."""
    ends = torch.tensor([len(branch.embeddings) for branch in row]).cumsum(0).tolist()
    last = ends[parent] - 1
    positions, pieces, owner = [], [], []
    for index, answer in enumerate(answers):
        begin = ends[start + index] - len(row[start + index].embeddings)
        positions += [last, *range(begin, begin + len(answer) - 1)]
        pieces += list(answer)
        owner += [index] * len(answer)
    unique, back = torch.tensor(positions).unique(return_inverse=True)  # type: ignore[no-untyped-call]
    logits = model.get_output_embeddings()(hidden[unique.to(hidden.device)])  # type: ignore[no-untyped-call]
    scores = logits.double().log_softmax(dim=-1)[back.to(hidden.device), torch.tensor(pieces, device=hidden.device)]
    total = scores.new_zeros(len(answers))
    sums: Tensor = total.index_add(0, torch.tensor(owner, device=hidden.device), scores)
    return sums


def _decoder(model: PreTrainedModel) -> Any:
    """The transformer below the language-model head, LoRA layers included."""
    return model.get_decoder()  # type: ignore[no-untyped-call]

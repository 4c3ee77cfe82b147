"""Trains the network epoch by epoch; a run that is stopped goes on from its last one."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from jaxtyping import Int64
from rich.progress import track
from safetensors.torch import save_file
from torch import Tensor, nn
from torch.nn.functional import binary_cross_entropy_with_logits, cross_entropy

from affekt_training.epochs import Epochs
from affekt_training.texts.material import COMMENT, Material
from affekt_training.texts.network import TunedText


@dataclass(frozen=True, kw_only=True)
class Settings:
    """Every number of a run; written beside its weights."""

    epochs: int = 3
    rank: int = 32
    batch: int = 64
    pieces: int = 96
    """Word pieces of a text; more are cut off."""
    rate: float = 1e-3
    """The learning rate, which rises over 6 % of the steps and falls along a cosine."""
    weight_decay: float = 0.01
    dropout: float = 0.1
    other_weight: float = 0.5
    """The weight of a line of EmoryNLP beside one of MELD: its raters agreed less."""
    seed: int = 0


def train(tokenizer: Any, encoder: nn.Module, texts: Material, settings: Settings, out: Path) -> TunedText:
    """Trains; the folder gets `adapter.safetensors`, a line of `log.jsonl` an epoch and `state.pt`, to go on from."""
    torch.manual_seed(settings.seed)
    network = TunedText(encoder, texts.expressed.shape[1], rank=settings.rank, dropout=settings.dropout)
    steps = max(1, len(texts) // settings.batch)
    run = Epochs(
        network, network.trained(), out, epochs=settings.epochs, steps=steps, rate=settings.rate,
        weight_decay=settings.weight_decay, warmup=0.06,
    )  # fmt: skip
    pieces = [tokenizer(text, truncation=True, max_length=settings.pieces)["input_ids"] for text in texts.texts]
    for epoch in range(run.first, settings.epochs):
        run.begin(1000 * settings.seed + epoch)
        network.train()
        for rows in track(_batches(pieces, settings, epoch), f"epoch {epoch + 1} of {settings.epochs}", steps):
            run.step(_loss(network, texts, rows, *padded([pieces[row] for row in rows]), settings))
        run.log(epoch + 1)
        card = {"settings": json.dumps(asdict(settings)), "epoch": str(epoch + 1), "scale": "2.0"}
        adapter = {name: value.detach().half().contiguous() for name, value in network.adapter().items()}
        save_file(adapter, out / "adapter.safetensors", metadata=card)
        run.keep(epoch + 1)
    return network


def _batches(pieces: Sequence[Sequence[int]], settings: Settings, epoch: int) -> Iterator[Int64[np.ndarray, "text"]]:
    """Texts of about one length together, in an order of each epoch's own."""
    random = np.random.default_rng((settings.seed, epoch))
    lengths = np.array([len(each) for each in pieces])
    size = min(settings.batch, len(pieces))
    order = np.argsort(lengths + random.uniform(-3, 3, len(lengths)))
    batches = order[: len(order) // size * size].reshape(-1, size)
    yield from batches[random.permutation(len(batches))]


def _loss(
    network: TunedText,
    texts: Material,
    rows: Int64[np.ndarray, "text"],
    pieces: Tensor,
    mask: Tensor,
    settings: Settings,
) -> Tensor:
    """Cross-entropy of every label of a comment, and of the emotion of a line, a text of the batch."""
    vectors = network(pieces, mask)
    corpora = torch.from_numpy(texts.corpora[rows])
    comment, line = corpora == COMMENT, corpora != COMMENT
    wanted = torch.from_numpy(texts.expressed[rows]).float()[comment]
    total = binary_cross_entropy_with_logits(network.expressed(vectors[comment]), wanted, reduction="sum")
    if line.any():
        felt = torch.from_numpy(texts.emotions[rows])[line]
        logits = network.felt(vectors[line]) + network.lean[corpora[line]]
        weight = torch.where(corpora[line] == 0, 1.0, settings.other_weight)
        total = total + (cross_entropy(logits, felt, reduction="none") * weight).sum()
    return total / len(rows)


def padded(pieces: Sequence[Sequence[int]]) -> tuple[Tensor, Tensor]:
    """Word pieces [text, piece] filled up with zeros, and which are a text's own."""
    filled = torch.zeros(len(pieces), max(map(len, pieces)), dtype=torch.long)
    mask = torch.zeros_like(filled)
    for row, each in enumerate(pieces):
        filled[row, : len(each)] = torch.tensor(each)
        mask[row, : len(each)] = 1
    return filled, mask

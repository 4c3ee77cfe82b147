"""The head of GoEmotions' labels for the vectors that a pipeline computes, its thresholds, and its measures."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import torch
from affekt import Clip, Features
from affekt_text.encoder import EmotionMiniLMEncoder
from affekt_text.goemotions import GoEmotionsHead
from jaxtyping import Bool, Float64, Int64
from safetensors import safe_open
from safetensors.numpy import save_file
from sklearn.metrics import f1_score  # type: ignore[import-untyped]

from affekt_training.texts.material import Material, labels
from affekt_training.texts.network import TunedText
from affekt_training.texts.training import padded

SHIPPED = "minilm-emotions"
"""The weights that come with affekt-text."""
THRESHOLDS = np.linspace(0.05, 0.7, 66)
TOGETHER = 256
RESAMPLES = 1000


@dataclass(frozen=True, kw_only=True, eq=False)
class Comments:
    """Comments as the sentence vectors of a pipeline."""

    vectors: Float64[np.ndarray, "sentence dim"]
    comment: Int64[np.ndarray, "sentence"]
    """Which comment a sentence is of."""
    expressed: Bool[np.ndarray, "comment label"]

    def probabilities(self, head: GoEmotionsHead) -> Float64[np.ndarray, "comment label"]:
        """What the head says of every comment."""
        ends = np.searchsorted(self.comment, np.arange(len(self.expressed) + 1))
        rows = head.probabilities(self.vectors)
        return np.stack([head.of_all(rows[begin:end]) for begin, end in pairwise(ends)])


def encode(texts: Material, adapter: str, model: str = "all-minilm-l6") -> Comments:
    """The sentence vectors of every comment that holds a word."""
    encoder = EmotionMiniLMEncoder(model=model, adapter=adapter)
    vectors: list[np.ndarray] = []
    kept: list[int] = []
    for begin in range(0, len(texts), TOGETHER):
        batch = [Clip(id=str(row), text=text, language="en")
                 for row, text in enumerate(texts.texts[begin : begin + TOGETHER])]  # fmt: skip
        for row, features in enumerate(encoder.encode(batch), begin):
            if isinstance(features, Features):
                vectors.append(features.values.astype(np.float64))
                kept.append(row)
    comment = np.repeat(np.arange(len(vectors)), [len(rows) for rows in vectors])
    return Comments(vectors=np.concatenate(vectors), comment=comment, expressed=texts.expressed[kept])


@torch.no_grad()
def of_network(network: TunedText, tokenizer: Any, texts: Material) -> GoEmotionsHead:
    """The network's own head, for vectors of length 1: the lengths of its states hardly differ, so that one will do.

    Args:
        texts: of which the mean length is taken.
    """
    network.eval()
    lengths = [
        network(*padded([tokenizer(text, truncation=True)["input_ids"]])).norm().item() for text in texts.texts[:512]
    ]
    weight = network.expressed.weight.double().numpy().T * float(np.mean(lengths))
    bias = network.expressed.bias.double().numpy()
    return GoEmotionsHead(weight=weight, bias=bias, thresholds=np.full(len(bias), 0.5), labels=labels())


def with_thresholds(head: GoEmotionsHead, development: Comments) -> GoEmotionsHead:
    """The head with each label named from the probability on that gives the best F1 on the development split."""
    likely = development.probabilities(head)
    scored = [
        [f1_score(truth, row > threshold, zero_division=0) for threshold in THRESHOLDS]
        for truth, row in zip(development.expressed.T, likely.T, strict=True)
    ]
    return replace(head, thresholds=THRESHOLDS[np.argmax(scored, axis=1)])


def measures(head: GoEmotionsHead, texts: Comments, seed: int = 0) -> dict[str, tuple[float, float, float]]:
    """Macro-F1 over all labels, micro-F1, and calibration error over all of a comment's labels, with 95 % intervals.

    Intervals draw comments.
    """
    likely = texts.probabilities(head)
    random = np.random.default_rng(seed)
    drawn = [_measured(texts.expressed[rows], likely[rows], head.thresholds)
             for rows in random.integers(len(likely), size=(RESAMPLES, len(likely)))]  # fmt: skip
    values = _measured(texts.expressed, likely, head.thresholds)
    spread = {name: np.percentile([measured[name] for measured in drawn], [2.5, 97.5]) for name in values}
    return {name: (value, float(spread[name][0]), float(spread[name][1])) for name, value in values.items()}


def _measured(truth: np.ndarray, likely: np.ndarray, thresholds: np.ndarray) -> Mapping[str, float]:
    predicted = likely >= thresholds
    both, named, there = (predicted & truth).sum(axis=0), predicted.sum(axis=0), truth.sum(axis=0)
    each = 2 * both / np.maximum(named + there, 1)
    bins = np.minimum((likely * 15).astype(int), 14).ravel()
    gaps = np.bincount(bins, (likely - truth).ravel(), minlength=15)
    return {
        "macro-F1": float(each.mean()),
        "micro-F1": float(2 * both.sum() / (named.sum() + there.sum())),
        "ece": float(np.abs(gaps).sum() / likely.size),
    }


def save(head: GoEmotionsHead, adapter: Path, out: Path, card: Mapping[str, object]) -> None:
    """Writes the adapter and the head as one file, with what was measured."""
    with safe_open(adapter, framework="numpy") as file:
        metadata = dict(file.metadata() or {})
        tensors = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118
    tensors |= {
        "goemotions.weight": np.ascontiguousarray(head.weight, np.float32),
        "goemotions.bias": head.bias.astype(np.float32),
        "goemotions.thresholds": head.thresholds.astype(np.float32),
    }
    save_file(tensors, out, metadata={**metadata, "labels": json.dumps(head.labels), "card": json.dumps(card)})

"""Comments of GoEmotions with all their labels, and lines of MELD and EmoryNLP with one each."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import affekt_datasets
import numpy as np
from affekt_clues.expression import LABELS
from affekt_datasets import vocabulary
from jaxtyping import Bool, Int64

from affekt_training.heads.meld_emorynlp import Utterance

COMMENT = -1
"""The number in `Material.corpora` of a comment, whose labels are in `expressed`."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Material:
    """The texts of one split with what they express."""

    texts: tuple[str, ...]
    expressed: Bool[np.ndarray, "text label"]
    """GoEmotions' labels of a comment; nothing of a line."""
    emotions: Int64[np.ndarray, "text"]
    """Index into affekt-heads' `LABELS` of a line; −1 of a comment."""
    corpora: Int64[np.ndarray, "text"]
    """0 for MELD, 1 for EmoryNLP, `COMMENT` for a comment."""

    def __len__(self) -> int:
        return len(self.texts)


def labels() -> tuple[str, ...]:
    """GoEmotions' labels in the data set's order."""
    return tuple(vocabulary("goemotions").labels)


def comments(folder: Path | None, split: str) -> Material:
    """One of GoEmotions' official splits, train, dev or test.

    Raises:
        DatasetError: the folder does not hold them.
    """
    root = affekt_datasets.default_folder("goemotions") if folder is None else folder
    samples = affekt_datasets.read("goemotions", root).split(split)
    order = {label: index for index, label in enumerate(labels())}
    expressed = np.zeros((len(samples), len(order)), dtype=bool)
    for row, sample in enumerate(samples):
        expressed[row, [order[label] for label in sample.labels]] = True
    nothing = np.full(len(samples), COMMENT)
    return Material(
        texts=tuple(sample.text or "" for sample in samples), expressed=expressed, emotions=nothing, corpora=nothing
    )


def lines(utterances: Sequence[Utterance], split: str) -> Material:
    """Lines of MELD's split; with its training split those of EmoryNLP too."""
    chosen = [utterance for utterance in utterances if utterance.split == split]
    return Material(
        texts=tuple(utterance.text for utterance in chosen),
        expressed=np.zeros((len(chosen), len(labels())), dtype=bool),
        emotions=np.array([LABELS.index(utterance.emotion) for utterance in chosen]),
        corpora=np.array([int(utterance.corpus != "meld") for utterance in chosen]),
    )


def joined(*parts: Material) -> Material:
    """Joins several materials to one."""
    return Material(
        texts=tuple(text for part in parts for text in part.texts),
        expressed=np.concatenate([part.expressed for part in parts]),
        emotions=np.concatenate([part.emotions for part in parts]),
        corpora=np.concatenate([part.corpora for part in parts]),
    )

"""Trains the words head: a softmax regression on sentence vectors, on MELD and EmoryNLP.

    affekt heads train words --out words.safetensors

Every corpus has its own bias, so that EmoryNLP's other mixture of emotions does not leak into the calibration, which is
for MELD. The penalty is chosen on MELD's dev split and the result is measured once on its test split.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from affekt import Clip, Encoder, Features, plugins
from affekt_clues.expression import LABELS
from affekt_heads.opinion import normalise
from affekt_heads.words import WordsHead
from jaxtyping import Float64, Int64
from safetensors.numpy import save_file

from affekt_training.heads.meld_emorynlp import Utterance, fetch, read
from affekt_training.heads.scored import Scored, summary

ENCODER = "minilm-emotions"
PENALTIES = (3e-6, 1e-5, 3e-5, 1e-4)
"""The penalties of the squared weights, per example; the one with the least loss on the dev split is taken."""
EMORYNLP_WEIGHT = 0.5
"""The weight of one line of EmoryNLP beside one of MELD: its raters agreed less."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Lines:
    """The lines of a script as numbers."""

    vectors: Float64[np.ndarray, "line dim"]
    """The mean of the sentence vectors: the mean of the sentences' logits is the logit of this mean."""
    labels: Int64[np.ndarray, "line"]
    """The emotion of every line, as an index into `LABELS`."""
    corpora: Int64[np.ndarray, "line"]
    """0 for MELD, 1 for EmoryNLP."""
    utterances: tuple[Utterance, ...]

    def of(self, corpus: str, split: str) -> "Lines":
        """The lines of one split."""
        return self.where(np.array([u.corpus == corpus and u.split == split for u in self.utterances]))

    def where(self, kept: np.ndarray) -> "Lines":
        """The lines that are kept."""
        return Lines(
            vectors=self.vectors[kept],
            labels=self.labels[kept],
            corpora=self.corpora[kept],
            utterances=tuple(u for u, keep in zip(self.utterances, kept, strict=True) if keep),
        )


def encode(utterances: Sequence[Utterance], batch_size: int = 256) -> Lines:
    """The sentence vectors of every utterance, as the pipeline would make them from a transcript."""
    encoder: Encoder = plugins().create("encoder", ENCODER)
    vectors: list[np.ndarray] = []
    readable: list[Utterance] = []
    for start in range(0, len(utterances), batch_size):
        batch = utterances[start : start + batch_size]
        encoded = encoder.encode([Clip(id=str(i), text=line.text, language="en") for i, line in enumerate(batch)])
        for line, features in zip(batch, encoded, strict=True):
            if isinstance(features, Features):
                vectors.append(features.values.astype(np.float64).mean(axis=0))
                readable.append(line)
    return Lines(
        vectors=np.array(vectors),
        labels=np.array([LABELS.index(line.emotion) for line in readable]),
        corpora=np.array([line.corpus != "meld" for line in readable]).astype(np.int64),
        utterances=tuple(readable),
    )


def fit(lines: Lines, penalty: float) -> tuple[Float64[np.ndarray, "dim label"], Float64[np.ndarray, "label"]]:
    """Weights, and MELD's bias."""
    x, y, corpus = (torch.from_numpy(a) for a in (lines.vectors, lines.labels, lines.corpora))
    importance = torch.where(corpus == 0, 1.0, EMORYNLP_WEIGHT).double()
    weight = torch.zeros(x.shape[1], len(LABELS), dtype=torch.float64, requires_grad=True)
    bias = torch.zeros(2, len(LABELS), dtype=torch.float64, requires_grad=True)
    optimiser = torch.optim.LBFGS([weight, bias], max_iter=300, line_search_fn="strong_wolfe")

    def loss() -> torch.Tensor:
        optimiser.zero_grad()
        each = torch.nn.functional.cross_entropy(x @ weight + bias[corpus], y, reduction="none")
        total = (each * importance).sum() / importance.sum() + penalty * (weight**2).sum()
        total.backward()  # type: ignore[no-untyped-call]
        return total

    optimiser.step(loss)  # type: ignore[no-untyped-call]
    return weight.detach().numpy(), bias[0].detach().numpy()


def tempered(logits: Float64[np.ndarray, "line label"], labels: Int64[np.ndarray, "line"]) -> float:
    """The factor on the logits that makes the labels likeliest (temperature scaling, Guo et al., 2017)."""
    factors = np.geomspace(0.3, 3.0, 93)
    return float(factors[np.argmin([_loss(factor * logits, labels) for factor in factors])])


def _loss(logits: Float64[np.ndarray, "line label"], labels: Int64[np.ndarray, "line"]) -> float:
    return float(-np.log(normalise(logits)[np.arange(len(labels)), labels]).mean())


def train(out: Path, cache: Path) -> dict[str, object]:
    """Trains, writes the head and says what it measured on MELD's test split."""
    lines = encode(read(fetch(cache)))
    learnt = lines.where(np.array([u.split == "train" for u in lines.utterances]))
    dev, test = lines.of("meld", "dev"), lines.of("meld", "test")
    fits = {penalty: fit(learnt, penalty) for penalty in PENALTIES}
    losses = {penalty: _loss(dev.vectors @ w + b, dev.labels) for penalty, (w, b) in fits.items()}
    penalty = min(losses, key=lambda p: losses[p])
    weight, bias = fits[penalty]
    factor = tempered(dev.vectors @ weight + bias, dev.labels)
    head = WordsHead(
        weight=weight * factor,
        bias=bias * factor,
        labels=LABELS,
        prior=shares(lines.of("meld", "train").labels),
        encoder=ENCODER,
    )
    report = {
        "penalty": penalty,
        "temperature": 1 / factor,
        "trust": trust(lines),
        "meld_test": summary(score(head, test)),
    }
    save(head, out, report)
    return report


def shares(labels: Int64[np.ndarray, "line"]) -> Float64[np.ndarray, "label"]:
    """How often each label occurs."""
    return np.bincount(labels, minlength=len(LABELS)) / len(labels)


def trust(lines: Lines) -> float:
    """The exponent that suits the head on lines that were annotated by others.

    It is that of MELD's head on EmoryNLP's five emotions in common, after each corpus's prior is divided out. Fusion
    uses it as the trust in the words.
    """
    familiar, strange = lines.of("meld", "train"), lines.of("emorynlp", "train")
    common = [LABELS.index(name) for name in ("angry", "fearful", "happy", "neutral", "sad")]
    weight, bias = fit(familiar, 3e-5)
    strange = strange.where(np.isin(strange.labels, common))
    ratios = np.log(normalise(strange.vectors @ weight + bias))[:, common] - np.log(shares(familiar.labels)[common])
    truth = np.searchsorted(common, strange.labels)
    exponents = np.linspace(0.1, 1.5, 57)
    offset = np.log(shares(strange.labels)[common])
    return float(exponents[np.argmin([_loss(e * ratios + offset, truth) for e in exponents])])


def score(head: WordsHead, lines: Lines) -> Scored:
    """What the head says of every line."""
    return Scored(
        labels=head.labels,
        probabilities=normalise(lines.vectors @ head.weight + head.bias),
        truth=np.array([head.labels.index(line.emotion) for line in lines.utterances]),
        groups=tuple(line.speaker for line in lines.utterances),
        ids=tuple(str(index) for index in range(len(lines.labels))),
    )


def save(head: WordsHead, out: Path, report: dict[str, object]) -> None:
    """Writes the head and, in the file's metadata, what it is and how it was measured."""
    card = {"labels": head.labels, "encoder": head.encoder, "trained_on": "MELD train, EmoryNLP train", **report}
    tensors = {"weight": head.weight.astype(np.float32), "bias": head.bias.astype(np.float32)}
    save_file({**tensors, "prior": head.prior.astype(np.float32)}, out, metadata={"head": json.dumps(card)})

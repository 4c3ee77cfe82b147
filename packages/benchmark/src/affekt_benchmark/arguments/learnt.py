"""What learns from people's labels of other originals: a probe of sentence vectors, and answers at people's rates."""

from dataclasses import replace
from pathlib import Path

import numpy as np
from affekt import Encoder, Features, plugins
from jaxtyping import Float64, Int64
from sklearn.linear_model import LogisticRegression  # type: ignore[import-untyped]

from affekt_benchmark.arguments.corpus import LABELS, Corpus
from affekt_benchmark.arguments.systems import System, rates_of_other_folds
from affekt_benchmark.material.suites import BenchmarkError
from affekt_benchmark.results import ids_hash
from affekt_benchmark.runs.running import OnCount

STEPS = 300
SLOPES = (0.0, *np.geomspace(0.02, 3.0, 30).tolist())
"""Factors on the scores that are tried; 0 leaves people's rates alone."""
ROUNDS = 60
TOGETHER = 32


def vectors(corpus: Corpus, encoder: str, cache: Path, on_progress: OnCount) -> Float64[np.ndarray, "text dim"]:
    """The mean sentence vector of every text, computed once and kept beside the results.

    Raises:
        AffektError: there is no such encoder, or its weights are not to be had.
        BenchmarkError: it reads nothing in a text.
    """
    path = cache / f"vectors-{encoder}-{ids_hash(corpus.cases)[:12]}.npy"
    if path.is_file():
        kept: Float64[np.ndarray, "text dim"] = np.load(path, allow_pickle=False)
        return kept
    model: Encoder = plugins().create("encoder", encoder)
    rows = []
    for begin in range(0, len(corpus), TOGETHER):
        for sample, features in zip(
            corpus.samples[begin : begin + TOGETHER],
            model.encode([sample.clip() for sample in corpus.samples[begin : begin + TOGETHER]]),
            strict=True,
        ):
            if not isinstance(features, Features):
                raise BenchmarkError(f'"{encoder}" reads nothing in "{sample.id}": {features.reason}')
            rows.append(features.values.astype(np.float64).mean(axis=0))
        on_progress(min(begin + TOGETHER, len(corpus)), len(corpus))
    stacked = np.stack(rows)
    cache.mkdir(parents=True, exist_ok=True)
    partial = cache / ".vectors.part.npy"
    np.save(partial, stacked)
    partial.replace(path)
    return stacked


def probe(
    corpus: Corpus, features: Float64[np.ndarray, "text dim"], folds: Int64[np.ndarray, "text"], name: str
) -> System:
    """A softmax regression on every person's label of the other folds: a text counts once a person."""
    rows = np.full((len(corpus), len(LABELS)), 1e-6)
    people = corpus.said.shape[1]
    for fold in np.unique(folds):
        kept, tested = folds != fold, folds == fold
        model = LogisticRegression(C=1.0, max_iter=500)
        model.fit(np.repeat(features[kept], people, axis=0), corpus.said[kept].ravel())
        rows[np.ix_(tested, model.classes_)] = model.predict_proba(features[tested])
    rows /= rows.sum(axis=1, keepdims=True)
    return System(
        name=name, probabilities=rows, choice=rows.argmax(axis=1), expected=rates_of_other_folds(corpus, folds),
        note="trained on the other folds' originals",
    )  # fmt: skip


def at_peoples_rates(system: System, corpus: Corpus, folds: Int64[np.ndarray, "text"]) -> System:
    """The same scores with one offset a label, so that labels are named as often as people name them.

    Offsets are found on the texts of the other folds, whose labels they know by their rates alone. A model that sees
    anger everywhere keeps its order of the texts and loses its bias. Probabilities are recalibrated likewise: a
    temperature and offsets that make people's labels of the other folds likeliest.
    """
    assert system.probabilities is not None
    scores = np.log(np.maximum(system.probabilities, 1e-6))
    choice = np.zeros(len(corpus), dtype=np.int64)
    rows = np.zeros_like(scores)
    for fold in np.unique(folds):
        kept, tested = folds != fold, folds == fold
        choice[tested] = (scores[tested] + offsets(scores[kept], corpus.shares[kept].mean(axis=0))).argmax(axis=1)
        rows[tested] = _recalibrated(scores[kept], corpus.shares[kept], scores[tested])
    return replace(
        system, name=f"{system.name}, at people's rates", choice=choice, probabilities=rows, words=(),
        expected=rates_of_other_folds(corpus, folds), note="offsets and temperature from the other folds",
        about={}, counted={},
    )  # fmt: skip


def offsets(
    scores: Float64[np.ndarray, "text label"], rates: Float64[np.ndarray, "label"]
) -> Float64[np.ndarray, "label"]:
    """What to add to each label's score so that it is the highest in the given share of the texts."""
    added = np.zeros(scores.shape[1])
    best, least = added, np.inf
    for step in range(STEPS):
        named = np.bincount((scores + added).argmax(axis=1), minlength=len(rates)) / len(scores)
        gap = float(np.abs(named - rates).sum())
        if gap < least:
            best, least = added, gap
        added = added + (2.0 / (1 + step / 20)) * (rates - named)
    return best


def _recalibrated(
    scores: Float64[np.ndarray, "known label"],
    shares: Float64[np.ndarray, "known label"],
    asked: Float64[np.ndarray, "text label"],
) -> Float64[np.ndarray, "text label"]:
    """The softmax of `a · score + b` that makes people's labels likeliest: temperature scaling with a bias."""
    rates = np.log(np.maximum(shares.mean(axis=0), 1e-6))
    fits = {}
    for slope in SLOPES:
        bias = rates.copy()
        for _ in range(ROUNDS):
            # At the likeliest bias, labels are as probable on average as people give them.
            bias += rates - np.log(_softmax(slope * scores + bias).mean(axis=0))
        fits[slope] = float(-(shares * np.log(_softmax(slope * scores + bias))).sum(axis=1).mean()), bias
    slope = min(fits, key=lambda candidate: fits[candidate][0])
    return _softmax(slope * asked + fits[slope][1])


def _softmax(logits: np.ndarray) -> np.ndarray:
    powers = np.exp(logits - logits.max(axis=1, keepdims=True))
    shares: np.ndarray = powers / powers.sum(axis=1, keepdims=True)
    return shares

"""Distributions against the distribution of people: nobody's label is wrong where people disagree."""

import numpy as np
from affekt_metrics.intervals import Intervals
from jaxtyping import Float64

from affekt_benchmark.arguments.corpus import Corpus
from affekt_benchmark.arguments.strict import Figures, means
from affekt_benchmark.arguments.systems import System

LEAST = 0.001
"""A probability below this counts as this in the cross-entropy, so that certainty does not cost infinitely much."""


def distances(corpus: Corpus, system: System, intervals: Intervals) -> Figures:
    """Cross-entropy in nats, Jensen–Shannon divergence in bits, and Brier score, all 0 or the least for the best."""
    assert system.probabilities is not None
    return means(corpus, _columns(corpus.shares, system.probabilities), intervals)


def of_people(corpus: Corpus, intervals: Intervals) -> Figures:
    """One person's certain answer against the distribution of the others: what a single person is worth."""
    size, people = corpus.shares.shape[1], corpus.said.shape[1]
    columns = [
        _columns(np.eye(size)[np.delete(corpus.said, n, axis=1)].mean(axis=1), np.eye(size)[corpus.said[:, n]])
        for n in range(people)
    ]
    return means(
        corpus, {name: np.mean([column[name] for column in columns], axis=0) for name in columns[0]}, intervals
    )


def _columns(
    shares: Float64[np.ndarray, "text label"], answered: Float64[np.ndarray, "text label"]
) -> dict[str, np.ndarray]:
    floored = np.maximum(answered, LEAST)
    floored = floored / floored.sum(axis=1, keepdims=True)
    middle = (shares + answered) / 2
    return {
        "cross_entropy": -(shares * np.log(floored)).sum(axis=1),
        "jensen_shannon": (_relative(shares, middle) + _relative(answered, middle)) / 2,
        "brier": ((shares - answered) ** 2).sum(axis=1),
    }


def _relative(first: np.ndarray, other: np.ndarray) -> Float64[np.ndarray, "text"]:
    shares = np.divide(first, other, out=np.ones_like(first), where=first > 0)
    entropy: Float64[np.ndarray, "text"] = (first * np.log2(shares)).sum(axis=1)
    return entropy


def win_rates(corpus: Corpus, system: System, intervals: Intervals) -> Figures:
    """Against each person held out: how often more of the others gave the system's label than that person's.

    A tie counts half.
    """
    assert system.choice is not None
    columns = {}
    for person in range(corpus.said.shape[1]):
        others = np.delete(corpus.said, person, axis=1)
        system_share = (others == system.choice[:, None]).mean(axis=1)
        person_share = (others == corpus.said[:, [person]]).mean(axis=1)
        columns[f"person {person}"] = (system_share > person_share) + 0.5 * (system_share == person_share)
    columns["all"] = np.mean(list(columns.values()), axis=0)
    return means(corpus, columns, intervals)

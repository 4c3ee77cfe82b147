"""Two systems on the same clips: the difference, its interval, and how surprising it is.

better = compare(plugins().create("evaluator", "uar"), ours, theirs, truth)["uar"]
print(better.difference, better.low, better.high, better.p)
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import product
from typing import Protocol

import numpy as np
from affekt import Component, DataError, EmotionPrediction, Truth
from jaxtyping import Float64

from affekt_metrics.intervals import CHUNK, Intervals
from affekt_metrics.pairs import pair, tidied
from affekt_metrics.sums import Sums


class Summing(Protocol):
    """An evaluator whose measures follow from sums: all of this package but risk-coverage and the judged ones."""

    intervals: Intervals

    def sums(self, predictions: Sequence[EmotionPrediction], truth: Truth) -> Sums:
        """What the answers add up to."""
        ...


@dataclass(frozen=True, kw_only=True)
class Comparison:
    """Second system minus first, of one measure."""

    difference: float
    low: float
    """The lower end of the bootstrap interval of the difference."""
    high: float
    p: float
    """Two-sided, from swapping the systems' answers speaker by speaker; NaN where nothing can be swapped."""


def compare(
    evaluator: Summing, first: Sequence[EmotionPrediction], second: Sequence[EmotionPrediction], truth: Truth
) -> dict[str, Comparison]:
    """How much better the second system is, in every measure of the evaluator.

    Both are drawn with the same weights, so that what is hard for both cancels out.

    Raises:
        DataError: the systems cannot be compared, or the evaluator's measures are no sums.
    """
    if not callable(getattr(evaluator, "sums", None)):
        raise DataError(f"{type(evaluator).__name__} cannot be tested in pairs: its measures are no sums")
    if isinstance(evaluator, Component) and getattr(evaluator, "vocabulary", ...) is None:
        # Both systems' confusions need the same rows and columns.
        words = {prediction.label for prediction in (*first, *second)} | {
            reference.label for reference in pair(first, truth).references
        }
        evaluator = evaluator.model_copy(update={"vocabulary": tuple(sorted(tidied(filter(None, words))))})
    sums = evaluator.sums(first, truth), evaluator.sums(second, truth)
    if sums[0].totals.shape != sums[1].totals.shape:
        raise DataError(
            f"the two systems were not measured on the same clips and classes: {sums[0].totals.shape} and "
            f"{sums[1].totals.shape} sums",
            hint="give the evaluator a vocabulary",
        )
    return compare_sums(*sums, intervals=evaluator.intervals)


def compare_sums(first: Sums, second: Sums, *, intervals: Intervals) -> dict[str, Comparison]:
    """Compares sums over the same clusters."""
    drawn_first, drawn_second = intervals.draw(first), intervals.draw(second)
    before, after = first.values(), second.values()
    swapped = _swaps(first, second, intervals)
    comparisons = {}
    for name in before.keys() & after.keys():
        difference = after[name] - before[name]
        if name in drawn_first and name in drawn_second:
            low, high = intervals.bounds(drawn_second[name] - drawn_first[name])
        else:
            low = high = float("nan")
        comparisons[name] = Comparison(difference=difference, low=low, high=high, p=_p(difference, swapped.get(name)))
    return {name: comparisons[name] for name in before if name in comparisons}


def _p(difference: float, swapped: Float64[np.ndarray, "swap"] | None) -> float:
    if swapped is None:
        return float("nan")
    # The slack keeps swaps that give the same difference by another order of adding.
    extreme = np.abs(swapped[np.isfinite(swapped)]) >= abs(difference) - 1e-12
    return float((extreme.sum() + 1) / (len(extreme) + 1))


def _swaps(first: Sums, second: Sums, intervals: Intervals) -> dict[str, Float64[np.ndarray, "swap"]]:
    clusters = len(first.totals)
    if clusters < 2 or not intervals.draws:
        return {}
    gap = second.totals - first.totals
    parts = []
    for swap in _masks(clusters, intervals):
        moved = swap @ gap
        derived_first = first.derive(first.totals.sum(axis=0) + moved)
        derived_second = first.derive(second.totals.sum(axis=0) - moved)
        parts.append({name: derived_second[name] - derived_first[name] for name in derived_first})
    return {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}


def _masks(clusters: int, intervals: Intervals) -> Iterator[Float64[np.ndarray, "swap cluster"]]:
    """Which clusters change sides: every way but none when there are few, else random ones."""
    if 2**clusters <= intervals.draws:
        yield np.array(list(product((0.0, 1.0), repeat=clusters))[1:])
        return
    random, left = np.random.default_rng(intervals.seed), intervals.draws
    while left:
        size = min(left, max(1, CHUNK // clusters))
        yield random.integers(2, size=(size, clusters)).astype(np.float64)
        left -= size

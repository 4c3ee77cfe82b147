"""A mean and its bootstrap interval; recordings of one sentence or speaker are drawn together."""

from collections.abc import Hashable, Sequence
from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True, kw_only=True)
class Estimate:
    """A mean with its 95 % interval."""

    mean: float
    low: float
    high: float
    count: int

    def __str__(self) -> str:
        return f"{self.mean:.3f} [{self.low:.3f}, {self.high:.3f}]"


def estimate(values: Sequence[float], together: Sequence[Hashable] | None = None, draws: int = 2000) -> Estimate:
    """The mean of the values that exist, and percentiles 2.5 and 97.5 of the means of redrawn groups.

    Args:
        together: a value's group, such as its sentence; None lets every value stand alone.
    """
    table = np.array(values, dtype=np.float64)
    finite = np.isfinite(table)
    if not finite.any():
        return Estimate(mean=np.nan, low=np.nan, high=np.nan, count=0)
    names = list(range(len(table))) if together is None else list(together)
    numbers = {name: number for number, name in enumerate(dict.fromkeys(names))}
    group = np.array([numbers[name] for name in names])[finite]
    sums, counts = (np.bincount(group, weight, len(numbers)) for weight in (table[finite], np.ones(finite.sum())))
    drawn = np.random.default_rng(0).multinomial(len(numbers), np.full(len(numbers), 1 / len(numbers)), draws)
    below = drawn @ counts
    means = (drawn @ sums)[below > 0] / below[below > 0]
    low, high = np.percentile(means, [2.5, 97.5])
    return Estimate(mean=float(table[finite].mean()), low=float(low), high=float(high), count=int(finite.sum()))

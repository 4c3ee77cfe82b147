"""A measure as a function of sums: what every clip adds, and what follows from the totals.

Confusion counts, squared errors, precisions and bins all add up. So a bootstrap draw is a product of weights and sums,
and a thousand draws are one product.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import numpy as np
from jaxtyping import Float64, Int64

Derived = dict[str, Float64[np.ndarray, "draw"]]
"""Name of the measure → one value a draw."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Sums:
    """What one system's answers add up to."""

    totals: Float64[np.ndarray, "cluster sum"]
    derive: Callable[[Float64[np.ndarray, "draw sum"]], Derived]
    """The function from sums to measures, for many draws at once."""
    exact: Mapping[str, float] = field(default_factory=dict)
    """Values from the field's own library, where it has the measure; they are what is reported."""
    details: Mapping[str, float] = field(default_factory=dict)
    """Counts and curves that have no interval."""

    def values(self) -> dict[str, float]:
        """Every measure of all clips."""
        derived = self.derive(self.totals.sum(axis=0, keepdims=True))
        return {name: float(value[0]) for name, value in derived.items()} | dict(self.exact)


def by_cluster(added: np.ndarray, clusters: Int64[np.ndarray, "clip"]) -> Float64[np.ndarray, "cluster sum"]:
    """What each clip adds, summed over the clips of a cluster."""
    if len(clusters) == clusters.max() + 1:  # everybody stands alone
        return added.astype(np.float64)
    totals = np.zeros((int(clusters.max()) + 1, added.shape[1]))
    np.add.at(totals, clusters, added)
    return totals


def ratio(above: np.ndarray, below: np.ndarray, otherwise: float = np.nan) -> np.ndarray:
    """`above / below`, and `otherwise` where there is nothing to divide by."""
    above, below = np.broadcast_arrays(np.asarray(above, dtype=np.float64), np.asarray(below, dtype=np.float64))
    out = np.full(above.shape, otherwise)
    np.divide(above, below, out=out, where=below != 0)
    return out

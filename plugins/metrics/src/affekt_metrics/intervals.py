"""Intervals: a bootstrap that draws speakers or videos with all their clips.

Clips of one speaker err together; drawing clips one by one would make intervals far too narrow.
"""

from collections.abc import Iterator, Mapping

import numpy as np
from jaxtyping import Float64
from pydantic import BaseModel, ConfigDict, Field

from affekt_metrics.sums import Sums

CHUNK = 4_000_000
"""Weights drawn at a time, so that memory stays flat."""


class Intervals(BaseModel):
    """How intervals are drawn."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    draws: int = Field(default=1000, ge=0, description="Bootstrap draws; 0 gives no intervals")
    level: float = Field(default=0.95, gt=0, lt=1, description="Share of the draws inside an interval")
    seed: int = Field(default=0, description="Of the generator that draws")

    def weights(self, clusters: int, wide: int = 1) -> Iterator[Float64[np.ndarray, "draw cluster"]]:
        """How often each cluster was drawn, a few draws at a time; fewer where each is used for `wide` numbers."""
        random = np.random.default_rng(self.seed)
        left, most = self.draws, max(1, CHUNK // max(clusters, wide))
        while left:
            size = min(left, most)
            drawn = random.integers(clusters, size=(size, clusters)) + np.arange(size)[:, None] * clusters
            yield np.bincount(drawn.ravel(), minlength=size * clusters).reshape(size, clusters).astype(np.float64)
            left -= size

    def draw(self, sums: Sums) -> dict[str, Float64[np.ndarray, "draw"]]:
        """Every measure in every draw; nothing when fewer than two clusters leave nothing to draw."""
        if len(sums.totals) < 2 or not self.draws:
            return {}
        parts = [sums.derive(weights @ sums.totals) for weights in self.weights(len(sums.totals))]
        return {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}

    def bounds(self, drawn: Float64[np.ndarray, "draw"]) -> tuple[float, float]:
        """Percentiles of the draws in which the measure exists."""
        finite = drawn[np.isfinite(drawn)]
        if not len(finite):
            return float("nan"), float("nan")
        low, high = np.quantile(finite, [(1 - self.level) / 2, (1 + self.level) / 2])
        return float(low), float(high)

    def summary(self, sums: Sums) -> dict[str, float]:
        """Measures with `.low` and `.high`, then details, then how many clusters were drawn from.

        A measure that does not exist for these answers, such as the recall of an absent class, is left out.
        """
        values = self.beside(sums.values(), self.draw(sums))
        return values | dict(sums.details) | {"clusters": float(len(sums.totals))}

    def beside(self, values: Mapping[str, float], drawn: Mapping[str, np.ndarray]) -> dict[str, float]:
        """Every value that exists, with its bounds."""
        bounded: dict[str, float] = {}
        for name, value in values.items():
            if not np.isfinite(value):
                continue
            bounded[name] = value
            low, high = self.bounds(drawn[name]) if name in drawn else (np.nan, np.nan)
            if np.isfinite(low) and np.isfinite(high):
                bounded[f"{name}.low"], bounded[f"{name}.high"] = low, high
        return bounded

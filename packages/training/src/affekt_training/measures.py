"""UAR, accuracy and calibration error with 95 % intervals that draw whole speakers."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from rich.console import Console
from rich.table import Table

from affekt_training.cross_validation import HeldOut

BINS = 15
RESAMPLES = 1000


@dataclass(frozen=True)
class Share:
    """A share: how many of how many."""

    hits: int
    total: int

    def __str__(self) -> str:
        low, high = wilson(self.hits, self.total)
        return f"{self.hits} of {self.total}: {self.hits / max(1, self.total):.3f} ({low:.3f} to {high:.3f})"


def wilson(hits: int, total: int, z: float = 1.96) -> tuple[float, float]:
    """The 95 % interval of a share (Wilson, 1927)."""
    if not total:
        return 0.0, 1.0
    share, spread = hits / total, z * z / total
    middle = (share + spread / 2) / (1 + spread)
    half = z * ((share * (1 - share) + spread / 4) / total) ** 0.5 / (1 + spread)
    return middle - half, middle + half


def measures(probabilities: np.ndarray, truth: np.ndarray) -> dict[str, float]:
    """Measures probabilities [sample, label] against the right labels."""
    answers, confidence = probabilities.argmax(axis=1), probabilities.max(axis=1)
    right = answers == truth
    bins = np.minimum((confidence * BINS).astype(int), BINS - 1)
    gaps = [
        abs(confidence[bins == number].mean() - right[bins == number].mean()) * (bins == number).mean()
        for number in np.unique(bins)
    ]
    return {
        "uar": float(np.mean([right[truth == label].mean() for label in np.unique(truth)])),
        "accuracy": float(right.mean()),
        "ece": float(sum(gaps)),
    }


def intervals(held: HeldOut, seed: int = 0) -> dict[str, tuple[float, float]]:
    """A bootstrap over speakers, or over samples where nobody speaks."""
    names = np.array(held.groups)
    order = np.argsort(names, kind="stable")
    members = np.split(order, np.flatnonzero(names[order][1:] != names[order][:-1]) + 1)
    random, probabilities = np.random.default_rng(seed), held.probabilities
    drawn = []
    for _ in range(RESAMPLES):
        chosen = np.concatenate([members[index] for index in random.integers(len(members), size=len(members))])
        drawn.append(measures(probabilities[chosen], held.truth[chosen]))
    return {
        name: (float(low), float(high))
        for name in drawn[0]
        for low, high in [np.percentile([measured[name] for measured in drawn], [2.5, 97.5])]
    }


def summary(held_out: Mapping[str, HeldOut]) -> dict[str, object]:
    """Plain data: data set → measure → value and interval."""
    return {name: _one(held) for name, held in held_out.items()}


def _one(held: HeldOut) -> dict[str, object]:
    bounds = intervals(held)
    values = {n: {"value": v, "interval": bounds[n]} for n, v in measures(held.probabilities, held.truth).items()}
    return {"samples": len(held.truth), "groups": len(set(held.groups)), **values}


def show(held_out: Mapping[str, HeldOut], console: Console) -> None:
    """Prints the measures as a table."""
    table = Table("data set", "measure", "value", "95 %")
    for name, held in held_out.items():
        bounds = intervals(held)
        for measure, value in measures(held.probabilities, held.truth).items():
            low, high = bounds[measure]
            table.add_row(name, measure, f"{value:.3f}", f"{low:.3f} to {high:.3f}")
    console.print(table)

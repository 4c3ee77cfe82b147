"""Probabilities for labelled clips, and the measures of them: UAR, accuracy, calibration, with intervals by speaker."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float64, Int64

BINS = 15
RESAMPLES = 1000


@dataclass(frozen=True, kw_only=True, eq=False)
class Scored:
    """What a head said of every clip of a corpus."""

    labels: tuple[str, ...]
    """The corpus's classes."""
    probabilities: Float64[np.ndarray, "clip label"]
    """The distributions over the corpus's classes; rows sum to 1."""
    truth: Int64[np.ndarray, "clip"]
    """Index of the right label."""
    groups: tuple[str, ...]
    """Who speaks or is seen: clips of one group are not independent."""
    ids: tuple[str, ...]

    def measures(self) -> dict[str, float]:
        """UAR, accuracy, expected calibration error and weighted F1 of all clips."""
        return _measures(self.probabilities, self.truth)

    def intervals(self, seed: int = 0) -> dict[str, tuple[float, float]]:
        """95 % intervals of the measures: a bootstrap that draws groups with all their clips."""
        names = np.array(self.groups)
        members = [np.flatnonzero(names == group) for group in sorted(set(self.groups))]
        random = np.random.default_rng(seed)
        drawn = []
        for _ in range(RESAMPLES):
            chosen = np.concatenate([members[i] for i in random.integers(len(members), size=len(members))])
            drawn.append(_measures(self.probabilities[chosen], self.truth[chosen]))
        return {
            name: (float(low), float(high))
            for name in drawn[0]
            for low, high in [np.percentile([measures[name] for measures in drawn], [2.5, 97.5])]
        }

    def recalls(self) -> dict[str, float]:
        """Recall of every class that occurs."""
        answers = self.probabilities.argmax(axis=1)
        return {
            label: float((answers[self.truth == index] == index).mean())
            for index, label in enumerate(self.labels)
            if (self.truth == index).any()
        }


def _measures(probabilities: Float64[np.ndarray, "clip label"], truth: Int64[np.ndarray, "clip"]) -> dict[str, float]:
    answers = probabilities.argmax(axis=1)
    right = answers == truth
    present = np.unique(truth)
    return {
        "uar": float(np.mean([right[truth == label].mean() for label in present])),
        "accuracy": float(right.mean()),
        "weighted_f1": float(sum(_f1(answers, truth, label) * (truth == label).mean() for label in present)),
        "ece": calibration_error(probabilities.max(axis=1), right),
    }


def _f1(answers: Int64[np.ndarray, "clip"], truth: Int64[np.ndarray, "clip"], label: int) -> float:
    hits = np.sum((answers == label) & (truth == label))
    claims = np.sum(answers == label) + np.sum(truth == label)
    return float(2 * hits / claims) if claims else 0.0


def calibration_error(confidence: Float64[np.ndarray, "clip"], right: np.ndarray) -> float:
    """Expected calibration error over 15 equally wide bins of confidence (Guo et al., 2017)."""
    bins = np.minimum((confidence * BINS).astype(int), BINS - 1)
    gaps = [
        abs(confidence[bins == index].mean() - right[bins == index].mean()) * (bins == index).mean()
        for index in np.unique(bins)
    ]
    return float(sum(gaps))


def restrict(
    probabilities: Float64[np.ndarray, "clip emotion"], emotions: tuple[str, ...], labels: tuple[str, ...]
) -> Float64[np.ndarray, "clip label"]:
    """A distribution over some of the emotions only, as for a corpus that lacks the others."""
    columns = [emotions.index(label) for label in labels]
    kept = np.maximum(probabilities[:, columns], 1e-12)
    scaled: Float64[np.ndarray, "clip label"] = kept / kept.sum(axis=1, keepdims=True)
    return scaled


def summary(scored: Scored) -> Mapping[str, object]:
    """Measures with their intervals as plain data."""
    intervals = scored.intervals()
    return {
        "clips": len(scored.truth),
        "groups": len(set(scored.groups)),
        **{name: {"value": value, "interval": intervals[name]} for name, value in scored.measures().items()},
        "recalls": scored.recalls(),
    }

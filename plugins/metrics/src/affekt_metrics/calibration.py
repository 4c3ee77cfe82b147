"""Calibration: do answers given with 80 % confidence turn out right in 80 % of cases (Guo et al., 2017)?"""

from collections.abc import Mapping, Sequence

import numpy as np
from affekt import Component, EmotionPrediction, Truth
from pydantic import Field
from sklearn.calibration import calibration_curve  # type: ignore[import-untyped]

from affekt_metrics.intervals import Intervals
from affekt_metrics.pairs import Pairs, need, pair, tidy
from affekt_metrics.sums import Derived, Sums, by_cluster, ratio


class Calibration(Component):
    """Expected and maximal calibration error over equal bins, multi-class Brier score, and confidence less accuracy.

    Bins are open below and closed above. `bin:07.confidence`, `.accuracy` and `.n` draw the reliability diagram.
    """

    bins: int = Field(default=15, ge=1, description="Equally wide bins of confidence")
    intervals: Intervals = Field(default=Intervals(), description="Bootstrap by group: draws, level, seed")

    def sums(self, predictions: Sequence[EmotionPrediction], truth: Truth) -> Sums:
        """Counts for each cluster what the measures follow from."""
        pairs = pair(predictions, truth)
        need(pairs, "label", lambda _, true: bool(true.label))
        confidence = np.array([max(prediction.scores.values()) for prediction in pairs.predictions])
        right = np.array(
            [tidy(prediction.label) == tidy(true.label or "") for prediction, true in pairs], dtype=np.float64
        )
        bin_of = np.digitize(confidence, np.linspace(0, 1, self.bins + 1)[1:-1], right=True)
        columns = np.zeros((len(pairs), 3, self.bins))
        columns[np.arange(len(pairs)), :, bin_of] = np.stack([np.ones_like(right), confidence, right], axis=1)
        added = np.hstack([columns.reshape(len(pairs), -1), brier(pairs)[:, None]])

        def derive(sums: np.ndarray) -> Derived:
            count, sure, hits = np.moveaxis(sums[:, :-1].reshape(-1, 3, self.bins), 1, 0)
            clips, gap = count.sum(axis=-1), np.abs(sure - hits)
            return {
                "ece": ratio(gap.sum(axis=-1), clips),
                "mce": ratio(gap, count, 0.0).max(axis=-1),
                "brier": ratio(sums[:, -1], clips),
                "overconfidence": ratio((sure - hits).sum(axis=-1), clips),
            }

        return Sums(
            totals=by_cluster(added, pairs.clusters), derive=derive, details=self._curve(confidence, right, bin_of)
        )

    def _curve(self, confidence: np.ndarray, right: np.ndarray, bin_of: np.ndarray) -> dict[str, float]:
        accuracies, confidences = calibration_curve(right, np.clip(confidence, 0, 1), n_bins=self.bins)
        curve = {"n": float(len(right))}
        for index, accuracy, sure in zip(np.unique(bin_of), accuracies, confidences, strict=True):
            name = f"bin:{index:02d}"
            curve |= {f"{name}.confidence": float(sure), f"{name}.accuracy": float(accuracy)}
            curve |= {f"{name}.n": float((bin_of == index).sum())}
        return curve

    def evaluate(self, predictions: Sequence[EmotionPrediction], truth: Truth) -> Mapping[str, float]:
        """Computes the measures, with their intervals and details."""
        return self.intervals.summary(self.sums(predictions, truth))


def brier(pairs: Pairs) -> np.ndarray:
    """Squared distance between each answer's distribution and certainty about the truth: 0 best, 2 worst."""
    scores = []
    for prediction, true in pairs:
        by_label = {tidy(emotion): score for emotion, score in prediction.scores.items()}
        given = by_label.pop(tidy(true.label or ""), 0.0)
        scores.append((1 - given) ** 2 + sum(score**2 for score in by_label.values()))
    return np.array(scores)

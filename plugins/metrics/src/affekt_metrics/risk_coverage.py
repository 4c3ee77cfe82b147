"""Risk and coverage: the errors that remain among the most confident answers (Geifman and El-Yaniv, 2017)."""

from collections.abc import Mapping, Sequence

import numpy as np
from affekt import Component, EmotionPrediction, Truth
from jaxtyping import Float64
from pydantic import Field

from affekt_metrics.intervals import Intervals
from affekt_metrics.pairs import need, pair, tidy
from affekt_metrics.sums import ratio

COVERAGES = (0.5, 0.7, 0.8, 0.9, 1.0)


class RiskCoverage(Component):
    """`aurc` is the mean error over all coverages; `risk:0.80` the error among the most confident 80 %.

    Equally confident answers are taken in together, so that their order does not matter. `claimed` and `risk_claimed`
    are about what the system itself chose to claim.
    """

    intervals: Intervals = Field(default=Intervals(), description="Bootstrap by group: draws, level, seed")

    def evaluate(self, predictions: Sequence[EmotionPrediction], truth: Truth) -> Mapping[str, float]:
        """Computes the measures, with their intervals and details."""
        pairs = pair(predictions, truth)
        need(pairs, "label", lambda _, true: bool(true.label))
        confidence = np.array([max(prediction.scores.values()) for prediction in pairs.predictions])
        wrong = np.array(
            [tidy(prediction.label) != tidy(true.label or "") for prediction, true in pairs], dtype=np.float64
        )
        claimed = np.array([prediction.abstained is None for prediction in pairs.predictions], dtype=np.float64)
        order, clusters = np.argsort(-confidence, kind="stable"), pairs.clusters
        ties = np.flatnonzero(np.diff(-confidence[order], prepend=np.inf))

        def measure(weights: Float64[np.ndarray, "draw clip"]) -> dict[str, Float64[np.ndarray, "draw"]]:
            values = _curve(weights[:, order], wrong[order], ties)
            kept = weights @ claimed
            values["claimed"] = ratio(kept, weights.sum(axis=1))
            values["risk_claimed"] = ratio(weights @ (claimed * wrong), kept)
            return values

        values = {name: float(value[0]) for name, value in measure(np.ones((1, len(pairs)))).items()}
        size, drawn = int(clusters.max()) + 1, []
        if size > 1 and self.intervals.draws:
            drawn = [measure(weights[:, clusters]) for weights in self.intervals.weights(size, len(pairs))]
        joined = {name: np.concatenate([part[name] for part in drawn]) for name in (values if drawn else ())}
        return self.intervals.beside(values, joined) | {"n": float(len(pairs)), "clusters": float(size)}


def _curve(weights: np.ndarray, wrong: np.ndarray, ties: np.ndarray) -> dict[str, np.ndarray]:
    """Measures of answers in order of confidence; `ties` are the positions where another confidence begins."""
    blocks = np.add.reduceat(weights, ties, axis=1)
    errors = np.add.reduceat(weights * wrong, ties, axis=1)
    covered, failed, total = blocks.cumsum(axis=1), errors.cumsum(axis=1), weights.sum(axis=1)
    risk = ratio(failed, covered, 0.0)
    curve = {"aurc": ratio((risk * blocks).sum(axis=1), total)}
    for coverage in COVERAGES:
        # The first block that reaches the coverage; 1e-9 forgives rounding in the sums.
        at = (covered < (coverage * total)[:, None] - 1e-9).sum(axis=1).clip(max=len(ties) - 1)
        curve[f"risk:{coverage:.2f}"] = np.take_along_axis(risk, at[:, None], axis=1)[:, 0]
    return curve

"""Accuracy: the share of clips whose best-scored emotion is the true one. With abstentions, of the claims too."""

from collections.abc import Mapping, Sequence

import numpy as np
from affekt import Component, EmotionPrediction, Truth
from pydantic import Field
from sklearn.metrics import accuracy_score  # type: ignore[import-untyped]

from affekt_metrics.confusions import accuracy, closed
from affekt_metrics.intervals import Intervals
from affekt_metrics.pairs import pair
from affekt_metrics.sums import Derived, Sums, ratio


class Accuracy(Component):
    """Share of right answers, abstentions by their best-scored emotion; `accuracy_claimed` leaves these out."""

    vocabulary: tuple[str, ...] | None = Field(default=None, description="The classes; a true label outside is refused")
    intervals: Intervals = Field(default=Intervals(), description="Bootstrap by group: draws, level, seed")

    def sums(self, predictions: Sequence[EmotionPrediction], truth: Truth) -> Sums:
        """Counts for each cluster what the measures follow from."""
        pairs = pair(predictions, truth)
        answers = closed(pairs, self.vocabulary)
        claimed = np.array([prediction.abstained is None for prediction in pairs.predictions], dtype=np.float64)
        right = answers.truth == answers.predicted

        def derive(sums: np.ndarray) -> Derived:
            return {
                "accuracy": accuracy(answers.matrix(sums)),
                "accuracy_claimed": ratio(sums[:, -2], sums[:, -1]),
            }

        return Sums(
            totals=answers.totals(claimed * right, claimed),
            derive=derive,
            exact={"accuracy": float(accuracy_score(answers.truth, answers.predicted))},
            details=answers.details,
        )

    def evaluate(self, predictions: Sequence[EmotionPrediction], truth: Truth) -> Mapping[str, float]:
        """Computes the measures, with their intervals and details."""
        return self.intervals.summary(self.sums(predictions, truth))

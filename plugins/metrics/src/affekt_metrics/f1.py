"""F1, weighted by how often a class is true (the MER challenges' score) and unweighted."""

from collections.abc import Mapping, Sequence

import numpy as np
from affekt import Component, EmotionPrediction, Truth
from pydantic import Field
from sklearn.metrics import f1_score  # type: ignore[import-untyped]

from affekt_metrics.confusions import accuracy, closed, f1s, mean_of_known, weighted_f1
from affekt_metrics.intervals import Intervals
from affekt_metrics.pairs import pair
from affekt_metrics.sums import Derived, Sums


class F1(Component):
    """Weighted and macro F1 as in scikit-learn: macro is over every class that is true or said."""

    vocabulary: tuple[str, ...] | None = Field(default=None, description="The classes; a true label outside is refused")
    intervals: Intervals = Field(default=Intervals(), description="Bootstrap by group: draws, level, seed")

    def sums(self, predictions: Sequence[EmotionPrediction], truth: Truth) -> Sums:
        """Counts for each cluster what the measures follow from."""
        answers = closed(pair(predictions, truth), self.vocabulary)
        present = sorted(set(answers.truth.tolist()))

        def derive(sums: np.ndarray) -> Derived:
            matrix = answers.matrix(sums)
            by_class = f1s(matrix)
            values = {
                "weighted_f1": weighted_f1(matrix),
                "macro_f1": mean_of_known(by_class),
                "accuracy": accuracy(matrix),
            }
            return values | {f"f1:{answers.classes[index]}": by_class[:, index] for index in present}

        exact = {
            f"{average}_f1": float(f1_score(answers.truth, answers.predicted, average=average, zero_division=0))
            for average in ("weighted", "macro")
        }
        return Sums(totals=answers.totals(), derive=derive, exact=exact, details=answers.details)

    def evaluate(self, predictions: Sequence[EmotionPrediction], truth: Truth) -> Mapping[str, float]:
        """Computes the measures, with their intervals and details."""
        return self.intervals.summary(self.sums(predictions, truth))

"""Unweighted average recall: the mean of the classes' recalls, so that rare emotions count as much as frequent ones."""

from collections.abc import Mapping, Sequence

import numpy as np
from affekt import Component, EmotionPrediction, Truth
from pydantic import Field
from sklearn.metrics import accuracy_score, recall_score  # type: ignore[import-untyped]

from affekt_metrics.confusions import accuracy, closed, mean_of_known, recalls
from affekt_metrics.intervals import Intervals
from affekt_metrics.pairs import pair
from affekt_metrics.sums import Derived, Sums


class UnweightedAverageRecall(Component):
    """UAR (Schuller et al., 2009) over the classes that occur, WAR (which is accuracy), and every class's recall."""

    vocabulary: tuple[str, ...] | None = Field(default=None, description="The classes; a true label outside is refused")
    intervals: Intervals = Field(default=Intervals(), description="Bootstrap by group: draws, level, seed")

    def sums(self, predictions: Sequence[EmotionPrediction], truth: Truth) -> Sums:
        """Counts for each cluster what the measures follow from."""
        answers = closed(pair(predictions, truth), self.vocabulary)
        present = sorted(set(answers.truth.tolist()))
        uar = recall_score(answers.truth, answers.predicted, labels=present, average="macro", zero_division=0)
        war = accuracy_score(answers.truth, answers.predicted)

        def derive(sums: np.ndarray) -> Derived:
            matrix = answers.matrix(sums)
            by_class = recalls(matrix)
            values = {"uar": mean_of_known(by_class), "war": accuracy(matrix), "accuracy": accuracy(matrix)}
            return values | {f"recall:{answers.classes[index]}": by_class[:, index] for index in present}

        return Sums(
            totals=answers.totals(),
            derive=derive,
            exact={"uar": float(uar), "war": float(war), "accuracy": float(war)},
            details=answers.details | {"classes": float(len(present))},
        )

    def evaluate(self, predictions: Sequence[EmotionPrediction], truth: Truth) -> Mapping[str, float]:
        """Computes the measures, with their intervals and details."""
        return self.intervals.summary(self.sums(predictions, truth))

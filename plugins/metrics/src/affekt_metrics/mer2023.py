"""The score of the MER2023 challenge: weighted F1, less a quarter of the squared error of valence."""

from collections.abc import Mapping, Sequence
from typing import Literal

import numpy as np
from affekt import Component, EmotionPrediction, Truth
from pydantic import Field
from sklearn.metrics import f1_score, mean_squared_error  # type: ignore[import-untyped]

from affekt_metrics.confusions import closed, weighted_f1
from affekt_metrics.intervals import Intervals
from affekt_metrics.pairs import Pairs, need, pair
from affekt_metrics.sums import Derived, Sums, ratio

LABELS = ("neutral", "angry", "happy", "sad", "worried", "surprise")


class Mer2023(Component):
    """MULTI and NOISE: F1 − 0.25 · MSE. SEMI: F1 over the labelled clips of a larger list (Lian et al., 2023)."""

    track: Literal["multi", "noise", "semi"] = Field(default="multi", description="SEMI has no valence")
    vocabulary: tuple[str, ...] = Field(default=LABELS, description="The challenge's classes")
    valence_scale: float = Field(
        default=1.0, gt=0, description="Predicted valence is multiplied by it, where the data's scale is not −1 to 1"
    )
    intervals: Intervals = Field(default=Intervals(), description="Bootstrap by group: draws, level, seed")

    def sums(self, predictions: Sequence[EmotionPrediction], truth: Truth) -> Sums:
        """Counts for each cluster what the measures follow from."""
        pairs = pair(predictions, truth)
        unlabelled = 0
        if self.track == "semi":
            labelled = pairs.where(lambda true: bool(true.label))
            pairs, unlabelled = (labelled or pairs), len(pairs) - len(labelled)
        answers = closed(pairs, self.vocabulary)
        details = answers.details | {"unlabelled": float(unlabelled)}
        f1 = float(f1_score(answers.truth, answers.predicted, average="weighted", zero_division=0))
        if self.track == "semi":
            return Sums(
                totals=answers.totals(),
                derive=lambda sums: {"score": weighted_f1(answers.matrix(sums))},
                exact={"score": f1},
                details=details,
            )
        true, predicted = self._valences(pairs)
        error = float(mean_squared_error(true, predicted))

        def derive(sums: np.ndarray) -> Derived:
            matrix = answers.matrix(sums)
            f1, mse = weighted_f1(matrix), ratio(sums[:, -1], matrix.sum(axis=(-2, -1)))
            return {"score": f1 - 0.25 * mse, "weighted_f1": f1, "mse": mse}

        return Sums(
            totals=answers.totals((true - predicted) ** 2),
            derive=derive,
            exact={"score": f1 - 0.25 * error, "weighted_f1": f1, "mse": error},
            details=details,
        )

    def _valences(self, pairs: Pairs) -> tuple[np.ndarray, np.ndarray]:
        need(pairs, "true valence that is a number", lambda _, true: _finite(true.valence), 'track="semi" needs none')
        need(
            pairs,
            "predicted valence that is a number",
            lambda prediction, _: _finite(prediction.valence),
            'track="semi"',
        )
        true = np.array([true.valence for true in pairs.references], dtype=np.float64)
        predicted = np.array([prediction.valence for prediction in pairs.predictions], dtype=np.float64)
        return true, predicted * self.valence_scale

    def evaluate(self, predictions: Sequence[EmotionPrediction], truth: Truth) -> Mapping[str, float]:
        """Computes the measures, with their intervals and details."""
        return self.intervals.summary(self.sums(predictions, truth))


def _finite(value: float | None) -> bool:
    return value is not None and bool(np.isfinite(value))

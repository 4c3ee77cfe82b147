"""The confusion matrix, as counts with names: `confusion:sad>calm` is how often sad was taken for calm."""

from collections.abc import Mapping, Sequence

from affekt import Component, EmotionPrediction, Truth
from pydantic import Field
from sklearn.metrics import confusion_matrix  # type: ignore[import-untyped]

from affekt_metrics.confusions import closed
from affekt_metrics.pairs import pair


class Confusion(Component):
    """How often each class was taken for each; every cell is told, also the empty ones."""

    vocabulary: tuple[str, ...] | None = Field(default=None, description="The classes; a true label outside is refused")

    def evaluate(self, predictions: Sequence[EmotionPrediction], truth: Truth) -> Mapping[str, float]:
        """Counts every cell."""
        answers = closed(pair(predictions, truth), self.vocabulary)
        matrix = confusion_matrix(answers.truth, answers.predicted, labels=range(len(answers.classes)))
        cells = {
            f"confusion:{row}>{column}": float(matrix[i, j])
            for i, row in enumerate(answers.classes)
            for j, column in enumerate(answers.classes)
        }
        return cells | answers.details

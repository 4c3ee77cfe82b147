"""The share of right answers: an evaluator in a few lines. affekt-metrics has the measures of the field."""

from collections.abc import Mapping, Sequence

from affekt import Component, EmotionPrediction, Truth
from affekt.errors import DataError


class Hits(Component):
    """How often the best-scored emotion is the reference's label."""

    def evaluate(self, predictions: Sequence[EmotionPrediction], truth: Truth) -> Mapping[str, float]:
        """Counts the hits among the predictions."""
        labels = [given if isinstance(given, str) else given.label for given in truth]
        if len(predictions) != len(labels) or not labels or None in labels:
            raise DataError(
                "every prediction needs a reference with a label, and there must be one at least; "
                f"found {len(predictions)} predictions and {len(labels) - labels.count(None)} labels"
            )
        right = sum(prediction.label == label for prediction, label in zip(predictions, labels, strict=True))
        return {"hits": right / len(labels), "n": len(labels)}

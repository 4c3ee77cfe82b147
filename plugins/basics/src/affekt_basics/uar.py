"""Unweighted average recall: the mean of the classes' recalls, so that rare emotions count as much as frequent ones."""

from collections.abc import Mapping, Sequence

from affekt import Component, EmotionPrediction, Truth
from affekt.errors import DataError


class UnweightedAverageRecall(Component):
    """UAR (Schuller et al., 2009) and accuracy over the classes that occur in the truth."""

    def evaluate(self, predictions: Sequence[EmotionPrediction], truth: Truth) -> Mapping[str, float]:
        if len(predictions) != len(truth) or not truth:
            raise DataError(
                f"as many labels as predictions are needed, and one at least; found {len(truth)} and {len(predictions)}"
            )
        recalls = []
        for label in sorted(set(truth)):
            hits = [p.label == label for p, t in zip(predictions, truth, strict=True) if t == label]
            recalls.append(sum(hits) / len(hits))
        right = sum(p.label == t for p, t in zip(predictions, truth, strict=True))
        return {"uar": sum(recalls) / len(recalls), "accuracy": right / len(truth)}

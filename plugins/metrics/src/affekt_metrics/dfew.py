"""DFEW's protocol: UAR and WAR in each of five folds, and the unweighted mean over the folds (Jiang et al., 2020)."""

from collections.abc import Mapping, Sequence

import numpy as np
from affekt import Component, DataError, EmotionPrediction, Truth
from pydantic import Field

from affekt_metrics.confusions import Closed, accuracy, closed, mean_of_known, recalls
from affekt_metrics.intervals import Intervals
from affekt_metrics.pairs import need, pair
from affekt_metrics.sums import Derived, Sums, ratio

LABELS = ("happy", "sad", "neutral", "angry", "surprise", "disgust", "fear")


class Dfew(Component):
    """A class that a fold lacks is left out of that fold's UAR, and counted as `absent`."""

    folds: int = Field(default=5, ge=1, description="How many there must be; 1 for a single test set")
    vocabulary: tuple[str, ...] = Field(default=LABELS, description="The data set's classes")
    decimals: int | None = Field(
        default=None, ge=0, description="Of each recall in per cent, rounded before the means as tables print it"
    )
    intervals: Intervals = Field(default=Intervals(), description="Bootstrap by group: draws, level, seed")

    def sums(self, predictions: Sequence[EmotionPrediction], truth: Truth) -> Sums:
        """Counts for each cluster what the measures follow from."""
        pairs = pair(predictions, truth)
        if self.folds > 1:
            need(pairs, "fold", lambda _, true: bool(true.fold), "folds=1 for a single test set")
        names = sorted({true.fold for true in pairs.references})
        if len(names) != self.folds:
            raise DataError(f"{self.folds} folds are needed; found {len(names)}: {', '.join(names) or 'none'}")
        answers = closed(pairs, self.vocabulary)
        fold = np.array([names.index(true.fold) for true in pairs.references])
        totals, size = _counts_by_fold(answers, fold, len(names)), len(answers.classes)

        def derive(sums: np.ndarray) -> Derived:
            matrix = sums.reshape(-1, len(names), size, size)
            uar, war = self._means(matrix)
            values = {"uar": mean_of_known(uar), "war": mean_of_known(war)}
            for index, name in enumerate(names if len(names) > 1 else ()):
                values |= {f"uar:fold {name}": uar[:, index], f"war:fold {name}": war[:, index]}
            return values

        matrix = totals.sum(axis=0).reshape(len(names), size, size)
        rows = [answers.classes.index(word) for word in sorted(self.vocabulary)]
        absent = int((matrix.sum(axis=-1)[:, rows] == 0).sum())
        return Sums(totals=totals, derive=derive, details=answers.details | {"absent": float(absent)})

    def _means(self, matrix: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """UAR and WAR; WAR is the mean of the recalls weighted by how often a class is true."""
        if self.decimals is None:
            return mean_of_known(recalls(matrix)), accuracy(matrix)
        printed, support = np.round(100 * recalls(matrix), self.decimals) / 100, matrix.sum(axis=-1)
        weighted = (np.nan_to_num(printed) * support).sum(axis=-1)
        return mean_of_known(printed), ratio(weighted, support.sum(axis=-1))

    def evaluate(self, predictions: Sequence[EmotionPrediction], truth: Truth) -> Mapping[str, float]:
        """Computes the measures, with their intervals and details."""
        return self.intervals.summary(self.sums(predictions, truth))


def _counts_by_fold(answers: Closed, fold: np.ndarray, folds: int) -> np.ndarray:
    size, clusters = len(answers.classes), int(answers.clusters.max()) + 1
    cells = ((answers.clusters * folds + fold) * size + answers.truth) * size + answers.predicted
    counts = np.bincount(cells, minlength=clusters * folds * size * size)
    return counts.reshape(clusters, folds * size * size).astype(np.float64)

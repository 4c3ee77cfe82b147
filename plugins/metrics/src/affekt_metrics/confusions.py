"""Closed classes: labels as numbers, and the confusion counts that accuracy, F1 and recall follow from."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from affekt import DataError
from jaxtyping import Float64, Int64

from affekt_metrics.pairs import Pairs, listed, need, tidy
from affekt_metrics.sums import by_cluster, ratio


@dataclass(frozen=True, kw_only=True, eq=False)
class Closed:
    """Answers over classes. A class is any label that is true, said, or in the vocabulary."""

    classes: tuple[str, ...]
    truth: Int64[np.ndarray, "clip"]
    predicted: Int64[np.ndarray, "clip"]
    clusters: Int64[np.ndarray, "clip"]
    details: dict[str, float]
    """How many clips, answers outside the vocabulary, and abstentions that were counted as answers."""

    def counts(self) -> Float64[np.ndarray, "cluster sum"]:
        """How often which class was taken for which, in each cluster: a flattened matrix, truth in rows."""
        size = len(self.classes) ** 2
        cells = self.clusters * size + self.truth * len(self.classes) + self.predicted
        clusters = int(self.clusters.max()) + 1
        return np.bincount(cells, minlength=clusters * size).reshape(clusters, size).astype(np.float64)

    def totals(self, *more: np.ndarray) -> Float64[np.ndarray, "cluster sum"]:
        """The counts, and further columns that clips add to."""
        extra = [by_cluster(column[:, None], self.clusters) for column in more]
        return np.hstack([self.counts(), *extra])

    def matrix(self, sums: Float64[np.ndarray, "draw sum"]) -> Float64[np.ndarray, "draw truth said"]:
        """The confusion matrices of many draws."""
        size = len(self.classes)
        return sums[:, : size * size].reshape(-1, size, size)


def closed(pairs: Pairs, vocabulary: Sequence[str] | None) -> Closed:
    """Labels as numbers, without case and blanks.

    Raises:
        DataError: a clip has no label, or one outside the vocabulary.
    """
    need(pairs, "label", lambda _, true: bool(true.label and true.label.strip()))
    truth = [tidy(true.label or "") for true in pairs.references]
    predicted = [tidy(prediction.label) for prediction in pairs.predictions]
    allowed = {tidy(word) for word in vocabulary} if vocabulary is not None else set(truth)
    if strange := Counter(word for word in truth if word not in allowed):
        raise DataError(
            f"{strange.total()} of {len(truth)} true labels are outside the vocabulary: {listed(strange)}",
            hint=f"a vocabulary that holds them, or other labels; it has {', '.join(sorted(allowed))}",
        )
    classes = tuple(sorted(allowed | set(predicted)))
    number = {word: index for index, word in enumerate(classes)}
    return Closed(
        classes=classes,
        truth=np.array([number[word] for word in truth], dtype=np.int64),
        predicted=np.array([number[word] for word in predicted], dtype=np.int64),
        clusters=pairs.clusters,
        details={
            "n": float(len(truth)),
            "outside": float(sum(word not in allowed for word in predicted)),
            "abstained": float(sum(prediction.abstained is not None for prediction in pairs.predictions)),
        },
    )


def accuracy(matrix: np.ndarray) -> np.ndarray:
    """The share on the diagonal."""
    return ratio(np.trace(matrix, axis1=-2, axis2=-1), matrix.sum(axis=(-2, -1)))


def recalls(matrix: np.ndarray) -> np.ndarray:
    """The recall of every class; NaN where it does not occur."""
    return ratio(np.diagonal(matrix, axis1=-2, axis2=-1), matrix.sum(axis=-1))


def f1s(matrix: np.ndarray) -> np.ndarray:
    """The F1 of every class; 0 where it occurs and is never hit, NaN where it neither occurs nor is said."""
    hits = np.diagonal(matrix, axis1=-2, axis2=-1)
    return ratio(2 * hits, matrix.sum(axis=-1) + matrix.sum(axis=-2))


def mean_of_known(values: np.ndarray) -> np.ndarray:
    """The mean over the classes that have a value."""
    return ratio(np.nansum(values, axis=-1), np.isfinite(values).sum(axis=-1))


def weighted_f1(matrix: np.ndarray) -> np.ndarray:
    """F1 weighted by how often a class is true."""
    support = matrix.sum(axis=-1)
    return ratio((np.nan_to_num(f1s(matrix)) * support).sum(axis=-1), support.sum(axis=-1))

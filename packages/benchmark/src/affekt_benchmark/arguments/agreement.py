"""How far people agree with each other, and how convincing an argument is to those who felt something."""

from collections.abc import Sequence

import numpy as np
from affekt import EmotionPrediction, Reference
from affekt_metrics.agreement import Agreement
from affekt_metrics.intervals import Intervals
from affekt_metrics.sums import Derived, Sums, by_cluster, ratio
from jaxtyping import Float64
from sklearn.metrics import cohen_kappa_score  # type: ignore[import-untyped]

from affekt_benchmark.arguments.corpus import LABELS, NONE, Corpus
from affekt_benchmark.arguments.strict import Figures

EMOTIONAL = "emotional"
Interval = tuple[float, float, float]
"""A value, and the bounds of its interval."""


def nominal(corpus: Corpus, choice: np.ndarray | None, intervals: Intervals, *, binary: bool = False) -> Figures:
    """Krippendorff's alpha among people (`alpha_raters`), and with a system as one more person (`alpha_all`)."""
    names = [NONE if label == NONE else EMOTIONAL for label in LABELS] if binary else list(LABELS)
    codes = corpus.said[:, 0] if choice is None else choice
    # Both words are there, so that alpha exists; only `alpha_all` depends on what the system says.
    predictions = [EmotionPrediction(scores={names[code]: 1.0}) for code in codes]
    references = [
        Reference(label=names[row[0]], raters=tuple(names[code] for code in row), group=str(group))
        for row, group in zip(corpus.said, corpus.clusters, strict=True)
    ]
    return Agreement(intervals=intervals).evaluate(predictions, references)


def interval(values: Sequence[Sequence[float | None]], clusters: np.ndarray, intervals: Intervals) -> Figures:
    """Krippendorff's alpha of numbers, from sums: disagreement within texts over disagreement of all pairs."""
    added = np.zeros((len(values), 4))
    for row, given in enumerate(values):
        ratings = np.array([value for value in given if value is not None], dtype=np.float64)
        if len(ratings) > 1:
            within = 2 * (len(ratings) * (ratings**2).sum() - ratings.sum() ** 2) / (len(ratings) - 1)
            added[row] = within, len(ratings), ratings.sum(), (ratings**2).sum()

    def derive(sums: np.ndarray) -> Derived:
        within, count, total, squares = sums.T
        expected = ratio(2 * (count * squares - total**2), count * (count - 1))
        return {"alpha": 1 - ratio(ratio(within, count), expected)}

    return intervals.summary(Sums(totals=by_cluster(added, clusters), derive=derive))


def pairwise(corpus: Corpus, intervals: Intervals) -> Figures:
    """The share of pairs of people who give the same label, and who both find or do not find an emotion."""
    from affekt_benchmark.arguments.strict import means

    first, second = np.triu_indices(corpus.said.shape[1], 1)
    none = LABELS.index(NONE)
    same = (corpus.said[:, first] == corpus.said[:, second]).mean(axis=1)
    both = ((corpus.said[:, first] == none) == (corpus.said[:, second] == none)).mean(axis=1)
    return means(corpus, {"emotion": same, "binary": both}, intervals)


def best_pair(corpus: Corpus, batches: Sequence[str]) -> float:
    """The mean over batches of kappa between the two people who agree most: what choosing a pair makes of alpha."""
    first, second = np.triu_indices(corpus.said.shape[1], 1)
    names, best = np.array(batches), []
    for batch in dict.fromkeys(batches):
        rows = corpus.said[names == batch]
        kappas = [cohen_kappa_score(rows[:, i], rows[:, j]) for i, j in zip(first, second, strict=True)]
        if finite := [kappa for kappa in kappas if np.isfinite(kappa)]:
            best.append(max(finite))
    return float(np.mean(best))


def convincing(
    corpus: Corpus, scores: Sequence[Sequence[float | None]], draws: int, seed: int, intervals: Intervals
) -> dict[str, tuple[int, Interval, float]]:
    """For each emotion, how many judgements, the mean z-score of convincingness with its interval, and a p.

    The p is two-sided: how often the mean is as far from that of all judgements when scores are shuffled among the
    judgements of one original's texts, whose claim is the same.
    """
    judgements = [
        (label, z, cluster)
        for choices, row, cluster in zip(corpus.said, scores, corpus.clusters, strict=True)
        for label, z in zip(choices, row, strict=True)
        if z is not None
    ]
    labels = np.array([label for label, _, _ in judgements])
    values = np.array([z for _, z, _ in judgements])
    clusters = np.array([cluster for _, _, cluster in judgements])
    centre, random = values.mean(), np.random.default_rng(seed)
    order = np.argsort(clusters, kind="stable")
    member = np.eye(len(LABELS))[labels[order]]
    counts = member.sum(axis=0)
    observed = ratio(member.T @ values[order], counts) - centre
    as_far = np.zeros(len(LABELS))
    for _ in range(draws):
        shuffled = values[np.lexsort((random.random(len(values)), clusters))]
        as_far += np.abs(ratio(member.T @ shuffled, counts) - centre) >= np.abs(observed) - 1e-12
    bounds = _mean_bounds(labels, values, clusters, intervals)
    return {label: (int(counts[n]), bounds[label], float((as_far[n] + 1) / (draws + 1)))
            for n, label in enumerate(LABELS) if counts[n]}  # fmt: skip


def _mean_bounds(
    labels: np.ndarray, values: np.ndarray, clusters: np.ndarray, intervals: Intervals
) -> dict[str, Interval]:
    member = np.eye(len(LABELS))[labels]

    def derive(sums: Float64[np.ndarray, "draw sum"]) -> Derived:
        return {label: ratio(sums[:, n], sums[:, len(LABELS) + n]) for n, label in enumerate(LABELS)}

    totals = by_cluster(np.hstack([member * values[:, None], member]), np.unique(clusters, return_inverse=True)[1])
    summary = intervals.summary(Sums(totals=totals, derive=derive))
    return {label: (summary[label], summary.get(f"{label}.low", np.nan), summary.get(f"{label}.high", np.nan))
            for label in LABELS if label in summary}  # fmt: skip

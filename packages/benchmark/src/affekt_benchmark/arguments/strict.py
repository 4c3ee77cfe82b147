"""Labels right or wrong: against the majority, against two people who agree, and against anybody's label.

All measures are functions of sums over originals, so that one bootstrap draws originals with all their variants.
"""

from collections.abc import Mapping

import numpy as np
from affekt_metrics.intervals import Intervals
from affekt_metrics.sums import Derived, Sums, by_cluster, ratio
from jaxtyping import Float64, Int64

from affekt_benchmark.arguments.corpus import LABELS, NONE, Corpus

SIZE = len(LABELS)
UNPLEASANT = ("anger", "fear", "disgust", "sadness")
Figures = Mapping[str, float]
"""Measure → value, with `.low` and `.high`."""


def confusion(
    truth: Int64[np.ndarray, "judgement"], answered: Int64[np.ndarray, "judgement"]
) -> Float64[np.ndarray, "judgement cell"]:
    """One 1 a judgement, truth in rows; nothing where the truth is −1."""
    cells = np.zeros((len(truth), SIZE * SIZE))
    labelled = truth >= 0
    cells[np.flatnonzero(labelled), truth[labelled] * SIZE + answered[labelled]] = 1
    return cells


def held_out(corpus: Corpus) -> tuple[Int64[np.ndarray, "text person"], Int64[np.ndarray, "text person"]]:
    """What all the others agree on when a person is held out, −1 where they do not; and what that person says."""
    people = corpus.said.shape[1]
    truth = np.full(corpus.said.shape, -1)
    for person in range(people):
        others = np.delete(corpus.said, person, axis=1)
        agree = (others == others[:, :1]).all(axis=1)
        truth[agree, person] = others[agree, 0]
    return truth, corpus.said


def against_majority(corpus: Corpus, choice: Int64[np.ndarray, "text"], intervals: Intervals) -> Figures:
    """Precision, recall, F1 of each label, macro-F1 and accuracy; texts without a majority are left out."""
    return intervals.summary(
        Sums(totals=by_cluster(confusion(corpus.majority, choice), corpus.clusters), derive=scores)
    )


def against_others(corpus: Corpus, choice: Int64[np.ndarray, "text"] | None, intervals: Intervals) -> Figures:
    """The same on the judgements of which a person can be held out: of a system, or with None of that person."""
    truth, own = held_out(corpus)
    answered = own if choice is None else np.repeat(choice[:, None], own.shape[1], axis=1)
    cells = np.stack([confusion(truth[:, n], answered[:, n]) for n in range(own.shape[1])]).sum(axis=0)
    return intervals.summary(Sums(totals=by_cluster(cells, corpus.clusters), derive=scores))


def relaxed(corpus: Corpus, choice: Int64[np.ndarray, "text"] | None, intervals: Intervals) -> Figures:
    """How often the label is among those given: by anybody; "others", by anybody but the one who is held out."""
    people = corpus.said.shape[1]
    rows = []
    for person in range(people):
        answered = corpus.said[:, person] if choice is None else choice
        rows.append((np.delete(corpus.said, person, axis=1) == answered[:, None]).any(axis=1))
    others = np.stack(rows, axis=1).mean(axis=1)
    any_one = np.full(len(corpus), np.nan) if choice is None else (corpus.said == choice[:, None]).any(axis=1)
    return means(corpus, {"anybody": any_one, "others": others}, intervals)


def means(corpus: Corpus, columns: Mapping[str, np.ndarray], intervals: Intervals) -> Figures:
    """The mean of each column over texts; a column that is not a number is left out."""
    kept = {name: np.asarray(column, dtype=np.float64) for name, column in columns.items()
            if np.isfinite(column).all()}  # fmt: skip
    added = np.column_stack([*kept.values(), np.ones(len(corpus))])

    def derive(sums: np.ndarray) -> Derived:
        return {name: ratio(sums[:, index], sums[:, -1]) for index, name in enumerate(kept)}

    return intervals.summary(Sums(totals=by_cluster(added, corpus.clusters), derive=derive))


def scores(sums: Float64[np.ndarray, "draw cell"]) -> Derived:
    """The measures that follow from confusions.

    A label that is neither true nor named in a draw is left out of that draw's macro-F1.
    """
    matrix = sums.reshape(-1, SIZE, SIZE)
    hits = np.diagonal(matrix, axis1=-2, axis2=-1)
    true, named = matrix.sum(axis=-1), matrix.sum(axis=-2)
    f1 = ratio(2 * hits, true + named)
    derived: Derived = {
        "macro_f1": ratio(np.nansum(f1, axis=-1), np.isfinite(f1).sum(axis=-1)),
        "accuracy": ratio(hits.sum(axis=-1), true.sum(axis=-1)),
        "judgements": true.sum(axis=-1),
    }
    for index, label in enumerate(LABELS):
        derived |= {
            f"precision:{label}": ratio(hits[:, index], named[:, index], 0.0),
            f"recall:{label}": ratio(hits[:, index], true[:, index]),
            f"f1:{label}": f1[:, index],
        }
    return derived


def rates(corpus: Corpus, choice: Int64[np.ndarray, "text"], intervals: Intervals) -> Figures:
    """For each label, how often it is named over how often people name it, and the logarithm of that.

    A half is added to both counts, as is usual for ratios of small counts (Haldane, 1956).
    """
    added = np.hstack([np.eye(SIZE)[choice], corpus.shares])

    def derive(sums: np.ndarray) -> Derived:
        derived: Derived = {}
        for index, label in enumerate(LABELS):
            derived[f"ratio:{label}"] = ratio(sums[:, index], sums[:, SIZE + index])
            derived[f"log:{label}"] = np.log(ratio(sums[:, index] + 0.5, sums[:, SIZE + index] + 0.5))
        return derived

    return intervals.summary(Sums(totals=by_cluster(added, corpus.clusters), derive=derive))


def emotional(corpus: Corpus, answered: np.ndarray | None, intervals: Intervals) -> Figures:
    """Precision, recall and F1 of "emotional" against what most people find; None is a person against the others."""
    none = LABELS.index(NONE)
    people = corpus.said != none
    if answered is None:
        pairs = [(np.delete(people, n, axis=1).all(axis=1), ~np.delete(people, n, axis=1).any(axis=1), people[:, n])
                 for n in range(people.shape[1])]  # fmt: skip
    else:
        share = people.mean(axis=1)
        pairs = [(share > 0.5, share < 0.5, np.asarray(answered, dtype=bool))]
    added = np.zeros((len(corpus), 3))
    for yes, no, named in pairs:
        added += np.stack([yes & named, yes, named & (yes | no)], axis=1)

    def derive(sums: np.ndarray) -> Derived:
        hits, true, named = sums.T
        return {"precision": ratio(hits, named, 0.0), "recall": ratio(hits, true), "f1": ratio(2 * hits, true + named)}

    return intervals.summary(Sums(totals=by_cluster(added, corpus.clusters), derive=derive))

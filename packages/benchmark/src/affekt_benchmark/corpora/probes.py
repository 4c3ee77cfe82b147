"""Regressions on frozen vectors, of people that they have never met."""

import random
from collections.abc import Mapping, Sequence

import numpy as np
from affekt import EmotionPrediction
from jaxtyping import Float, Int64
from sklearn.linear_model import LogisticRegression  # type: ignore[import-untyped]
from sklearn.pipeline import make_pipeline  # type: ignore[import-untyped]
from sklearn.preprocessing import StandardScaler  # type: ignore[import-untyped]

from affekt_benchmark.material.cases import Case
from affekt_benchmark.material.suites import BenchmarkError
from affekt_benchmark.runs.running import Answer

FOLDS = 5
PENALTY = 100.0
"""The weight of the penalty of squared weights of standardised columns."""
Columns = Float[np.ndarray, "clip column"]


def folds_of(cases: Sequence[Case], seed: int) -> Int64[np.ndarray, "clip"]:
    """The fold that tests each clip: people whole, dealt in an order that the seed shuffles.

    Raises:
        BenchmarkError: there is one person alone.
    """
    people = [case.reference.group or case.reference.id for case in cases]
    order = sorted(set(people))
    if len(order) < 2:
        raise BenchmarkError(f"folds by person need two people; found {len(order)}", hint="a larger --limit")
    random.Random(seed).shuffle(order)
    fold_of = {person: index % min(FOLDS, len(order)) for index, person in enumerate(order)}
    return np.array([fold_of[person] for person in people])


def answers(
    columns: Mapping[str, Columns],
    reasons: Mapping[str, Sequence[str]],
    cases: Sequence[Case],
    labels: Sequence[str],
    seed: int,
) -> list[Answer]:
    """An answer a clip by the mean of its channels' log-probabilities, none of which has met its person.

    Args:
        columns: channel → vectors, NaN where the encoder found nothing.
        reasons: channel → why it found nothing in a clip.

    Raises:
        BenchmarkError: no folds can be made, or a fold's people show one label alone.
    """
    truth = np.array([labels.index(case.reference.label or "") for case in cases])
    folds = folds_of(cases, seed)
    judged = [_judged(vectors, truth, folds, len(labels)) for vectors in columns.values()]
    counts = np.sum([np.isfinite(log_probabilities).any(axis=1) for log_probabilities in judged], axis=0)
    summed = np.sum([np.nan_to_num(log_probabilities, nan=0.0, neginf=-50.0) for log_probabilities in judged], axis=0)
    answered = []
    for index, count in enumerate(counts):
        if not count:
            why = "; ".join(
                f"{channel}: {channel_reasons[index]}"
                for channel, channel_reasons in reasons.items()
                if channel_reasons[index]
            )
            answered.append(Answer(prediction=None, seconds=0.0, failure=why, reason="an encoder found nothing in it"))
            continue
        shares = np.exp(summed[index] / count - (summed[index] / count).max())
        scores = dict(zip(labels, (shares / shares.sum()).tolist(), strict=True))
        best = max(scores, key=lambda label: scores[label])
        answered.append(Answer(seconds=0.0, prediction=EmotionPrediction(
            scores=scores, labels=(best,), rationale="A probe gives no reasons.")))  # fmt: skip
    return answered


def _judged(vectors: Columns, truth: np.ndarray, folds: np.ndarray, size: int) -> Columns:
    """Log-probabilities of the labels; NaN where there is no vector."""
    there = np.isfinite(vectors).all(axis=1)
    rows = np.full((len(truth), size), np.nan)
    for fold in np.unique(folds):
        train, test = there & (folds != fold), there & (folds == fold)
        if not test.any():
            continue
        classes = np.unique(truth[train])
        if len(classes) < 2:
            raise BenchmarkError(
                f"the people outside fold {fold + 1} show {len(classes)} of {size} labels", hint="a larger --limit"
            )
        model = make_pipeline(StandardScaler(), LogisticRegression(C=1 / PENALTY, max_iter=500))
        model.fit(vectors[train], truth[train])
        rows[test] = -np.inf
        rows[np.ix_(test, classes)] = model.predict_log_proba(vectors[test])
    return rows

"""Agreement between what humans and a model call an emotion: Krippendorff's alpha and Cohen's kappa."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import krippendorff
import numpy as np
from affekt import Component, DataError, EmotionPrediction, Reference, Truth
from pydantic import Field
from sklearn.metrics import cohen_kappa_score  # type: ignore[import-untyped]

from affekt_metrics.intervals import Intervals
from affekt_metrics.pairs import Pairs, need, pair, tidied, tidy
from affekt_metrics.sums import Derived, Sums, by_cluster, ratio


class Agreement(Component):
    """Agreement on the one emotion that human and model name, and on each category: is it named or not?

    A category counts as named when it is among `labels`, or is the label where there are none. `alpha_raters` is among
    the humans alone, `alpha_all` with the model as one more rater: when it is not lower, the model agrees with humans
    as well as they do with each other.
    """

    intervals: Intervals = Field(default=Intervals(), description="Bootstrap by group: draws, level, seed")

    def sums(self, predictions: Sequence[EmotionPrediction], truth: Truth) -> Sums:
        """Counts for each cluster what the measures follow from."""
        pairs = pair(predictions, truth)
        need(pairs, "label", lambda _, true: bool(_human(true)))
        human = [_human(true) for true in pairs.references]
        model = [_model(prediction) for prediction in pairs.predictions]
        if len({words[0] for words in (*human, *model)}) < 2:
            raise DataError(f'agreement has no meaning where everybody always says "{human[0][0]}"')
        tables = {"": ([words[0] for words in human], [words[0] for words in model])}
        for category in sorted({word for words in (*human, *model) for word in words}):
            named = [[str(category in words) for words in side] for side in (human, model)]
            tables[f":{category}"] = named[0], named[1]
        tables = {name: table for name, table in tables.items() if len({*table[0], *table[1]}) > 1}
        parts: list[_Crossed | _Rated] = [_Crossed(name, _crossed(*table)) for name, table in tables.items()]
        exact = {key: value for name, table in tables.items() for key, value in _exact(name, *table).items()}
        raters = _raters(pairs)
        if raters:
            everybody = [(*words, model[index][0]) for index, words in enumerate(raters)]
            parts += [_Rated("alpha_raters", _coincidences(raters)), _Rated("alpha_all", _coincidences(everybody))]
        details = {"n": float(len(pairs)), "raters": float(len(raters[0]) if raters else 1)}
        return _joined(parts, pairs, exact, details)

    def evaluate(self, predictions: Sequence[EmotionPrediction], truth: Truth) -> Mapping[str, float]:
        """Computes the measures, with their intervals and details."""
        return self.intervals.summary(self.sums(predictions, truth))


def _human(true: Reference) -> list[str]:
    return tidied(([true.label] if true.label else []) + [word for word in true.labels if word != true.label])


def _model(prediction: EmotionPrediction) -> list[str]:
    return tidied([prediction.label]) + [word for word in tidied(prediction.labels) if word != tidy(prediction.label)]


def _raters(pairs: Pairs) -> list[tuple[str, ...]]:
    sizes = {len(true.raters) for true in pairs.references}
    if len(sizes) > 1:
        raise DataError(
            f"every clip needs as many raters, in one order; found {sorted(sizes)}", hint='"" where one said nothing'
        )
    return [tuple(map(tidy, true.raters)) for true in pairs.references] if sizes != {0} else []


def _coincidences(units: Sequence[Sequence[str]]) -> np.ndarray:
    """[unit, said, said]: how often two raters' answers stand together, each unit weighing as many as its answers."""
    words = sorted({word for unit in units for word in unit if word})
    counts = np.array([[unit.count(word) for word in words] for unit in map(list, units)], dtype=np.float64)
    pairs = counts[:, :, None] * counts[:, None, :] - counts[:, :, None] * np.eye(len(words))
    weighted: np.ndarray = pairs / np.maximum(counts.sum(axis=1) - 1, 1)[:, None, None]
    return weighted


def _alpha(coincidences: np.ndarray) -> np.ndarray:
    """Nominal alpha from coincidences (Krippendorff, 2011, "Computing Krippendorff's alpha-reliability")."""
    margins = coincidences.sum(axis=-1)
    answers = margins.sum(axis=-1)
    observed = answers - np.trace(coincidences, axis1=-2, axis2=-1)
    expected = ratio(answers**2 - (margins**2).sum(axis=-1), answers - 1)
    return 1 - ratio(observed, expected)


def _kappa(crossed: np.ndarray) -> np.ndarray:
    count = crossed.sum(axis=(-2, -1))
    observed = ratio(np.trace(crossed, axis1=-2, axis2=-1), count)
    expected = ratio((crossed.sum(axis=-1) * crossed.sum(axis=-2)).sum(axis=-1), count**2)
    return ratio(observed - expected, 1 - expected)


def _crossed(human: Sequence[str], model: Sequence[str]) -> np.ndarray:
    """[clip, human, model]: one 1 a clip."""
    words = sorted({*human, *model})
    out = np.zeros((len(human), len(words), len(words)))
    rows, columns = [words.index(word) for word in human], [words.index(word) for word in model]
    out[np.arange(len(human)), rows, columns] = 1
    return out


def _exact(name: str, human: Sequence[str], model: Sequence[str]) -> dict[str, float]:
    words = sorted({*human, *model})
    if len(words) < 2:
        return {}
    numbers = np.array([[words.index(word) for word in side] for side in (human, model)], dtype=np.float64)
    alpha = krippendorff.alpha(reliability_data=numbers, level_of_measurement="nominal")
    return {f"alpha{name}": float(alpha), f"kappa{name}": float(cohen_kappa_score(human, model))}


class _Crossed(NamedTuple):
    """Human against model."""

    name: str
    cells: np.ndarray

    def derive(self, crossed: np.ndarray) -> Derived:
        values = {f"alpha{self.name}": _alpha(crossed + crossed.swapaxes(-2, -1)), f"kappa{self.name}": _kappa(crossed)}
        same = np.trace(crossed, axis1=-2, axis2=-1)
        return values | {f"raw{self.name}": ratio(same, crossed.sum(axis=(-2, -1)))}


class _Rated(NamedTuple):
    """Any number of raters."""

    name: str
    cells: np.ndarray

    def derive(self, coincidences: np.ndarray) -> Derived:
        return {self.name: _alpha(coincidences)}


def _joined(
    parts: Sequence[_Crossed | _Rated], pairs: Pairs, exact: Mapping[str, float], details: Mapping[str, float]
) -> Sums:
    """All tables side by side as columns of one array of sums."""
    sizes = [part.cells.shape[-1] for part in parts]
    edges = np.cumsum([0, *(size**2 for size in sizes)])

    def derive(sums: np.ndarray) -> Derived:
        values: Derived = {}
        for part, size, start, end in zip(parts, sizes, edges, edges[1:], strict=False):
            values |= part.derive(sums[:, start:end].reshape(-1, size, size))
        return values

    flat = np.hstack([part.cells.reshape(len(pairs), -1) for part in parts])
    return Sums(totals=by_cluster(flat, pairs.clusters), derive=derive, exact=exact, details=details)

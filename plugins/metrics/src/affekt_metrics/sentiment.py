"""Sentiment as MERTools and MER-UniBench measure it: positive or not, over the clips whose true valence is not zero.

Officially a language model (Qwen2.5-7B) reads each list of emotions as positive, negative or neutral; whatever is not
positive counts as negative. `sentiments` takes its answers. Without them the words are looked up on the built-in wheel
and the majority of their signs decides, which is comparable with itself alone: `official` says which of the two it was.
"""

import json
from collections.abc import Mapping, Sequence
from functools import cache, cached_property
from importlib import resources
from pathlib import Path
from types import MappingProxyType
from typing import ClassVar

import numpy as np
from affekt import Component, DataError, EmotionPrediction, Truth
from pydantic import Field
from sklearn.metrics import f1_score  # type: ignore[import-untyped]

from affekt_metrics.confusions import accuracy, weighted_f1
from affekt_metrics.intervals import Intervals
from affekt_metrics.own_wheel import own_wheels
from affekt_metrics.pairs import Pairs, need, pair, tidied
from affekt_metrics.sums import Derived, Sums, by_cluster
from affekt_metrics.written import words_of

SIGNS: Mapping[str, int] = MappingProxyType({"positive": 1, "neutral": 0, "negative": -1})


class Sentiment(Component):
    """`waf` (weighted F1) and `accuracy` of positive against the rest, zeros of the truth left out."""

    renamed_options: ClassVar[Mapping[str, str]] = {"told": "sentiments"}

    sentiments: Path | None = Field(
        default=None, description='JSON: clip → "positive", "negative" or "neutral", as a language model read its words'
    )
    intervals: Intervals = Field(default=Intervals(), description="Bootstrap by group: draws, level, seed")

    @cached_property
    def _sentiments(self) -> Mapping[str, int]:
        return {} if self.sentiments is None else read_sentiments(self.sentiments)

    def sums(self, predictions: Sequence[EmotionPrediction], truth: Truth) -> Sums:
        """Counts for each cluster what the measures follow from."""
        pairs = pair(predictions, truth)
        need(pairs, "true valence that is a number", lambda _, true: _known(true.valence))
        signs, unknown = self._signs(pairs)
        valence = np.array([true.valence for true in pairs.references], dtype=np.float64)
        counted = valence != 0
        if not counted.any():
            raise DataError(f"all {len(pairs)} true valences are zero", hint="clips that are positive or negative")
        given, positive = (valence > 0)[counted], (signs > 0)[counted]
        cells = np.zeros((len(pairs), 4))
        cells[np.flatnonzero(counted), 2 * given + positive] = 1

        def derive(sums: np.ndarray) -> Derived:
            matrix = sums.reshape(-1, 2, 2)
            return {"waf": weighted_f1(matrix), "accuracy": accuracy(matrix)}

        exact = {"waf": float(f1_score(given, positive, average="weighted", zero_division=0))}
        details = {
            "n": float(counted.sum()), "zero": float((~counted).sum()), "unknown_words": float(unknown),
            "neutral": float((signs[counted] == 0).sum()), "official": float(self.sentiments is not None),
        }  # fmt: skip
        return Sums(totals=by_cluster(cells, pairs.clusters), derive=derive, exact=exact, details=details)

    def _signs(self, pairs: Pairs) -> tuple[np.ndarray, int]:
        """Of every answer; and how many of their words have no sign."""
        if self.sentiments is not None:
            need(pairs, f"a sentiment in {self.sentiments}", lambda _, true: true.id in self._sentiments)
            return np.array([self._sentiments[true.id] for true in pairs.references]), 0
        signs_of_words = [[sign_of(word) for word in tidied(words_of(prediction))] for prediction in pairs.predictions]
        unknown = sum(sign is None for signs in signs_of_words for sign in signs)
        return np.array([np.sign(sum(sign or 0 for sign in signs)) for signs in signs_of_words]), unknown

    def evaluate(self, predictions: Sequence[EmotionPrediction], truth: Truth) -> Mapping[str, float]:
        """Computes the measures, with their intervals and details."""
        return self.intervals.summary(self.sums(predictions, truth))


def _known(valence: float | None) -> bool:
    return valence is not None and bool(np.isfinite(valence))


def sign_of(word: str) -> int | None:
    """1, 0 or −1 for a word of emotion or sentiment; None where the built-in wheel does not hold it."""
    if word in SIGNS:
        return SIGNS[word]
    cluster = own_wheels().find(word, 0, 0)
    return None if cluster is None else _signs_of_clusters()[cluster]


@cache
def _signs_of_clusters() -> Mapping[str, int]:
    text = resources.files("affekt_metrics").joinpath("sentiment.json").read_text(encoding="utf-8")
    signs: Mapping[str, int] = json.loads(text)["signs"]
    return signs


def read_sentiments(path: Path) -> dict[str, int]:
    """Reads a file of sentiments.

    Raises:
        DataError: the file is missing or holds something else.
    """
    try:
        sentiments = json.loads(path.read_text(encoding="utf-8"))
        return {str(clip): SIGNS[str(sentiment).strip().lower()] for clip, sentiment in sentiments.items()}
    except (OSError, ValueError, AttributeError) as error:
        raise DataError(f'"{path}" should be JSON of clips and their sentiments: {error}') from error
    except KeyError as error:
        raise DataError(f'"{path}" says {error}', hint="positive, negative or neutral") from error

"""MER2024-OV: how far two sets of words overlap once synonyms are one (Lian et al., 2024)."""

import json
from collections.abc import Mapping, Sequence
from functools import cached_property
from pathlib import Path

import numpy as np
from affekt import Component, DataError, EmotionPrediction, Truth
from pydantic import Field

from affekt_metrics.intervals import Intervals
from affekt_metrics.open_labels import parse_groups
from affekt_metrics.pairs import need, pair, tidied
from affekt_metrics.sums import Derived, Sums, by_cluster, ratio
from affekt_metrics.written import words_of

Groups = Mapping[str, tuple[tuple[str, ...], ...]]


class Mer2024Ov(Component):
    """Set accuracy |G∩P|/|P| and recall |G∩P|/|G|, averaged over clips, and their mean.

    No answer scores 0 and 0. A clip without true words and with an answer has no recall: it is skipped and counted.
    """

    groups: Path | None = Field(
        default=None,
        description="JSON: clip → groups of synonyms, as a language model made them; without it words must be equal",
    )
    intervals: Intervals = Field(default=Intervals(), description="Bootstrap by group: draws, level, seed")

    @cached_property
    def _groups(self) -> Groups:
        return {} if self.groups is None else read_groups(self.groups)

    def sums(self, predictions: Sequence[EmotionPrediction], truth: Truth) -> Sums:
        """Counts for each cluster what the measures follow from."""
        pairs = pair(predictions, truth)
        if self.groups is not None:
            need(pairs, f"synonym groups in {self.groups}", lambda _, true: true.id in self._groups)
        rows, empty, skipped = np.zeros((len(pairs), 3)), 0, 0
        for index, (prediction, true) in enumerate(pairs):
            # The last group that holds a word wins, as in the official script.
            head = {word: group[0] for group in self._groups.get(true.id, ()) for word in group}
            given = {head.get(word, word) for word in tidied(true.labels)}
            answer = {head.get(word, word) for word in tidied(words_of(prediction))}
            empty += not answer
            if not answer:
                rows[index] = 0, 0, 1
            elif given:
                both = len(given & answer)
                rows[index] = both / len(answer), both / len(given), 1
            else:
                skipped += 1
        if not rows[:, 2].any():
            raise DataError("no clip has true words", hint="Reference(labels=(…))")

        def derive(sums: np.ndarray) -> Derived:
            accuracy, recall = ratio(sums[:, 0], sums[:, 2]), ratio(sums[:, 1], sums[:, 2])
            return {"average": (accuracy + recall) / 2, "accuracy": accuracy, "recall": recall}

        details = {"n": float(rows[:, 2].sum()), "empty": float(empty), "skipped": float(skipped)}
        return Sums(totals=by_cluster(rows, pairs.clusters), derive=derive, details=details)

    def evaluate(self, predictions: Sequence[EmotionPrediction], truth: Truth) -> Mapping[str, float]:
        """Computes the measures, with their intervals and details."""
        return self.intervals.summary(self.sums(predictions, truth))


def read_groups(path: Path) -> Groups:
    """Reads a file of synonym groups; a clip's groups may be lists, or written as one string.

    Raises:
        DataError: the file is missing or holds something else.
    """
    try:
        groups_of = json.loads(path.read_text(encoding="utf-8"))
        return {str(clip): parse_groups(groups) for clip, groups in groups_of.items()}
    except (OSError, ValueError, AttributeError, TypeError) as error:
        raise DataError(f'"{path}" should be JSON of clips and their groups of synonyms: {error}') from error

"""EMER's two overlaps without a judge: words for emotions compared on the wheels, clues by shared content words.

Repeatable anywhere and blind to meaning: "her voice shakes" and "trembling voice" share one word of three. It orders
systems roughly; it is no substitute for the rated measure and lives on another scale (0 to 1).
"""

import re
from collections.abc import Mapping, Sequence
from functools import cached_property
from pathlib import Path

import numpy as np
from affekt import Component, EmotionPrediction, Reference, Truth
from pydantic import Field
from sklearn.feature_extraction.text import ENGLISH_STOP_WORDS  # type: ignore[import-untyped]

from affekt_metrics.emotion_wheel import EmotionWheel, load_wheels
from affekt_metrics.intervals import Intervals
from affekt_metrics.pairs import need, pair
from affekt_metrics.sums import Derived, Sums, by_cluster, ratio
from affekt_metrics.wheels import Wheels
from affekt_metrics.written import WORD, denied, text_of

ENDINGS = re.compile(r"(?<=[a-z]{3})(?:ing|edly|ed|ly|es|s)$")


class EmerProxy(Component):
    """`label`: level-1 wheel F of the emotion words found in both texts. `clue`: F1 of the other content words.

    A text's own labels are used where it has them. Words are compared without endings; English only.
    """

    wheels: Path | None = Field(
        default=None, description="Folder of the official release (wheel1.xlsx …); without it the built-in wheel"
    )
    intervals: Intervals = Field(default=Intervals(), description="Bootstrap by group: draws, level, seed")

    @cached_property
    def _wheels(self) -> Wheels:
        return load_wheels(self.wheels)

    def sums(self, predictions: Sequence[EmotionPrediction], truth: Truth) -> Sums:
        """Counts for each cluster what the measures follow from."""
        pairs = pair(predictions, truth)
        need(pairs, "description", lambda _, true: bool(true.description.strip()))
        clues = np.zeros((len(pairs), 3))
        answers, references = [], []
        for index, (prediction, true) in enumerate(pairs):
            given, answer = self._split(true.description), self._split(text_of(prediction))
            both = len(given[1] & answer[1])
            # A clue of the reference that was missed and one that was made up cost alike.
            clues[index] = both / max(1, len(answer[1])), both / max(1, len(given[1])), 1
            references.append(Reference(labels=true.labels or tuple(sorted(given[0])), group=true.group))
            # scores has to be there; labels is what the wheel reads
            answers.append(
                EmotionPrediction(scores=prediction.scores, labels=tuple(sorted(answer[0])) or prediction.labels)
            )
        label = EmotionWheel(wheels=self.wheels, intervals=self.intervals).sums(answers, references)

        def derive(sums: np.ndarray) -> Derived:
            of_label = label.derive(sums[:, 3:])
            precision, recall = ratio(sums[:, 0], sums[:, 2]), ratio(sums[:, 1], sums[:, 2])
            values = {"clue": ratio(2 * precision * recall, precision + recall, 0.0)}
            values |= {"clue:precision": precision, "clue:recall": recall}
            return values | {"label": of_label["level1"], "label:level2": of_label["level2"]}

        totals = np.hstack([by_cluster(clues, pairs.clusters), label.totals])
        empty = sum(not text_of(prediction) for prediction in pairs.predictions)
        return Sums(totals=totals, derive=derive, details=dict(label.details) | {"unanswered": float(empty)})

    def evaluate(self, predictions: Sequence[EmotionPrediction], truth: Truth) -> Mapping[str, float]:
        """Computes the measures, with their intervals and details."""
        return self.intervals.summary(self.sums(predictions, truth))

    def _split(self, text: str) -> tuple[set[str], set[str]]:
        """Words for emotions, and the other content words without their endings; none that are denied."""
        lower = text.lower()
        matches = (match for match in WORD.finditer(lower) if not denied(lower, match.start()))
        words = {match[0] for match in matches} - ENGLISH_STOP_WORDS
        felt = {word for word in words if word in self._wheels.rows}
        return felt, {ENDINGS.sub("", word) for word in words - felt}

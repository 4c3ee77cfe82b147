"""Hit rate of MER-UniBench: is the one true emotion among the open-vocabulary labels, on level 1 of the wheels?"""

from collections.abc import Mapping, Sequence
from functools import cached_property
from pathlib import Path

import numpy as np
from affekt import Component, DataError, EmotionPrediction, Reference, Truth
from pydantic import Field

from affekt_metrics.confusions import mean_of_known
from affekt_metrics.emotion_wheel import coverage, load_wheels
from affekt_metrics.intervals import Intervals
from affekt_metrics.pairs import need, pair, tidy
from affekt_metrics.sums import Derived, Sums, by_cluster, ratio
from affekt_metrics.wheels import Entries, Wheels
from affekt_metrics.written import words_of


class HitRate(Component):
    """`hit_rate` |P∩G|, and `mscore` |P∩G|/|P∩candidates| that punishes naming every emotion; means over the wheels.

    The candidates are all true labels of the data. Clips whose label is on no wheel are skipped; officially these are
    the neutral ones.
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
        need(pairs, "label, or more than one", lambda _, true: _one(true) is not None)
        labels = [(_one(true) or "",) for true in pairs.references]
        given = self._wheels.lookup(labels)
        answered = self._wheels.lookup([words_of(answer) for answer in pairs.predictions])
        blocks, skipped = _hits(len(pairs), given, answered, self._wheels)
        count = len(self._wheels)

        def derive(sums: np.ndarray) -> Derived:
            shares = sums.reshape(len(sums), count, 3)
            rates = {"hit_rate": ratio(shares[..., 0], shares[..., 2]), "mscore": ratio(shares[..., 1], shares[..., 2])}
            return {name: mean_of_known(rate) for name, rate in rates.items()}

        details = coverage(pairs, self._wheels, given, answered)
        details |= {"skipped": skipped, "official": float(self.wheels is not None)}
        return Sums(totals=by_cluster(blocks, pairs.clusters), derive=derive, details=details)

    def evaluate(self, predictions: Sequence[EmotionPrediction], truth: Truth) -> Mapping[str, float]:
        """Computes the measures, with their intervals and details."""
        return self.intervals.summary(self.sums(predictions, truth))


def _one(true: Reference) -> str | None:
    words = [true.label] if true.label else list(true.labels)
    return tidy(words[0]) if len(words) == 1 and tidy(words[0]) else None


def _hits(clips: int, given: Entries, answered: Entries, wheels: Wheels) -> tuple[np.ndarray, float]:
    """(hit, mscore, 1 where the clip counts) of each clip and wheel; and how many clips count nowhere."""
    out = np.zeros((clips, len(wheels), 3))
    for wheel in range(len(wheels)):
        true = wheels.present(clips, given, 0, wheel)
        answer = wheels.present(clips, answered, 0, wheel)
        hits, counts = (true & answer).sum(axis=1), true.any(axis=1)
        candidates = (answer & true.any(axis=0)).sum(axis=1)
        out[:, wheel, 0] = hits * counts
        out[:, wheel, 1] = hits / np.maximum(candidates, 1) * counts
        out[:, wheel, 2] = counts
    counts = out[..., 2].any(axis=1)
    if not counts.any():
        raise DataError(f"none of the {clips} true labels is on a wheel of {wheels.source}")
    return out.reshape(clips, -1), float((~counts).sum())

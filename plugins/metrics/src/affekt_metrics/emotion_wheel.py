"""Emotion-wheel F1: overlap of open-vocabulary labels after mapping them onto five wheels (Lian et al., 2025).

Words that are on no wheel vanish, true ones and made-up ones alike, so coverage is always told beside the score. The
official wheels hold no "neutral" at all, and clips whose true words all vanish are skipped.
"""

from collections.abc import Mapping, Sequence
from functools import cached_property
from pathlib import Path

import numpy as np
from affekt import Component, DataError, EmotionPrediction, Truth
from pydantic import Field

from affekt_metrics.intervals import Intervals
from affekt_metrics.own_wheel import own_wheels
from affekt_metrics.pairs import Pairs, pair
from affekt_metrics.sums import Derived, Sums, by_cluster, ratio
from affekt_metrics.wheels import LEVELS, Entries, Wheels
from affekt_metrics.written import words_of


class EmotionWheel(Component):
    """EW-F of levels 1 and 2, their mean, and coverage.

    On each wheel, precision and recall of the sets of clusters are averaged over the clips, F is of the averages, and
    the wheels' F are averaged. Values on the built-in wheel are not comparable with the official ones.
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
        given = self._wheels.lookup([true.labels for true in pairs.references])
        answered = self._wheels.lookup([words_of(answer) for answer in pairs.predictions])
        blocks, skipped = _overlaps(len(pairs), given, answered, self._wheels)
        count = len(self._wheels)

        def derive(sums: np.ndarray) -> Derived:
            shares = sums.reshape(len(sums), len(LEVELS), count, 3)
            precision, recall = (ratio(shares[..., part], shares[..., 2], 0.0) for part in (0, 1))
            f1 = ratio(2 * precision * recall, precision + recall, 0.0)
            values: Derived = {}
            for level, name in enumerate(LEVELS):
                values |= {name: f1[:, level].mean(axis=-1)}
                values |= {f"{name}:precision": precision[:, level].mean(axis=-1)}
                values |= {f"{name}:recall": recall[:, level].mean(axis=-1)}
            return values | {"mean": (values["level1"] + values["level2"]) / 2}

        details = coverage(pairs, self._wheels, given, answered) | {
            "skipped": skipped,
            "official": float(self.wheels is not None),
        }
        return Sums(totals=by_cluster(blocks, pairs.clusters), derive=derive, details=details)

    def evaluate(self, predictions: Sequence[EmotionPrediction], truth: Truth) -> Mapping[str, float]:
        """Computes the measures, with their intervals and details."""
        return self.intervals.summary(self.sums(predictions, truth))


def load_wheels(folder: Path | None) -> Wheels:
    """The official wheels of a folder, or the built-in one."""
    if folder is None:
        return own_wheels()
    from affekt_metrics.wheel_folder import read_wheels

    return read_wheels(folder)


def coverage(pairs: Pairs, wheels: Wheels, given: Entries, answered: Entries) -> dict[str, float]:
    """How many of the true and of the answered words are on a wheel, and how many answers are empty."""
    shares = {"n": float(len(pairs))}
    for name, entries in (("truth", given), ("answers", answered)):
        on_wheel, count = wheels.on_a_wheel(entries)
        shares |= {f"coverage:{name}": on_wheel / count} if count else {}
        shares |= {f"words:{name}": float(count)}
    return shares | {"empty": float(len(pairs) - len(np.unique(answered[0])))}


def _overlaps(clips: int, given: Entries, answered: Entries, wheels: Wheels) -> tuple[np.ndarray, float]:
    """(precision, recall, 1 where the clip counts) of each clip, level and wheel; and how many clips count nowhere."""
    out = np.zeros((clips, len(LEVELS), len(wheels), 3))
    for level in range(len(LEVELS)):
        for wheel in range(len(wheels)):
            true = wheels.present(clips, given, level, wheel)
            answer = wheels.present(clips, answered, level, wheel)
            both, sizes = np.count_nonzero(true & answer, axis=1), np.count_nonzero(true, axis=1)
            out[:, level, wheel, 0] = both / np.maximum(np.count_nonzero(answer, axis=1), 1)
            out[:, level, wheel, 1] = both / np.maximum(sizes, 1)
            out[:, level, wheel, 2] = sizes > 0
            out[sizes == 0, level, wheel] = 0
    counts = out[..., 2].any(axis=(1, 2))
    if not counts.any():
        raise DataError(
            f"none of the true words of {clips} clips is on a wheel of {wheels.source}",
            hint="Reference(labels=(…)) in English words for emotions; the official wheels hold no neutral",
        )
    return out.reshape(clips, -1), float((~counts).sum())

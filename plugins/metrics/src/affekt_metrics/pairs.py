"""Predictions beside what is true of them, and who belongs together."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from affekt import DataError, EmotionPrediction, Reference, Truth
from jaxtyping import Int64


@dataclass(frozen=True, kw_only=True, eq=False)
class Pairs:
    """Predictions and references in one order."""

    predictions: tuple[EmotionPrediction, ...]
    references: tuple[Reference, ...]

    def __len__(self) -> int:
        return len(self.references)

    def __iter__(self) -> Iterator[tuple[EmotionPrediction, Reference]]:
        return iter(zip(self.predictions, self.references, strict=True))

    @property
    def clusters(self) -> Int64[np.ndarray, "clip"]:
        """A number a clip; equal where two share a group. Who has no group stands alone."""
        numbers: dict[tuple[str, int], int] = {}
        keys = [
            (reference.group, -1) if reference.group else ("", index) for index, reference in enumerate(self.references)
        ]
        return np.array([numbers.setdefault(key, len(numbers)) for key in keys], dtype=np.int64)

    def where(self, keep: Callable[[Reference], bool]) -> "Pairs":
        """The pairs whose reference is wanted."""
        kept = [pair for pair in self if keep(pair[1])]
        return Pairs(predictions=tuple(p for p, _ in kept), references=tuple(r for _, r in kept))


def pair(predictions: Sequence[EmotionPrediction], truth: Truth) -> Pairs:
    """Joins predictions and references.

    Raises:
        DataError: there are none, or not as many of one as of the other.
    """
    if len(predictions) != len(truth):
        raise DataError(
            f"every prediction needs a reference; found {len(predictions)} predictions and {len(truth)} references"
        )
    if not len(truth):
        raise DataError("there is nothing to measure: no predictions and no references")
    references = tuple(Reference(label=reference) if isinstance(reference, str) else reference for reference in truth)
    return Pairs(predictions=tuple(predictions), references=references)


def tidy(label: str) -> str:
    """Labels are compared without case and without blanks around them."""
    return label.strip().lower()


def tidied(labels: Iterable[str]) -> list[str]:
    """The labels that say something, tidied."""
    return [word for label in labels if (word := tidy(label))]


def need(pairs: Pairs, what: str, has: Callable[[EmotionPrediction, Reference], bool], hint: str | None = None) -> None:
    """Refuses clips that lack what a measure needs, with their count.

    Raises:
        DataError: some do.
    """
    lacking = [index for index, (prediction, true) in enumerate(pairs) if not has(prediction, true)]
    if lacking:
        first = pairs.references[lacking[0]].id or f"number {lacking[0]}"
        raise DataError(f"{len(lacking)} of {len(pairs)} clips have no {what}, the first is {first}", hint=hint)


def listed(counts: Counter[str], most: int = 5) -> str:
    """`"calm" (3), "bored" (1)`."""
    shown = ", ".join(f'"{word}" ({count})' for word, count in counts.most_common(most))
    return shown + (f" and {len(counts) - most} more" if len(counts) > most else "")

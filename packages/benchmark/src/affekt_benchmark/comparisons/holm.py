"""Correction of p values where several comparisons are made at once."""

import math
from collections.abc import Sequence


def holm(values: Sequence[float]) -> list[float]:
    """Holm's (1979) step-down adjustment: the chance of any false difference among all stays below the level.

    A p that does not exist (NaN) is none of the comparisons and stays as it is.
    """
    ordered = sorted((value, index) for index, value in enumerate(values) if not math.isnan(value))
    adjusted, highest = list(values), 0.0
    for rank, (value, index) in enumerate(ordered):
        highest = max(highest, min(1.0, (len(ordered) - rank) * value))
        adjusted[index] = highest
    return adjusted

"""What single values of `data` and `answers` must be; arrays are checked in `shapes`."""

import math
from collections.abc import Mapping
from typing import Any

from affekt.errors import DataError


def require_within(
    where: str, value: float, least: float = -math.inf, most: float = math.inf, *, above: float | None = None
) -> None:
    """Refuses a number outside of a range, both ends of which belong to it; `above` does not."""
    if math.isfinite(value) and least <= value <= most and (above is None or value > above):
        return
    if above is not None:
        wanted, example = f"more than {above:g}", above + 1
    elif math.isinf(most):
        wanted, example = f"{least:g} or more", least
    else:
        wanted, example = f"from {least:g} to {most:g}", (least + most) / 2
    raise DataError(f"{where} should be {wanted}; found {value}", hint=f"{where.split('.')[-1]}={example:g}")


def require_span(where: str, start: float, end: float) -> None:
    """Refuses a span that ends before it begins, or at no time at all."""
    if not (math.isfinite(start) and math.isfinite(end) and start <= end):
        raise DataError(
            f"{where} should begin before it ends, in seconds; found from {start} to {end}", hint="start=0.0, end=1.0"
        )


def require_text(where: str, value: str) -> None:
    """Refuses a text without a letter in it."""
    if not value.strip():
        raise DataError(f"{where} should say something; found {value!r}", hint='plain words: "no face in 87 frames"')


def require_reasons(where: str, reasons: Mapping[Any, str]) -> None:
    """Refuses a missing thing without a reason."""
    for key, why in reasons.items():
        require_text(f"{where}[{str(key)!r}]", why)

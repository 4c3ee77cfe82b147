"""How long a whole clip may be, and the refusal of a longer one."""

import math

from affekt_media.limits import Limits
from affekt_media.wire import Refusal

SLACK = 0.5
"""Seconds that a whole clip may exceed Limits.max_seconds by: "five minutes" is rarely exact."""


def too_long(seconds: float, limits: Limits) -> Refusal:
    """The refusal that names the way out."""
    return Refusal(
        "too_long",
        f"it lasts {seconds:,.1f} s; Limits.max_seconds allows {limits.max_seconds:g} s in one clip",
        f"affekt_media.windows(path), which streams it, or Limits(max_seconds={math.ceil(seconds)})",
    )

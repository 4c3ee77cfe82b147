"""What each emotion does to the voice, against the same voice when neutral.

The table `emotions.json` is fitted to recorded speech by `fit`, which states how: shifts of pitch, range, rate, level,
brightness and pauses at strong intensity, and how much of them there is at normal intensity. `REACH` says how much of a
recorded shift this voice is asked for: actors who shout go further than words of a synthetic voice stay clear.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from math import exp
from types import MappingProxyType
from typing import Any

from affekt.errors import DataError
from affekt.suggestions import did_you_mean


@dataclass(frozen=True, kw_only=True)
class Controls:
    """Changes against the neutral voice; the defaults change nothing."""

    pitch: float = 0.0
    """Semitones added to the mean pitch."""
    span: float = 1.0
    """Factor of the pitch range: of every distance to the mean, in semitones."""
    energy: float = 0.0
    """Decibels added to the level of the speech."""
    brightness: float = 0.0
    """Decibels added to what is well above 1 kHz, as greater vocal effort does."""
    rate: float = 1.0
    """Factor of the speaking rate."""
    pauses: float = 0.0
    """Seconds of pause added between sentences, for each second of speech."""


REACH: Mapping[str, float] = MappingProxyType(
    {"pitch": 0.5, "span": 1.0, "rate": 1.0, "energy": 0.4, "brightness": 1.0, "pauses": 2.0}
)
"""Share of a recorded shift that is asked for. Pauses: what a recording has within sentences, Kokoro has between."""
NORMAL = 0.5
"""The intensity at which the table's normal intensity is reached; 1 is its strong one."""


@cache
def table() -> Mapping[str, Any]:
    """Emotion → what was fitted; neutral is what the others are measured against."""
    text = files("affekt_kokoro").joinpath("emotions.json").read_text(encoding="utf-8")
    return MappingProxyType({"neutral": {"shift": {}, "share": None}, **json.loads(text)["emotions"]})


def controls_for(emotion: str, intensity: float) -> Controls:
    """The controls of an emotion; intensity 0 is the neutral voice, and 1 all of `REACH`.

    Raises:
        DataError: the speaker has no such emotion.
    """
    if emotion not in table():
        raise DataError(
            f'kokoro cannot sound "{emotion}"{did_you_mean(emotion, table())}', hint=f"one of {', '.join(table())}"
        )
    fitted = table()[emotion]
    amount = _amount(intensity, NORMAL if fitted["share"] is None else fitted["share"])
    asked = {name: REACH[name] * amount * (shift or 0.0) for name, shift in fitted["shift"].items()}
    factors = {name: exp(asked.pop(name)) for name in ("span", "rate") if name in asked}
    return Controls(**asked, **factors)


def _amount(intensity: float, share: float) -> float:
    """Of the strong shift: a line from 0 over `share` at `NORMAL` to 1."""
    if intensity <= NORMAL:
        return share * intensity / NORMAL
    return share + (1 - share) * (intensity - NORMAL) / (1 - NORMAL)

"""The cues of a text subtitle track."""

import re
from collections.abc import Iterator
from typing import Any, NamedTuple

from av.container import InputContainer

from affekt_media.decoder.container import Damage, decoded

_STYLE = re.compile(r"\{[^{}]*\}|<[^<>]*>")
_UNSTATED = 3.0
"""Seconds a cue is taken to stand where its end is not stated."""


class Cue(NamedTuple):
    """A line of subtitles: seconds from the start of the file, and what is said."""

    start: float
    end: float
    text: str


def read(container: InputContainer, stream: Any, *, origin: float, damage: Damage) -> Iterator[Cue]:
    """Cues in the order of the file, without styling."""
    for packet, subtitle in decoded(container, stream, damage):
        if packet.pts is None:
            continue
        text = plain(getattr(subtitle, "dialogue", b"").decode("utf-8", "replace"))
        if text:
            start = float(packet.pts * packet.time_base) - origin
            stands = float((packet.duration or 0) * packet.time_base)
            yield Cue(max(0.0, start), max(0.0, start) + (stands if stands > 0 else _UNSTATED), text)


def plain(text: str) -> str:
    """Text on one line, without override blocks and tags."""
    return " ".join(_STYLE.sub("", text).replace("\\N", " ").replace("\\n", " ").replace("\\h", " ").split())

"""Times as a person reads them, and the times in a window's sentences moved to the recording's clock."""

import re
from functools import partial

_TIME = r"\d+(?:\.\d+)?"
_SPAN = re.compile(
    rf"\b(?P<lead>from|until|before|after|at(?: about)?|around) (?P<start>{_TIME})"
    rf"(?: (?P<joint>to|until|and) (?P<end>{_TIME}))? ?s\b(?! of\b)"
)
_QUOTED = re.compile(r"(“[^”]*”)")


def clock(time: float) -> str:
    """Seconds for readers: "8.7 s", "12:05", "1:02:03"."""
    if round(time, 1) < 60:
        return f"{time:.1f}".removesuffix(".0") + " s"
    hours, minutes = divmod(round(time) // 60, 60)
    return f"{hours}:{minutes:02}:{round(time) % 60:02}" if hours else f"{minutes}:{round(time) % 60:02}"


def span(start: float, end: float) -> str:
    """From when to when: "1.2–3.4 s", "3:04–3:09"; "3:04" of what begins and ends in one second."""
    if round(end, 1) < 60:
        return f"{start:.1f}–{end:.1f} s"
    return clock(start) if clock(start) == clock(end) else f"{clock(start)}–{clock(end)}"


def moved(text: str, seconds: float) -> str:
    """The sentences with their times that many seconds later: "from 4.0 to 9.0 s" → "from 1:00:04 to 1:00:09".

    What is quoted stays as it was said.
    """
    if not seconds:
        return text
    pieces = _QUOTED.split(text)
    later = partial(_later, seconds)
    return "".join(piece if piece.startswith("“") else _SPAN.sub(later, piece) for piece in pieces)


def _later(seconds: float, match: re.Match[str]) -> str:
    start = clock(float(match["start"]) + seconds)
    if match["end"] is None:
        return f"{match['lead']} {start}"
    end = clock(float(match["end"]) + seconds)
    return f"{match['lead']} {start.removesuffix(' s') if end.endswith(' s') else start} {match['joint']} {end}"

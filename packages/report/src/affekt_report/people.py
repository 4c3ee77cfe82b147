"""A line a person: when they speak, when their face is in view, and what is felt meanwhile."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from affekt import Analysis
from affekt.people import Felt

MOST_BARS = 600
"""More moments or turns of a person than this are joined, so that the page stays small."""


@dataclass(frozen=True)
class Bar:
    """A stretch of the axis of time, in seconds."""

    start: float
    end: float
    colour: str
    title: str


@dataclass(frozen=True)
class Row:
    """One person."""

    name: str
    speaking: float
    """Seconds."""
    share: float
    """Of the recording's time."""
    bars: list[Bar]
    """Turns, in the colour of the likeliest emotion."""
    seen: list[Bar]
    sources: list[tuple[str, Felt]]
    on_screen: float | None


def rows(felt: Analysis, colours: Mapping[str, str]) -> list[Row]:
    """Those who speak longest first."""
    found = []
    for person in felt.people:
        moments = [
            (each.start, each.end, max(each.scores, key=lambda name: each.scores[name])) for each in person.timeline
        ]
        spoken = [Bar(start, end, colours.get(label, "gray"), label) for start, end, label in _joined(moments)]
        judged = [(bar.start, bar.end) for bar in spoken]
        silent = [Bar(start, end, "", "speaks") for start, end in person.turns if not _meets((start, end), judged)]
        found.append(
            Row(
                name=person.name,
                speaking=person.speaking,
                share=person.speaking / felt.duration if felt.duration else 0.0,
                bars=[*spoken, *silent][:MOST_BARS],
                seen=[Bar(start, end, "", "in view") for start, end in person.seen][:MOST_BARS],
                sources=list(person.felt.items()),
                on_screen=person.on_screen,
            )
        )
    return found


def _joined(moments: Sequence[tuple[float, float, str]]) -> list[tuple[float, float, str]]:
    """Moments that follow each other with one emotion are one."""
    runs: list[tuple[float, float, str]] = []
    for start, end, label in moments:
        if runs and runs[-1][2] == label and start - runs[-1][1] < 1e-3:
            runs[-1] = runs[-1][0], end, label
        else:
            runs.append((start, end, label))
    return runs


def _meets(span: tuple[float, float], others: Sequence[tuple[float, float]]) -> bool:
    return any(start < span[1] and end > span[0] for start, end in others)

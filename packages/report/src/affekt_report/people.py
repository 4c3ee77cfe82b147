"""A line a person: when they speak, when their face is in view, and what is felt meanwhile; and the time of all."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from affekt import Moment, why_unclaimed
from affekt_recordings import Analysis
from affekt_recordings.person import Felt
from affekt_recordings.shares import Shares

MOST_BARS = 600
"""More moments or turns of a person than this are joined, so that the page stays small."""


LEAST = 0.05
"""Seconds below which a part of the time is not shown."""
SHADES = ("#4c6a92", "#7d93b2", "#5e8a87", "#93b3ad", "#7a6f9b", "#a79fc0")
"""Colours of people, who are no emotions; others begin anew."""
SEVERAL = "#b08968"


@dataclass(frozen=True)
class Bar:
    """A stretch of the axis of time, in seconds."""

    start: float
    end: float
    colour: str
    title: str


@dataclass(frozen=True)
class Piece:
    """A part of some time, in its colour."""

    name: str
    seconds: float
    share: float
    """The share of that time."""
    colour: str
    """The colour; empty where there is no emotion, or nobody."""


@dataclass(frozen=True)
class Row:
    """What the page shows of one person."""

    name: str
    speaking: float
    """The seconds that the person speaks."""
    share: float
    """The share of the recording's time."""
    bars: list[Bar]
    """Turns, in the colour of the emotion that is claimed."""
    seen: list[Bar]
    sources: list[tuple[str, Felt]]
    face: str | None
    """Whether the person's face was found: on screen, off screen or unknown."""
    on_screen: float | None
    time: list[Piece]
    """The person's speech by emotion."""


def rows(felt: Analysis, colours: Mapping[str, str]) -> list[Row]:
    """A row a person, those who speak longest first."""
    table = []
    for person in felt.people:
        moments = [(each.start, each.end, _claim(each, felt.prediction.claims_from)) for each in person.timeline]
        spoken = [
            Bar(start, end, colours.get(label, "gray") if label else "", label or "nothing claimed")
            for start, end, label in _joined(moments)
        ]
        judged = [(bar.start, bar.end) for bar in spoken]
        silent = [Bar(start, end, "", "speaks") for start, end in person.turns if not _meets((start, end), judged)]
        table.append(
            Row(
                name=person.name,
                speaking=person.speaking,
                share=person.speaking / felt.duration if felt.duration else 0.0,
                bars=[*spoken, *silent][:MOST_BARS],
                seen=[Bar(start, end, "", "in view") for start, end in person.seen][:MOST_BARS],
                sources=list(person.felt.items()),
                face=person.face,
                on_screen=person.on_screen,
                time=_by_emotion(person.time, colours),
            )
        )
    return table


def speaking_time(felt: Analysis) -> list[Piece]:
    """The recording's time by who speaks; none where nobody was told apart."""
    time = felt.speaking
    if not time.alone:
        return []
    shades = SHADES * (len(time.alone) // len(SHADES) + 1)
    pieces = [(name, seconds, shade) for (name, seconds), shade in zip(time.alone.items(), shades, strict=False)]
    return _pieces([*pieces, ("several at once", time.several, SEVERAL), ("nobody", time.nobody, "")])


def _by_emotion(time: Shares, colours: Mapping[str, str]) -> list[Piece]:
    claimed = [(name, seconds, colours.get(name, "gray")) for name, seconds in time.claimed.items()]
    return _pieces([*claimed, ("nothing claimed", time.unclaimed, ""), ("not judged", time.empty, "")])


def _pieces(parts: Sequence[tuple[str, float, str]]) -> list[Piece]:
    total = sum(seconds for _, seconds, _ in parts)
    return [Piece(name, seconds, seconds / total, colour) for name, seconds, colour in parts if seconds >= LEAST]


def _claim(moment: Moment, claims_from: float | None) -> str:
    """The likeliest emotion; empty where it is not claimed."""
    if claims_from is not None and why_unclaimed(moment.scores, claims_from):
        return ""
    return max(moment.scores, key=lambda name: moment.scores[name])


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

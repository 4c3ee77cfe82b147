"""Who is in a recording: for each person the turns, the face, the words, and what is felt over time.

People come from `Clip.appearances`, which preparers fill in and link over the windows of a recording.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from affekt.answers import Moment
from affekt.data import Modality
from affekt.evidence import Evidence
from affekt.plain import plain_moment, rounded_scores
from affekt.tracks import Appearance, Word

SEAM = 0.35
"""Seconds of silence between two windows' turns of one person that are one turn."""


@dataclass(frozen=True, kw_only=True)
class Felt:
    """What is felt according to one source, or why nothing is known."""

    scores: Mapping[str, float] = field(default_factory=dict)
    """Emotion → probability, the mean over the seconds that were measured."""
    seconds: float = 0.0
    """How long it was measured."""
    missing: str | None = None
    """Why nothing was measured; None where something was."""

    @property
    def label(self) -> str | None:
        """The emotion with the highest score."""
        return max(self.scores, key=lambda emotion: self.scores[emotion]) if self.scores else None

    def to_dict(self) -> dict[str, Any]:
        """Plain data for JSON."""
        return {
            "state": "measured" if self.missing is None else "missing",
            "missing": self.missing,
            "label": self.label,
            "scores": rounded_scores(self.scores),
            "seconds": round(self.seconds, 3),
        }


@dataclass(frozen=True, kw_only=True)
class Person:
    """One person of a recording. Times are seconds from its start."""

    name: str
    turns: tuple[tuple[float, float], ...]
    """From when to when the person is heard."""
    seen: tuple[tuple[float, float], ...]
    """From when to when the person's face is in view."""
    words: tuple[Word, ...]
    """What the person says; words that fall into the turns of several people belong to the longest overlap."""
    felt: Mapping[str, Felt]
    """ "speaking" (all sources together, while the person speaks) and "face" → what is felt."""
    timeline: tuple[Moment, ...]
    """What is felt while the person speaks, with valence and arousal where the reasoner has them."""
    on_screen: float | None
    """Share of the person's speech during which their own face is in view; None where no faces are told apart."""

    @property
    def speaking(self) -> float:
        """Seconds of speech."""
        return sum(end - start for start, end in self.turns)

    @property
    def text(self) -> str:
        """What the person says."""
        return " ".join(word.text.strip() for word in self.words)

    def to_dict(self) -> dict[str, Any]:
        """Plain data for JSON."""
        return {
            "name": self.name,
            "speaking": round(self.speaking, 3),
            "turns": [[round(start, 3), round(end, 3)] for start, end in self.turns],
            "seen": [[round(start, 3), round(end, 3)] for start, end in self.seen],
            "on_screen": None if self.on_screen is None else round(self.on_screen, 3),
            "text": self.text or None,
            "words": [[round(word.start, 3), round(word.end, 3), word.text.strip()] for word in self.words],
            "felt": {source: felt.to_dict() for source, felt in self.felt.items()},
            "timeline": [plain_moment(moment) for moment in self.timeline],
        }


def people_of(evidence: Evidence, timeline: Sequence[Moment]) -> tuple[Person, ...]:
    """The people of a recording whose evidence is joined, those who speak longest first."""
    appearances = evidence.clip.appearances
    names = dict.fromkeys(each.person for each in appearances)
    heard = {name: _spans(appearances, name, "audio") for name in names}
    people = [_person(name, heard, evidence, timeline) for name in names]
    return tuple(sorted(people, key=lambda person: (-person.speaking, person.name)))


def _person(
    name: str,
    heard: Mapping[str, Sequence[tuple[float, float]]],
    evidence: Evidence,
    timeline: Sequence[Moment],
) -> Person:
    clip = evidence.clip
    seen = _spans(clip.appearances, name, "face")
    moments = tuple(_cut(timeline, heard[name]))
    joined = any(each.modality == "face" for each in clip.appearances) and bool(heard[name])
    speech = sum(end - start for start, end in heard[name])
    return Person(
        name=name,
        turns=tuple(heard[name]),
        seen=tuple(seen),
        words=tuple(word for word in clip.words if _speaker(word, heard) == name),
        felt={"speaking": _while_speaking(moments, heard[name]), "face": _in_the_face(evidence, timeline, seen)},
        timeline=moments,
        on_screen=_shared(heard[name], seen) / speech if joined and speech else None,
    )


def _spans(appearances: Iterable[Appearance], name: str, modality: Modality) -> list[tuple[float, float]]:
    """The person's stretches in order of time; those that a window's end parted are one."""
    spans: list[tuple[float, float]] = []
    own = (each for each in appearances if each.person == name and each.modality == modality)
    for each in sorted(own, key=lambda stretch: stretch.start):
        if spans and each.start - spans[-1][1] <= SEAM:
            spans[-1] = spans[-1][0], max(spans[-1][1], each.end)
        else:
            spans.append((each.start, each.end))
    return spans


def _speaker(word: Word, heard: Mapping[str, Sequence[tuple[float, float]]]) -> str | None:
    """Whose turn holds most of the word; of a word between turns, whose turn is nearest within half a second."""
    shared = {name: _shared([(word.start, word.end)], spans) for name, spans in heard.items()}
    best = max(shared, key=lambda name: shared[name], default=None)
    if best is not None and shared[best] > 0:
        return best
    gaps = {
        name: min((max(start - word.end, word.start - end) for start, end in spans), default=float("inf"))
        for name, spans in heard.items()
    }
    nearest = min(gaps, key=lambda name: gaps[name], default=None)
    return nearest if nearest is not None and gaps[nearest] <= 0.5 else None


def _cut(timeline: Sequence[Moment], spans: Sequence[tuple[float, float]]) -> Iterator[Moment]:
    """The parts of moments that fall into the spans; both are in order of time."""
    first = 0
    for start, end in spans:
        while first < len(timeline) and timeline[first].end <= start:
            first += 1
        for moment in timeline[first:]:
            if moment.start >= end:
                break
            if min(end, moment.end) > max(start, moment.start):
                yield replace(moment, start=max(start, moment.start), end=min(end, moment.end))


def _while_speaking(moments: Sequence[Moment], turns: Sequence[tuple[float, float]]) -> Felt:
    if not turns:
        return Felt(missing="the person is seen and never heard")
    if not moments:
        return Felt(missing="nothing could be judged while the person speaks")
    return _mean([(moment.scores, moment.end - moment.start) for moment in moments])


def _in_the_face(evidence: Evidence, timeline: Sequence[Moment], seen: Sequence[tuple[float, float]]) -> Felt:
    """The mean of the rows of an expression classifier while the person's face is the one that it looked at."""
    if not seen:
        faces = any(each.modality == "face" for each in evidence.clip.appearances)
        return Felt(
            missing="the person is off screen, or the face is not known" if faces else "no faces were told apart"
        )
    emotions = set(timeline[0].scores) if timeline else set()
    for features in evidence.features.values():
        if features.names is not None and len(emotions.intersection(features.names)) >= 3:
            rows = []
            for (start, end), values in zip(features.clock().tolist(), features.values, strict=True):
                if seconds := _shared([(start, end)], seen):
                    scores = {name: float(value) for name, value in zip(features.names, values, strict=True)}
                    rows.append((scores, seconds))
            if rows:
                return _mean(rows)
    return Felt(missing="no expression was measured while the face is in view")


def _mean(rows: Sequence[tuple[Mapping[str, float], float]]) -> Felt:
    seconds = sum(weight for _, weight in rows)
    names = dict.fromkeys(name for scores, _ in rows for name in scores)
    weight = max(seconds, 1e-9)
    scores = {name: sum(each.get(name, 0.0) * part for each, part in rows) / weight for name in names}
    return Felt(scores=scores, seconds=seconds)


def _shared(left: Sequence[tuple[float, float]], right: Sequence[tuple[float, float]]) -> float:
    """Seconds that are in both."""
    return sum(max(0.0, min(a_end, b_end) - max(a, b)) for a, a_end in left for b, b_end in right)

"""Who is in a recording: for each person the turns, the face, the words, and what is felt over time.

People come from `Clip.appearances`, which preparers fill in and link over the windows of a recording.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace

import numpy as np
from affekt import Appearance, Evidence, Modality, Moment, Word, why_unclaimed
from affekt.tracks import FaceState

from affekt_recordings.person import Felt, Person, SpeakingTime
from affekt_recordings.shares import Shares
from affekt_recordings.spans import Spans, divided, gap, joined, shared, total

SEAM = 0.35
"""Seconds of silence between two windows' turns of one person that are one turn."""
NEAR = 0.5
"""Seconds from a turn within which a word between turns belongs to it."""


def people_of(evidence: Evidence, timeline: Sequence[Moment], claims_from: float | None = None) -> tuple[Person, ...]:
    """The people of a recording whose evidence is joined, those who speak longest first.

    Args:
        claims_from: the score from which an emotion is claimed; None claims the likeliest of every moment.
    """
    appearances = evidence.clip.appearances
    own: dict[str, list[Appearance]] = {}
    for each in appearances:
        own.setdefault(each.person, []).append(each)
    heard = {name: _spans(stretches, "audio") for name, stretches in own.items()}
    words: dict[str, list[Word]] = {}
    for word in evidence.clip.words:
        if (name := _speaker(word, heard)) is not None:
            words.setdefault(name, []).append(word)
    told_apart = any(each.modality == "face" or each.face is not None for each in appearances)
    people = [
        _person(name, stretches, heard[name], words.get(name, ()), timeline, claims_from, told_apart)
        for name, stretches in own.items()
    ]
    return tuple(sorted(people, key=lambda person: -person.speaking))


def speaking_time(people: Sequence[Person], duration: float) -> SpeakingTime:
    """How a recording's time divides among its people."""
    alone, several = divided({person.name: person.turns for person in people if person.turns})
    heard = total(joined(turn for person in people for turn in person.turns))
    return SpeakingTime(alone=alone, several=several, nobody=max(0.0, duration - heard))


def _person(
    name: str,
    appearances: Sequence[Appearance],
    turns: Spans,
    words: Sequence[Word],
    timeline: Sequence[Moment],
    claims_from: float | None,
    told_apart: bool,
) -> Person:
    seen = _spans(appearances, "face")
    moments = tuple(_cut(timeline, turns))
    state = _state(appearances) if turns else None
    return Person(
        name=name,
        turns=turns,
        seen=seen,
        words=tuple(words),
        felt={
            "speaking": _while_speaking(moments, turns),
            "face": _in_the_face(appearances, state, told_apart),
        },
        timeline=moments,
        time=_time(moments, turns, claims_from),
        face=state,
        on_screen=shared(turns, seen) / total(turns) if told_apart and total(turns) else None,
    )


def _spans(appearances: Iterable[Appearance], modality: Modality) -> Spans:
    """The stretches in order of time; those that a window's end parted are one."""
    return joined(((each.start, each.end) for each in appearances if each.modality == modality), SEAM)


def _state(appearances: Iterable[Appearance]) -> FaceState | None:
    """Whether a person's face was found in any turn, and else whether it was ever possible."""
    states = {each.face for each in appearances if each.face is not None}
    order: tuple[FaceState, ...] = ("on screen", "unknown", "off screen")
    return next((state for state in order if state in states), None)


def _speaker(word: Word, heard: Mapping[str, Spans]) -> str | None:
    """Whose turn holds most of the word; of a word between turns, whose turn is near."""
    seconds = {name: shared([(word.start, word.end)], spans) for name, spans in heard.items()}
    best = max(seconds, key=lambda name: seconds[name], default=None)
    if best is not None and seconds[best] > 0:
        return best
    gaps = {name: gap((word.start, word.end), spans) for name, spans in heard.items()}
    nearest = min(gaps, key=lambda name: gaps[name], default=None)
    return nearest if nearest is not None and gaps[nearest] <= NEAR else None


def _cut(timeline: Sequence[Moment], spans: Spans) -> Iterator[Moment]:
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


def _time(moments: Sequence[Moment], turns: Spans, claims_from: float | None) -> Shares:
    """How the seconds of the turns divide into what is claimed, left open, and not judged."""
    claimed: dict[str, float] = {}
    unclaimed = 0.0
    for moment in moments:
        seconds = moment.end - moment.start
        if claims_from is not None and why_unclaimed(moment.scores, claims_from):
            unclaimed += seconds
        else:
            label = max(moment.scores, key=lambda emotion: moment.scores[emotion])
            claimed[label] = claimed.get(label, 0.0) + seconds
    judged = unclaimed + sum(claimed.values())
    ordered = dict(sorted(claimed.items(), key=lambda item: -item[1]))
    return Shares(claimed=ordered, unclaimed=unclaimed, empty=max(0.0, total(turns) - judged))


def _while_speaking(moments: Sequence[Moment], turns: Spans) -> Felt:
    if not turns:
        return Felt(missing="the person is seen and never heard")
    if not moments:
        return Felt(missing="nothing could be judged while the person speaks")
    seconds = sum(moment.end - moment.start for moment in moments)
    names = dict.fromkeys(name for moment in moments for name in moment.scores)
    sums = {name: sum(each.scores.get(name, 0.0) * (each.end - each.start) for each in moments) for name in names}
    return Felt(scores={name: value / max(seconds, 1e-9) for name, value in sums.items()}, seconds=seconds)


_NO_FACE: Mapping[FaceState | None, str] = {
    "off screen": "the person is off screen",
    "unknown": "which face is the person's is not known",
}


def _in_the_face(appearances: Iterable[Appearance], state: FaceState | None, told_apart: bool) -> Felt:
    """The mean of what was measured of the person's own face, heard or not."""
    seen = [each for each in appearances if each.modality == "face"]
    if not seen:
        return Felt(
            missing=_NO_FACE.get(state, "no face is the person's") if told_apart else "no faces were told apart"
        )
    measured = [(each, looks.scores, looks.emotions) for each in seen if (looks := each.looks) is not None]
    sums: dict[str, float] = {}
    spans, looks_measured = [], 0
    for each, scores, emotions in measured:
        if scores is not None:
            spans.append((each.start, each.end))
            looks_measured += len(scores)
            for name, value in zip(emotions, scores.sum(axis=0, dtype=np.float64).tolist(), strict=True):
                sums[name] = sums.get(name, 0.0) + value
    if not looks_measured:
        return Felt(missing="no expression was measured while the face is in view")
    return Felt(scores={name: value / looks_measured for name, value in sums.items()}, seconds=total(joined(spans)))

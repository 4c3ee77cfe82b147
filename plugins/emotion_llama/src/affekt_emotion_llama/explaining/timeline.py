"""How the feeling runs through a clip that is longer than the model judges at once."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np
from affekt import Clip, Evidence, FaceTrack, Features, Moment
from affekt_clues.shots import shots_of
from jaxtyping import Float64

from affekt_emotion_llama.fusing import Loaded, fuse

SHORTEST = 1.5
"""Seconds a lead must last to be told as a change; a shorter one belongs to what is around it."""
MOST = 3
"""Stretches that are told of one shot."""
MOST_OVER_CUTS = 6
"""Stretches that are told of a clip with cuts. One with more is told as a whole: a short stretch cannot be given to a
neighbour who may be somebody else."""


@dataclass(frozen=True, kw_only=True)
class Stretch:
    """One emotion in the lead."""

    start: float
    end: float
    label: str
    score: float = 1.0
    """Mean score of the label while it lasts."""


def cuts_of(faces: FaceTrack | None) -> list[float]:
    """Times from which the face may be another person's."""
    if faces is None or faces.shots is None:
        return []
    return [float(time) for time in faces.times[1:][np.diff(faces.shots) != 0]]


def slices(duration: float, hop: float, cuts: Sequence[float] = ()) -> Float64[np.ndarray, "moment 2"]:
    """Moments of about `hop` seconds, none of which goes on over a cut."""
    borders = [0.0, *(cut for cut in cuts if 0.0 < cut < duration), duration]
    parts = [np.linspace(begin, end, max(1, round((end - begin) / hop)) + 1)[:-1] for begin, end in pairwise(borders)]
    edges = np.append(np.concatenate(parts), duration)
    return np.stack([edges[:-1], edges[1:]], axis=1)


def windows(
    moments: Float64[np.ndarray, "moment 2"], length: float, duration: float
) -> Float64[np.ndarray, "moment 2"]:
    """Beginning and end of a window around each moment, moved inwards at the ends of the clip."""
    begin = np.clip(moments.mean(axis=1) - length / 2, 0.0, max(0.0, duration - length))
    return np.stack([begin, np.minimum(begin + length, duration)], axis=1)


def view(
    evidence: Evidence, begin: float, end: float, loaded: Loaded, device: str, moment: tuple[float, float] | None = None
) -> Evidence:
    """What is known of one window, fused anew; features keep their times.

    Args:
        moment: what the window is around. A slot without a row in it says nothing of it, and a face beyond a cut is not
            the one that is seen then.
    """
    parts = {slot: _cut(evidence.features[slot], begin, end) for slot in loaded.dims if slot in evidence.features}
    if moment is not None:
        parts = {slot: own and _of_the_moment(own, evidence.clip.faces, moment) for slot, own in parts.items()}
    features = {slot: own for slot, own in parts.items() if own is not None}
    missing = {slot: "nothing in this window" for slot in loaded.dims if slot not in features}
    cut = replace(
        evidence,
        clip=_said_in(evidence.clip, begin, end),
        features=features,
        missing={**evidence.missing, **missing},
        fused=None,
    )
    return replace(cut, fused=fuse(loaded, [cut], device)[0])


def observed_in(evidence: Evidence, moment: tuple[float, float]) -> tuple[float, float]:
    """The part of a moment from the first to the last of what is seen, heard or said in it."""
    clocks = [own.clock() for own in evidence.features.values()]
    if not clocks or any(clock.max(initial=0.0) <= 0.0 for clock in clocks):  # words without times: all of it
        return moment
    spans = np.concatenate(clocks)
    there = spans[(spans[:, 1] > moment[0]) & (spans[:, 0] < moment[1])]
    return max(moment[0], float(there[:, 0].min())), min(moment[1], float(there[:, 1].max()))


def moments_of(spans: Sequence[tuple[float, float]], scores: Sequence[Mapping[str, float]]) -> list[Moment]:
    """A distribution for every moment."""
    return [Moment(start=begin, end=end, scores=dict(row)) for (begin, end), row in zip(spans, scores, strict=True)]


def stretches(timeline: Sequence[Moment], cuts: Sequence[float] = ()) -> list[Stretch]:
    """The leading emotions in order; short leads, whole shots aside, are given to the neighbour that lasts longer."""
    runs = [Stretch(start=m.start, end=m.end, label=max(m.scores, key=lambda label: m.scores[label]))
            for m in timeline]  # fmt: skip
    runs = _joined(runs)
    while len(runs) > 1:
        inner = [index for index in range(len(runs)) if not cuts or not _whole_shots(runs, index, cuts)]
        at = min(inner, key=lambda index: runs[index].end - runs[index].start, default=None)
        if at is None or (runs[at].end - runs[at].start >= SHORTEST and (cuts or len(runs) <= MOST)):
            break
        beside = [index for index in (at - 1, at + 1) if 0 <= index < len(runs)]
        heir = max(beside, key=lambda index: runs[index].end - runs[index].start)
        runs[at] = replace(runs[at], label=runs[heir].label)
        runs = _joined(runs)
    kept = runs if not cuts or len(runs) <= MOST_OVER_CUTS else [replace(runs[0], end=runs[-1].end)]
    return [replace(run, score=_score(run, timeline)) for run in kept]


def _score(run: Stretch, timeline: Sequence[Moment]) -> float:
    inside = [moment for moment in timeline if run.start <= (moment.start + moment.end) / 2 < run.end]
    lengths = [moment.end - moment.start for moment in inside]
    return float(np.average([moment.scores.get(run.label, 0.0) for moment in inside], weights=lengths))


def _whole_shots(runs: Sequence[Stretch], index: int, cuts: Sequence[float]) -> bool:
    """Whether a stretch begins and ends where a shot does."""
    begins = index == 0 or any(runs[index - 1].end <= cut <= runs[index].start + 1e-6 for cut in cuts)
    ends = index == len(runs) - 1 or any(runs[index].end <= cut <= runs[index + 1].start + 1e-6 for cut in cuts)
    return begins and ends


def _joined(runs: Sequence[Stretch]) -> list[Stretch]:
    joined: list[Stretch] = []
    for run in runs:
        if joined and joined[-1].label == run.label:
            joined[-1] = replace(joined[-1], end=run.end)
        else:
            joined.append(run)
    return joined


def _cut(features: Features, begin: float, end: float) -> Features | None:
    """The rows whose middle lies in the window, or that go on over its middle, as a long sentence does."""
    clock = features.clock()
    middle, centre = clock.mean(axis=1), (begin + end) / 2
    timeless = clock.max(initial=0.0) <= 0.0  # words without times speak for the whole clip
    rows = (middle >= begin) & (middle < end) | (clock[:, 0] <= centre) & (clock[:, 1] > centre) | timeless
    if not rows.any():
        return None
    return replace(features, values=features.values[rows], hop=None, start=0.0, spans=clock[rows])


def _of_the_moment(features: Features, faces: FaceTrack | None, moment: tuple[float, float]) -> Features | None:
    """The rows of a window that say something of the moment it is around; None where no row lies in it."""
    clock = features.clock()
    if clock.max(initial=0.0) <= 0.0:
        return features
    inside = (clock[:, 1] > moment[0]) & (clock[:, 0] < moment[1])
    if not inside.any():
        return None
    rows = np.ones(len(clock), dtype=bool)
    if faces is not None and np.isin(clock[:, 0], faces.times).all():
        shots = shots_of(clock, faces)
        rows &= np.isin(shots, shots[inside])
    return replace(features, values=features.values[rows], hop=None, start=0.0, spans=clock[rows])


def _said_in(clip: Clip, begin: float, end: float) -> Clip:
    """The clip with only what is said in the window, where the words have times."""
    if not clip.words:
        return clip
    words = tuple(word for word in clip.words if begin <= (word.start + word.end) / 2 < end)
    return replace(clip, words=words, text=" ".join(word.text.strip() for word in words) or None)

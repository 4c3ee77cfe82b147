"""How the feeling runs through a clip that is longer than the model judges at once."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from affekt import Clip, Evidence, Features, Moment
from jaxtyping import Float64

from affekt_emotion_llama.fusing import Loaded, fuse

SHORTEST = 1.5
"""Seconds a lead must last to be told as a change; a shorter one belongs to what is around it."""
MOST = 3
"""Stretches that are told."""


@dataclass(frozen=True, kw_only=True)
class Stretch:
    """One emotion in the lead."""

    start: float
    end: float
    label: str


def windows(duration: float, length: float, hop: float) -> Float64[np.ndarray, "window 2"]:
    """Beginning and end of a window around each moment, moved inwards at the ends of the clip."""
    count = max(1, round(duration / hop))
    begin = np.clip((np.arange(count) + 0.5) * duration / count - length / 2, 0.0, max(0.0, duration - length))
    return np.stack([begin, np.minimum(begin + length, duration)], axis=1)


def view(known: Evidence, begin: float, end: float, loaded: Loaded, device: str) -> Evidence:
    """What is known of one window, fused anew; features keep their times."""
    cuts = {slot: _cut(known.features[slot], begin, end) for slot in loaded.dims if slot in known.features}
    features = {slot: own for slot, own in cuts.items() if own is not None}
    missing = {slot: "nothing in this window" for slot in loaded.dims if slot not in features}
    cut = replace(
        known,
        clip=_said_in(known.clip, begin, end),
        features=features,
        missing={**known.missing, **missing},
        fused=None,
    )
    return replace(cut, fused=fuse(loaded, [cut], device)[0])


def moments(spans: Sequence[tuple[float, float]], scores: Sequence[Mapping[str, float]]) -> list[Moment]:
    """A distribution for every moment."""
    return [Moment(start=begin, end=end, scores=dict(row)) for (begin, end), row in zip(spans, scores, strict=True)]


def stretches(timeline: Sequence[Moment]) -> list[Stretch]:
    """The leading emotions in order; short leads are given to the neighbour that lasts longer."""
    runs = [Stretch(start=m.start, end=m.end, label=max(m.scores, key=lambda label: m.scores[label]))
            for m in timeline]  # fmt: skip
    runs = _joined(runs)
    while len(runs) > 1:
        at = min(range(len(runs)), key=lambda index: runs[index].end - runs[index].start)
        if runs[at].end - runs[at].start >= SHORTEST and len(runs) <= MOST:
            break
        beside = [index for index in (at - 1, at + 1) if 0 <= index < len(runs)]
        heir = max(beside, key=lambda index: runs[index].end - runs[index].start)
        runs[at] = replace(runs[at], label=runs[heir].label)
        runs = _joined(runs)
    return runs


def _joined(runs: Sequence[Stretch]) -> list[Stretch]:
    found: list[Stretch] = []
    for run in runs:
        if found and found[-1].label == run.label:
            found[-1] = replace(found[-1], end=run.end)
        else:
            found.append(run)
    return found


def _cut(features: Features, begin: float, end: float) -> Features | None:
    """The rows whose middle lies in the window, or that go on over its middle, as a long sentence does."""
    clock = features.clock()
    middle, here = clock.mean(axis=1), (begin + end) / 2
    timeless = clock.max(initial=0.0) <= 0.0  # words without times speak for the whole clip
    rows = (middle >= begin) & (middle < end) | (clock[:, 0] <= here) & (clock[:, 1] > here) | timeless
    if not rows.any():
        return None
    return replace(features, values=features.values[rows], hop=None, start=0.0, spans=clock[rows])


def _said_in(clip: Clip, begin: float, end: float) -> Clip:
    """The clip with only what is said in the window, where the words have times."""
    if not clip.words:
        return clip
    words = tuple(word for word in clip.words if begin <= (word.start + word.end) / 2 < end)
    return replace(clip, words=words, text=" ".join(word.text.strip() for word in words) or None)

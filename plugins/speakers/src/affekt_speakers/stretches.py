"""Sound to stretches: what one person says without a pause, with the voice as numbers.

The network looks at five seconds at a time, every 1.25, and its probabilities are averaged over all looks at a frame.
The people of a look have no order: they take the places of those whom the looks before heard in the same frames. Where
speech begins and ends is said by the level around what the network hears, as its edges are off by a tenth of a second.
Pauses part stretches: after one somebody else may speak, whom the network takes for the same person.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from jaxtyping import Bool, Float32, Float64
from scipy.ndimage import maximum_filter1d, percentile_filter  # type: ignore[import-untyped]
from scipy.optimize import linear_sum_assignment  # type: ignore[import-untyped]

from affekt_speakers.campplus import CamPlusPlus, voices
from affekt_speakers.networks import Networks
from affekt_speakers.segmentation import (
    FIELD,
    LOCAL,
    SAMPLE_RATE,
    SETS,
    STEP,
    SegmentationNetwork,
    probabilities,
    seconds_of,
)

LOOK = 5 * SAMPLE_RATE
"""Samples: half of what the network was trained on, as it tells only three people apart in one look."""
HOP = 74
"""Frames from one look to the next."""
MARGIN = 35
"""Frames at both ends of a look that count for little, where others look at them too."""
FEWEST = 6
"""Frames (0.1 s) below which an interval is a flicker."""
PAUSE = 5
"""Frames (0.08 s) of low level that part two stretches."""
LOUD, AROUND = 92, 59
"""The percentile of the level, and the frames (1 s) around, that say how loud a voice is."""
LOW = -27.0
"""Decibels below that, from which there is a pause."""
PERHAPS = 0.1
"""Probability of speech below which no level makes it speech."""
EDGE = 12
"""Frames (0.2 s) around what most likely is speech that may be, too."""
BOTH = 0.5
"""Probability of overlap from which two people speak."""
LEAST = 0.25
"""Seconds that are heard of a person alone, below which a voice says nothing of them."""
MOST = 6.0
"""Seconds of a stretch that its voice rests on at most."""

Interval = tuple[int, int]
"""The first frame of a person's speech, and the one after the last."""


@dataclass(frozen=True, eq=False)
class Stretch:
    """What one person says without a pause."""

    start: float
    """Seconds from the start of the sound."""
    end: float
    voice: Float32[np.ndarray, "192"]
    alone: float
    """Seconds of the person alone that the voice rests on; 0 where it is somebody else's time too."""


def stretches(networks: Networks, samples: Float32[np.ndarray, "time"]) -> list[Stretch]:
    """All stretches of the sound, in order of time."""
    speech = intervals(looks(networks.segmentation, samples), samples)
    people = np.zeros(max((last for _, last in speech), default=0), np.int64)
    for first, last in speech:
        people[first:last] += 1
    cut = []
    for first, last in speech:
        voice, alone = _voice(networks.embedding, samples, people == 1, (first, last))
        start, end = (min(max(seconds_of(frame), 0.0), len(samples) / SAMPLE_RATE) for frame in (first, last))
        if end > start:
            cut.append(Stretch(start, end, voice, alone))
    return sorted(cut, key=lambda stretch: (stretch.start, stretch.end))


def looks(network: SegmentationNetwork, samples: Float32[np.ndarray, "time"]) -> list[Float32[np.ndarray, "frame set"]]:
    """What the network hears in each look, a look each `HOP` frames."""
    starts = range(0, max(1, len(samples) - LOOK + HOP * STEP), HOP * STEP)
    return [probabilities(network, samples[start : start + LOOK]) for start in starts]


def intervals(
    looked: Sequence[Float32[np.ndarray, "frame set"]], samples: Float32[np.ndarray, "time"]
) -> list[Interval]:
    """When somebody speaks, each of several who speak at once for themselves; the same person may have many."""
    sets, people = _averaged(looked)
    speech = _audible(sets, _levels(samples, len(sets)))
    both = speech & (sets[:, 1 + LOCAL :].sum(axis=1) > BOTH)
    order = np.argsort(-people, axis=1)
    active = np.zeros(people.shape, bool)
    np.put_along_axis(active, order[:, :1], speech[:, None], axis=1)
    np.put_along_axis(active, order[:, 1:2], both[:, None], axis=1)
    runs = [run for person in active.T for run in _bridged(_runs(person))]
    return sorted((first, last) for first, last in runs if last - first >= FEWEST)


def _averaged(
    looked: Sequence[Float32[np.ndarray, "frame set"]],
) -> tuple[Float64[np.ndarray, "frame set"], Float64[np.ndarray, "frame person"]]:
    """Probabilities of the sets and of each person, averaged over all looks at a frame."""
    frames = max(number * HOP + len(look) for number, look in enumerate(looked))
    sets, people, weights = np.zeros((frames, len(SETS))), np.zeros((frames, LOCAL)), np.full(frames, 1e-9)
    members = np.array([[person in those for person in range(LOCAL)] for those in SETS], np.float64)
    for number, look in enumerate(looked):
        at = slice(number * HOP, number * HOP + len(look))
        weight = np.ones(len(look))
        if number:
            weight[:MARGIN] = 1e-3
        if number < len(looked) - 1:
            weight[-MARGIN:] = 1e-3
        local = look @ members
        _, order = linear_sum_assignment(people[at].T @ local, maximize=True)
        people[at] += weight[:, None] * local[:, order]
        sets[at] += weight[:, None] * look
        weights[at] += weight
    return sets / weights[:, None], people / weights[:, None]


def _audible(sets: Float64[np.ndarray, "frame set"], level: Float64[np.ndarray, "frame"]) -> Bool[np.ndarray, "frame"]:
    """Where there is speech: what may be, near what most likely is, as far as it is as loud as voices around it."""
    near = maximum_filter1d(sets.argmax(axis=1) > 0, 2 * EDGE + 1)
    audible: Bool[np.ndarray, "frame"] = (
        near & (sets[:, 0] < 1 - PERHAPS) & (level > percentile_filter(level, LOUD, AROUND) + LOW)
    )
    return audible


def _levels(samples: Float32[np.ndarray, "time"], frames: int) -> Float64[np.ndarray, "frame"]:
    """Decibels of each frame."""
    levels: Float64[np.ndarray, "frame"] = 10 * np.log10(
        np.square(_frames_of(samples, np.arange(frames)), dtype=np.float64).mean(axis=1) + 1e-12
    )
    return levels


def _bridged(runs: Sequence[Interval]) -> list[Interval]:
    """Runs with less than a pause between them are one."""
    bridged: list[Interval] = []
    for first, last in runs:
        if bridged and first - bridged[-1][1] < PAUSE:
            bridged[-1] = bridged[-1][0], last
        else:
            bridged.append((first, last))
    return bridged


def _runs(active: Bool[np.ndarray, "frame"]) -> list[Interval]:
    edges = np.flatnonzero(np.diff(active.astype(np.int8), prepend=0, append=0))
    return [(first, last) for first, last in edges.reshape(-1, 2).tolist()]


def _frames_of(samples: Float32[np.ndarray, "time"], frames: np.ndarray) -> Float32[np.ndarray, "frame step"]:
    """The samples in the middle of what each frame sees; silence beyond the end of the sound."""
    at = frames[:, None] * STEP + (FIELD - STEP) // 2 + np.arange(STEP)
    return np.where(at < len(samples), samples[np.minimum(at, len(samples) - 1)], np.float32(0))


def _voice(
    network: CamPlusPlus, samples: Float32[np.ndarray, "time"], single: Bool[np.ndarray, "frame"], interval: Interval
) -> tuple[Float32[np.ndarray, "192"], float]:
    """The voice of an interval, and how many seconds of the person alone it rests on.

    Where the person is hardly alone, of everything in the interval.
    """
    sound = _sound(samples, np.flatnonzero(single[slice(*interval)]) + interval[0])
    if len(sound) >= LEAST * SAMPLE_RATE:
        return voices(network, [sound])[0], len(sound) / SAMPLE_RATE
    return voices(network, [_sound(samples, np.arange(*interval))])[0], 0.0


def _sound(samples: Float32[np.ndarray, "time"], frames: np.ndarray) -> Float32[np.ndarray, "time"]:
    """The samples of these frames, one after the other."""
    return _frames_of(samples, frames).reshape(-1)[: int(MOST * SAMPLE_RATE)]

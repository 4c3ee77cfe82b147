"""Sound to stretches: what one person says without a pause, with the voice as numbers.

The network looks at five seconds at a time, every 2.5; of each look only the middle counts, so that every frame is
judged with at least 1.25 s around it. What goes on over the seam of two looks is joined by what both heard. Pauses that
the network bridges are cut: after one somebody else may speak, whom it takes for the same person.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from jaxtyping import Bool, Float32
from scipy.optimize import linear_sum_assignment

from affekt_speakers.campplus import CamPlusPlus, voices
from affekt_speakers.networks import Networks
from affekt_speakers.segmentation import FIELD, SAMPLE_RATE, STEP, SegmentationNetwork, activity, seconds_of

LOOK = 5 * SAMPLE_RATE
"""Samples: half of what the network was trained on, as it tells only three people apart in one look."""
HOP = 148
"""Frames from one look to the next."""
MARGIN = 74
"""Frames at both ends of a look that its neighbours judge."""
FEWEST = 6
"""Frames (0.1 s) below which an interval is a flicker."""
PAUSE = 5
"""Frames (0.08 s) of low level that part two stretches."""
LOW = 10**-2.5
"""Of an interval's loud power: 25 dB less."""
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
    speech = intervals(networks.segmentation, samples)
    frames = max((last for _, last in speech), default=0)
    people = np.zeros(frames, np.int64)
    for first, last in speech:
        people[first:last] += 1
    made = []
    for interval in speech:
        for first, last in _without_pauses(samples, interval):
            voice, alone = _voice(networks.embedding, samples, people == 1, (first, last), interval)
            start, end = (min(max(seconds_of(frame), 0.0), len(samples) / SAMPLE_RATE) for frame in (first, last))
            if end > start:
                made.append(Stretch(start, end, voice, alone))
    return sorted(made, key=lambda stretch: (stretch.start, stretch.end))


def intervals(network: SegmentationNetwork, samples: Float32[np.ndarray, "time"]) -> list[Interval]:
    """When somebody speaks, each of several who speak at once for themselves; the same person may have many."""
    starts = range(0, max(1, len(samples) - LOOK + HOP * STEP), HOP * STEP)
    looks = [activity(network, samples[start : start + LOOK]) for start in starts]
    done: list[Interval] = []
    open_ones: dict[int, Interval] = {}
    for number, active in enumerate(looks):
        offset, final = number * HOP, number == len(looks) - 1
        first = 0 if number == 0 else MARGIN
        last = len(active) if final else HOP + MARGIN
        followers = {} if number == 0 else _followers(looks[number - 1], active)
        going: dict[int, Interval] = {}
        for local in range(active.shape[1]):
            runs = [(begin + first + offset, end + first + offset) for begin, end in _runs(active[first:last, local])]
            before = open_ones.pop(followers.get(local, -1), None)
            if before is not None and runs and runs[0][0] == first + offset:
                runs[0] = before[0], runs[0][1]
            elif before is not None:
                done.append(before)
            if not final and runs and runs[-1][1] == last + offset:
                going[local] = runs.pop()
            done += runs
        done += open_ones.values()
        open_ones = going
    done += open_ones.values()
    return sorted((first, last) for first, last in done if last - first >= FEWEST)


def _followers(before: Bool[np.ndarray, "frame local"], after: Bool[np.ndarray, "frame local"]) -> dict[int, int]:
    """Place in a look → place of the same person in the look before, by the frames in which both hear them."""
    common = min(len(before) - HOP, len(after))
    together = after[:common].T.astype(np.int64) @ before[HOP : HOP + common].astype(np.int64)
    rows, columns = linear_sum_assignment(together, maximize=True)
    return {row: column for row, column in zip(rows.tolist(), columns.tolist(), strict=True) if together[row, column]}


def _runs(active: Bool[np.ndarray, "frame"]) -> list[Interval]:
    edges = np.flatnonzero(np.diff(active.astype(np.int8), prepend=0, append=0))
    return [(first, last) for first, last in edges.reshape(-1, 2).tolist()]


def _without_pauses(samples: Float32[np.ndarray, "time"], interval: Interval) -> Sequence[Interval]:
    """The parts of an interval between its pauses."""
    first, last = interval
    rows = _frames_of(samples, np.arange(first, last))
    power = np.square(rows).mean(axis=1)
    loud = power > LOW * np.quantile(power, 0.9)
    pauses = [(begin, end) for begin, end in _runs(~loud) if end - begin >= PAUSE and begin > 0 and end < len(loud)]
    edges = [first, *(first + edge for pause in pauses for edge in pause), last]
    parts = list(zip(edges[::2], edges[1::2], strict=True))
    return [part for part in parts if part[1] - part[0] >= FEWEST] or [interval]


def _frames_of(samples: Float32[np.ndarray, "time"], frames: np.ndarray) -> Float32[np.ndarray, "frame step"]:
    """The samples in the middle of what each frame sees; silence beyond the end of the sound."""
    at = frames[:, None] * STEP + (FIELD - STEP) // 2 + np.arange(STEP)
    return np.where(at < len(samples), samples[np.minimum(at, len(samples) - 1)], np.float32(0))


def _voice(
    network: CamPlusPlus,
    samples: Float32[np.ndarray, "time"],
    single: Bool[np.ndarray, "frame"],
    part: Interval,
    interval: Interval,
) -> tuple[Float32[np.ndarray, "192"], float]:
    """The voice of a part of an interval, and how many seconds of the person alone it rests on.

    Where that is too little, of the interval; where the person is never alone, of everything in the part.
    """
    sound = _sound(samples, np.flatnonzero(single[slice(*part)]) + part[0])
    if len(sound) >= LEAST * SAMPLE_RATE:
        return voices(network, [sound])[0], len(sound) / SAMPLE_RATE
    elsewhere = _sound(samples, np.flatnonzero(single[slice(*interval)]) + interval[0])
    enough = len(elsewhere) >= LEAST * SAMPLE_RATE
    return voices(network, [elsewhere if enough else _sound(samples, np.arange(*part))])[0], 0.0


def _sound(samples: Float32[np.ndarray, "time"], frames: np.ndarray) -> Float32[np.ndarray, "time"]:
    """The samples of these frames, one after the other."""
    return _frames_of(samples, frames).reshape(-1)[: int(MOST * SAMPLE_RATE)]

"""Which pictures of a clip an encoder looks at, and how long each stands for. Imports no framework.

The peak is the frame with the largest sum of action units (Emotion-LLaMA, section 3.1 and appendix A). They come from
another encoder, which the option `peak_from` names.
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Annotated, Any, Literal

import numpy as np
from affekt import Clip, Encoder, Features, Missing, OptionsError, Use, plugins
from jaxtyping import Float64, Int64, UInt8
from pydantic import Field, ValidationError

LookAt = Annotated[
    Literal["face", "video"],
    Field(description="The aligned faces of the clip's face track, or its whole pictures"),
]
FrameChoice = Annotated[
    Literal["all", "first", "middle", "uniform", "peak"],
    Field(
        description="Which pictures: every one, one of them, `count` spread evenly, or the one of strongest expression"
    ),
]
MovingChoice = Annotated[
    Literal["segments", "uniform", "first", "middle", "peak"],
    Field(
        description="Which frames of a moving picture: pairs from equal segments, single ones spread evenly, or "
        "consecutive ones from the beginning, around the middle, or around the strongest expression"
    ),
]
PictureBatch = Annotated[
    int, Field(ge=1, description="Most pictures looked at at once; halved by itself when memory runs out")
]
MovingBatch = Annotated[
    int, Field(ge=1, description="Most moving pictures looked at at once; halved by itself when memory runs out")
]
FrameCount = Annotated[int, Field(ge=1, description="How many pictures `frames: uniform` takes")]
PeakFrom = Annotated[
    str | dict[str, Any],
    Field(
        description="The encoder whose action units `frames: peak` sums, as in a pipeline file: "
        "action-units, or {use: openface, folder: …}"
    ),
]
PeakWithout = Annotated[
    tuple[str, ...],
    Field(description="Action units left out of the sum: AU25, AU26 and AU45 rise with every word and blink"),
]

SPEECH_AND_BLINKS = ("AU25", "AU26", "AU45")
"""What a face does while it talks, whatever it feels."""

_UNIT = re.compile(r"AU\d\d?")


@dataclass(frozen=True, kw_only=True, eq=False)
class SampledFrames:
    """Pictures taken from a clip, in order of time."""

    pictures: UInt8[np.ndarray, "time height width 3"]
    spans: Float64[np.ndarray, "time 2"]
    """Beginning and end of each in seconds."""


def sample_frames(clip: Clip, look_at: LookAt) -> SampledFrames | Missing:
    """Samples the faces or the pictures of a clip, or says why there are none."""
    if look_at == "face" and clip.faces is not None:
        pictures, times = clip.faces.crops, clip.faces.times
    elif look_at == "video" and clip.video is not None:
        pictures, times = clip.video.frames, clip.video.at()
    else:
        return Missing(reason=clip.why_missing(look_at))
    if not len(pictures):
        return Missing(reason=f"the clip's {look_at} track holds no picture")
    return SampledFrames(pictures=pictures, spans=spans_of(times, 1 / clip.video.fps if clip.video else 0.1))


def taken(
    clip: Clip,
    look_at: LookAt,
    choose: Callable[[SampledFrames, float | None], SampledFrames],
    action_units: Callable[[], Encoder] | None,
    without: Sequence[str] = (),
) -> SampledFrames | Missing:
    """The chosen pictures of a clip, or why there are none.

    Args:
        choose: out of all of them, and the seconds of the peak where one is looked for.
        action_units: gives the encoder that `peak_time` asks; None where no peak is wanted.
    """
    sampled = sample_frames(clip, look_at)
    if isinstance(sampled, Missing):
        return sampled
    peak = None if action_units is None else peak_time(clip, action_units(), without)
    return peak if isinstance(peak, Missing) else choose(sampled, peak)


def spans_of(times: Float64[np.ndarray, "time"], step: float) -> Float64[np.ndarray, "time 2"]:
    """Each picture lasts until the next, but no longer than 1.5 times as long as usual.

    Args:
        step: what is usual where there is a single picture.
    """
    steps = np.diff(times)
    usual = float(np.median(steps)) if len(steps) else step
    return np.stack([times, times + np.append(np.minimum(steps, 1.5 * usual), usual)], axis=1)


def chosen(sampled: SampledFrames, frames: FrameChoice, *, count: int = 16, peak: float | None = None) -> SampledFrames:
    """The pictures of the option `frames`, each with the stretch of the clip that it speaks for.

    `uniform` takes all where there are fewer than `count`.

    Args:
        peak: seconds, for `frames: peak`; see `peak_time`.
    """
    total = len(sampled.pictures)
    match frames:
        case "all":
            return sampled
        case "first":
            kept = np.array([0])
        case "middle":
            kept = np.array([total // 2])
        case "uniform":
            kept = uniform(total, count)
        case "peak":
            if peak is None:
                raise OptionsError("frames: peak needs the time of the peak")
            kept = np.array([np.abs(sampled.spans[:, 0] - peak).argmin()])
    return SampledFrames(pictures=sampled.pictures[kept], spans=stretches(sampled.spans, len(kept)))


def stretches(spans: Float64[np.ndarray, "time 2"], count: int) -> Float64[np.ndarray, "count 2"]:
    """Beginning and end of `count` equal stretches of the rows."""
    edges = (np.arange(count + 1) * len(spans)) // count
    return np.stack([spans[edges[:-1], 0], spans[edges[1:] - 1, 1]], axis=1)


def uniform(total: int, count: int) -> Int64[np.ndarray, "picked"]:
    """The middles of `count` equal stretches, in order; every one where there are no more than `count`."""
    return spread(total, min(total, count))


def moving(
    sampled: SampledFrames, frames: MovingChoice, count: int, each: int = 2, *, peak: float | None = None
) -> SampledFrames:
    """`count` frames in order of time for a network of moving pictures, some of them twice where there are too few.

    Args:
        each: consecutive frames that become one row, a tubelet. The spans are those of the rows.
        peak: seconds, for `frames: peak`; see `peak_time`.
    """
    total = len(sampled.pictures)
    match frames:
        case "segments":
            kept = segments(total, count // each, each)
        case "uniform":
            kept = spread(total, count)
        case "first":
            kept = around(0, total, count)
        case "middle":
            kept = around(total // 2, total, count)
        case "peak":
            if peak is None:
                raise OptionsError("frames: peak needs the time of the peak")
            kept = around(int(np.abs(sampled.spans[:, 0] - peak).argmin()), total, count)
    from_end_to_end = frames in ("segments", "uniform")
    begin, end = (
        sampled.spans[0 if from_end_to_end else kept[0], 0],
        sampled.spans[-1 if from_end_to_end else kept[-1], 1],
    )
    edges = np.linspace(begin, end, count // each + 1)
    return SampledFrames(pictures=sampled.pictures[kept], spans=np.stack([edges[:-1], edges[1:]], axis=1))


def spread(total: int, count: int) -> Int64[np.ndarray, "picked"]:
    """The middles of `count` equal stretches, in order, some twice where there are fewer frames."""
    return ((np.arange(count) + 0.5) * total / count).astype(np.int64)


def around(middle: int, total: int, count: int) -> Int64[np.ndarray, "picked"]:
    """`count` consecutive frames around one, within the track; the last again and again where there are fewer."""
    begin = max(0, min(middle - count // 2, total - count))
    return np.minimum(begin + np.arange(count), total - 1)


def segments(total: int, count: int, each: int) -> Int64[np.ndarray, "picked"]:
    """`each` consecutive frames from the middle of each of `count` segments, in order of time.

    This is how VideoMAE and Emotion-LLaMA's features sample at test time: 8 segments of 2 frames. Where there are fewer
    frames than that, they repeat the first two; here the frames are spread evenly.
    """
    if total <= count + each - 1:
        return spread(total, count * each)
    tick = (total - each + 1) / count
    begins = (tick / 2 + tick * np.arange(count)).astype(np.int64)
    return (begins[:, None] + np.arange(each)).ravel()


def unit_encoder(peak_from: PeakFrom) -> Encoder:
    """The encoder of the option `peak_from`.

    Raises:
        OptionsError, ComponentNotFound, PluginFailed: it cannot be made.
    """
    try:
        encoder: Encoder = Use.model_validate(peak_from).create("encoder", plugins())
    except ValidationError as error:
        raise OptionsError(
            f"peak_from: {peak_from!r} names no encoder", hint="peak_from: {use: openface, folder: …}"
        ) from error
    return encoder


def peak_time(clip: Clip, action_units: Encoder, without: Sequence[str] = ()) -> float | Missing:
    """Seconds at which the sum of all action units is largest, or why nobody can say.

    Args:
        action_units: an encoder whose columns are named AU01, AU02 and so on.
        without: names left out of the sum.

    Raises:
        OptionsError: no column of the encoder is an action unit that is left in the sum.
    """
    (units,) = action_units.encode([clip])
    if isinstance(units, Missing):
        return Missing(reason=f"no peak frame without action units: {units.reason}")
    begin = strongest(units, without)
    return float(units.clock()[begin, 0])


def strongest(units: Features, without: Sequence[str] = ()) -> int:
    """The row with the largest sum of action units, the first one where several are equal.

    Raises:
        OptionsError: no column is an action unit that is left in the sum.
    """
    names = units.names or ()
    summed = [name for name in names if _UNIT.fullmatch(name) and name not in without]
    if not summed:
        raise OptionsError(
            f"peak_from: no action unit is left to sum; found the columns {list(names)}, without {list(without)}",
            hint="peak_from: action-units",
        )
    return int(units.values[:, [names.index(name) for name in summed]].sum(axis=1).argmax())

"""The sound of a file: mono, at one rate, on the clock of the file."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import av
import numpy as np
import soxr  # type: ignore[import-untyped]
from av.container import InputContainer

from affekt_media.decoder.channels import ChannelLevels
from affekt_media.decoder.container import Damage, decoded

_GAP = 0.1
"""Seconds between where a packet says it belongs and where the samples before it end, up to which it is jitter."""
SILENCE = 1e-4
"""−80 dBFS. The least noise of a 16-bit recording lies at −90, of any room and microphone well above −70."""
_ABSURD = 1e6
"""Times full scale; a sample beyond is no sound, and would overflow in the resampler."""
_FFMPEG_PLANES = 8
"""PyAV 18 finds the planes of a frame by a null pointer behind the last; from this many on there is none."""
_SCALES = {"u8": 128.0, "s16": 2.0**15, "s32": 2.0**31, "s64": 2.0**63, "flt": 1.0, "dbl": 1.0}
_WEIGHTS = {"FL": 0.7071, "FR": 0.7071, "FC": 1.0, "LFE": 0.0, "LFE2": 0.0}
"""ITU-R BS.775 folded to one channel; any channel not named here, such as a surround, counts 0.5."""

Samples = np.ndarray[Any, np.dtype[np.float32]]


class Block(NamedTuple):
    """Sound and where it belongs."""

    position: int
    """Counted in samples from the start of the file."""
    samples: Samples
    """The sound, Float32["time"]."""
    cancelled: float
    """Peak of the loudest channel where the channels mix to silence all the same; else 0."""


@dataclass
class Heard:
    """What was noticed on the way."""

    damage: Damage = field(default_factory=Damage)
    repaired: int = 0
    """Samples that were no finite number and became zero."""
    end: float = 0.0
    """Seconds from the start of the file to the end of what was heard."""
    channels: ChannelLevels = field(default_factory=ChannelLevels)
    """How alike the channels are, where two are mixed."""


def listen(
    container: InputContainer, stream: Any, *, origin: float, rate: int, channel: int | None, heard: Heard
) -> Iterator[Block]:
    """Blocks of mono sound in order of time, which do not overlap; what lies between two blocks was not recorded."""
    segment: _Segment | None = None
    for _, frame in decoded(container, stream, heard.damage):
        samples, cancelled = mix(frame, channel, heard)
        time = None if frame.pts is None else float(frame.pts * (frame.time_base or stream.time_base)) - origin
        if segment is not None:
            drift = 0.0 if time is None else time - segment.end
            if drift < -_GAP:  # it repeats what was already heard
                samples = samples[round(-drift * frame.sample_rate) :]
            if drift > _GAP or frame.sample_rate != segment.source_rate:
                yield from segment.finish()
                segment = None
        if segment is None:
            time = time or 0.0
            if time < 0:
                samples, time = samples[round(-time * frame.sample_rate) :], 0.0
            segment = _Segment(time, frame.sample_rate, rate)
        yield from segment.resample(samples, cancelled)
        heard.end = segment.end
    if segment is not None:
        yield from segment.finish()


class _Segment:
    """A stretch of sound without gaps, resampled as one."""

    def __init__(self, start: float, source_rate: int, rate: int) -> None:
        self.start = start
        self.source_rate = source_rate
        self._position = round(start * rate)
        self._taken = 0
        self._resampler = None if source_rate == rate else soxr.ResampleStream(source_rate, rate, 1, dtype="float32")

    @property
    def end(self) -> float:
        """Seconds from the start of the file to the end of what came in."""
        return self.start + self._taken / self.source_rate

    def resample(self, samples: Samples, cancelled: float = 0.0, *, last: bool = False) -> Iterator[Block]:
        self._taken += len(samples)
        if self._resampler is not None:
            samples = self._resampler.resample_chunk(np.ascontiguousarray(samples), last=last)
        if len(samples):
            yield Block(self._position, samples, cancelled)
            self._position += len(samples)

    def finish(self) -> Iterator[Block]:
        if self._resampler is not None:
            yield from self.resample(np.zeros(0, np.float32), last=True)


def mix(frame: Any, channel: int | None, heard: Heard) -> tuple[Samples, float]:
    """One channel of a decoded frame, or all of them folded into one; and `Block.cancelled`."""
    samples: Samples = _floats(frame)
    bad = ~(np.abs(samples) <= _ABSURD)  # false for NaN as well
    if bad.any():
        heard.repaired += int(bad.sum())
        samples = np.where(bad, np.float32(0), samples)
    if channel is not None or not samples.size:
        mixed: Samples = samples[min(channel or 0, len(samples) - 1)]
        return mixed, 0.0
    heard.channels.add(samples, frame.sample_rate)
    mixed = weights(frame.layout, len(samples)) @ samples
    loudest = float(np.abs(samples).max())
    cancels = np.abs(mixed).max() < SILENCE <= loudest
    return mixed, loudest if cancels else 0.0


def weights(layout: Any, channels: int) -> Samples:
    """How much of each channel goes into the mono mix; they sum to 1, so that nothing clips."""
    names = [channel.name for channel in layout.channels]
    mixed = np.array([_WEIGHTS.get(name, 0.5) for name in names], dtype=np.float32)
    if len(mixed) != channels or not mixed.any() or not set(names) & set(_WEIGHTS):
        mixed = np.ones(channels, dtype=np.float32)
    shares: Samples = mixed / mixed.sum()
    return shares


def _floats(frame: Any) -> Samples:
    """Float32["channel time"], full scale is ±1."""
    kind = frame.format.name.removesuffix("p")
    channels = frame.layout.nb_channels
    if frame.format.is_planar and channels >= _FFMPEG_PLANES:
        (frame,) = av.AudioResampler(format=kind).resample(frame)
    samples = frame.to_ndarray()
    if not frame.format.is_planar:
        samples = samples.reshape(-1, channels).T
    if kind == "u8":
        samples = samples.astype(np.float32) - 128
    with np.errstate(over="ignore"):  # a double beyond float32 becomes infinite, and is repaired as such
        floats: Samples = samples.astype(np.float32) / np.float32(_SCALES[kind])
    return floats

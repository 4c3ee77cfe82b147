"""The pictures of a file: upright RGB at about a given rate, each with its own time."""

import math
import struct
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from av.container import InputContainer
from av.sidedata.sidedata import Type

from affekt_media.decoder.container import STILLS, Damage, decoded
from affekt_media.limits import Limits
from affekt_media.wire import Refusal

_EARLY = 1e-3
"""Seconds by which a frame may precede the instant it is due: time stamps are rounded."""
_BT709, _UNSPECIFIED = 1, 2
_HD_LINES = 720
"""From here on, pictures that do not name their colour matrix are BT.709."""
_HDR_TRANSFERS = {16, 18}
"""PQ and HLG."""

_QUARTER_TURNS = {
    90: (0, -1, 0, 1, 0),
    180: (-1, 0, 0, 0, -1),
    270: (0, 1, 0, -1, 0),
}
"""Degrees counter-clockwise, as PyAV tells them → the first numbers of the display matrix."""


@dataclass
class PictureFacts:
    """What was noticed about the pictures while they were decoded."""

    damage: Damage = field(default_factory=Damage)
    sizes: set[tuple[int, int]] = field(default_factory=set)
    hdr: bool = False
    end: float = 0.0
    """Seconds from the start of the file to the end of the last picture, taken or not."""


@dataclass(frozen=True, kw_only=True)
class MostPixels:
    """How large pictures may be, and the limit that says so."""

    limit: str
    count: int

    @classmethod
    def of(cls, container: InputContainer, limits: Limits) -> "MostPixels":
        """The limit of a still picture or of a video."""
        limit = "max_still_pixels" if container.format.name in STILLS.values() else "max_pixels"
        return cls(limit=limit, count=getattr(limits, limit))

    def check(self, width: int, height: int) -> None:
        """Checks the number of pixels, also for a header's claim, before anything is decoded.

        Raises:
            Refusal: there are more.
        """
        if width * height > self.count:
            raise Refusal(
                "too_big",
                f"its pictures have {width}x{height} pixels; Limits.{self.limit} allows {self.count:,}",
                f"a smaller copy, or in Python Limits({self.limit}={width * height})",
            )


def watch(
    container: InputContainer,
    stream: Any,
    *,
    origin: float,
    fps: float,
    max_side: int,
    most: MostPixels,
    facts: PictureFacts,
) -> Iterator[tuple[float, np.ndarray]]:
    """Seconds and RGB pictures, UInt8["height width 3"]: the first at or after each multiple of 1 / fps.

    All have the size of the first.
    """
    stream.thread_type = "FRAME"
    stream.codec_context.thread_count = 2
    last, due, size = -math.inf, -math.inf, None
    for _, frame in decoded(container, stream, facts.damage):
        most.check(frame.width, frame.height)
        if frame.is_corrupt:
            facts.damage.corrupt += 1
            continue
        time = _time(frame, origin, last, stream)
        facts.end = max(facts.end, time + float((frame.duration or 0) * stream.time_base))
        if time < due - _EARLY or time <= last:
            continue
        last, due = time, (math.floor((time + _EARLY) * fps) + 1) / fps
        facts.sizes.add((frame.width, frame.height))
        facts.hdr |= frame.color_trc in _HDR_TRANSFERS
        size = size or fit(frame, stream, max_side)
        yield time, upright(_rgb(frame, *size), _display_matrix(frame))


def fit(frame: Any, stream: Any, max_side: int) -> tuple[int, int]:
    """Width and height as shown, made smaller, never larger, so that the longer side is `max_side` at most."""
    aspect = float(stream.sample_aspect_ratio or 1)
    aspect = aspect if 0.125 <= aspect <= 8 else 1.0
    width, height = frame.width * aspect, float(frame.height)
    scale = min(1.0, max_side / max(width, height))
    return max(1, min(max_side, round(width * scale))), max(1, min(max_side, round(height * scale)))


def upright(picture: np.ndarray, matrix: tuple[int, ...] | None) -> np.ndarray:
    """The picture as a player shows it: turned and mirrored by the nearest of the eight ways a camera is held."""
    if matrix is None:
        return picture
    a, b, _, c, d = matrix[:5]
    if abs(a) + abs(d) >= abs(b) + abs(c):
        flip_x, flip_y = a < 0, d < 0
    else:
        picture = picture.transpose(1, 0, 2)
        flip_x, flip_y = c < 0, b < 0
    return np.ascontiguousarray(picture[:: -1 if flip_y else 1, :: -1 if flip_x else 1])


def _time(frame: Any, origin: float, last: float, stream: Any) -> float:
    if frame.pts is None:
        return 0.0 if last == -math.inf else last + float(1 / (stream.average_rate or 25))
    return max(0.0, float(frame.pts * stream.time_base) - origin)


def _rgb(frame: Any, width: int, height: int) -> np.ndarray:
    hd = frame.colorspace == _UNSPECIFIED and frame.height >= _HD_LINES
    matrix = "ITU709" if hd or frame.colorspace == _BT709 else None
    converted = frame.reformat(width=width, height=height, format="rgb24", src_colorspace=matrix)
    return np.ascontiguousarray(converted.to_ndarray())


def _display_matrix(frame: Any) -> tuple[int, ...] | None:
    try:
        matrix = frame.side_data.get(Type.DISPLAYMATRIX)
    except ValueError:  # PyAV 18 cannot list side data that hold an EXIF block; it still tells quarter turns
        return _QUARTER_TURNS.get(round(frame.rotation) % 360)
    return struct.unpack("=9i", bytes(matrix)) if matrix is not None and len(bytes(matrix)) == 36 else None

"""Small pictures along the axis of time, and one larger one that shows whose face was read; as data URIs."""

import io
from base64 import b64encode
from dataclasses import dataclass

import numpy as np
from affekt import Clip, VideoFrames
from jaxtyping import UInt8
from PIL import Image, ImageDraw

THUMBNAILS = 14
SIDE = 112
"""Pixels; shown at half of it, so that it is sharp on a phone."""
POSTER = (560, 360)
LATE = 0.3
"""A face this many seconds away does not stand for a moment."""


@dataclass(frozen=True)
class Thumbnail:
    """A picture at its place on the axis; `uri` is empty where there was no face."""

    percent: float
    time: float
    uri: str


@dataclass(frozen=True)
class Poster:
    """A whole frame, the chosen face framed."""

    time: float
    uri: str
    width: int
    height: int


def data_uri(image: Image.Image, quality: int = 72) -> str:
    """A JPEG inside the page."""
    buffer = io.BytesIO()
    image.convert("RGB").save(buffer, "JPEG", quality=quality, optimize=True)
    return "data:image/jpeg;base64," + b64encode(buffer.getvalue()).decode()


def strip(clip: Clip, duration: float) -> list[Thumbnail]:
    """Faces at even distances, or frames where no face was followed; nothing without pictures."""
    if clip.faces is not None and len(clip.faces.times):
        times, pictures, late = clip.faces.times, clip.faces.crops, max(LATE, duration / THUMBNAILS / 2)
    elif clip.video is not None and len(clip.video.frames):
        times, pictures, late = clip.video.at(), clip.video.frames, duration
    else:
        return []
    thumbnails = []
    for index in range(THUMBNAILS):
        middle = (index + 0.5) / THUMBNAILS
        nearest = int(np.abs(times - middle * duration).argmin())
        in_reach = abs(float(times[nearest]) - middle * duration) <= late
        uri = data_uri(square(pictures[nearest])) if in_reach else ""
        thumbnails.append(Thumbnail(middle * 100, float(times[nearest]) if in_reach else middle * duration, uri))
    return thumbnails


def square(picture: UInt8[np.ndarray, "height width 3"]) -> Image.Image:
    """The middle of a picture, SIDE pixels wide and high."""
    height, width = picture.shape[:2]
    side = min(height, width)
    top, left = (height - side) // 2, (width - side) // 2
    return Image.fromarray(np.ascontiguousarray(picture[top : top + side, left : left + side])).resize((SIDE, SIDE))


def poster(clip: Clip, time: float) -> Poster | None:
    """The frame nearest to a time; where a face was followed, the nearest frame that has it."""
    if clip.video is None or not len(clip.video.frames):
        return None
    followed = clip.faces is not None and len(clip.faces.times) > 0
    box = None
    if clip.faces is not None and followed:
        nearest = int(np.abs(clip.faces.times - time).argmin())
        time, box = float(clip.faces.times[nearest]), clip.faces.boxes[nearest]
    image, time = _frame(clip.video, time)
    if box is not None:
        x, y, width, height = (float(value) for value in box)
        stroke = max(2, image.width // 220)
        ImageDraw.Draw(image).rectangle((x, y, x + width, y + height), outline="#ffd34d", width=stroke)
    image.thumbnail(POSTER)
    return Poster(time, data_uri(image, quality=78), image.width, image.height)


def _frame(video: VideoFrames, time: float) -> tuple[Image.Image, float]:
    times = video.at()
    nearest = int(np.abs(times - time).argmin())
    return Image.fromarray(video.frames[nearest]), float(times[nearest])

"""Frames of a clip as the chat API takes pictures."""

import base64
import io
from typing import Any

import numpy as np
from affekt import Clip
from PIL import Image


def pictures(clip: Clip, count: int, side: int) -> list[dict[str, Any]]:
    """Evenly spaced frames as JPEG parts, no side longer than `side`; none where there is no video."""
    if clip.video is None or not len(clip.video.frames):
        return []
    frames = clip.video.frames
    middles = (np.arange(min(count, len(frames))) + 0.5) * len(frames) / min(count, len(frames))
    return [_part(frames[int(index)], side) for index in middles]


def _part(frame: np.ndarray, side: int) -> dict[str, Any]:
    image, file = Image.fromarray(np.ascontiguousarray(frame)), io.BytesIO()
    image.thumbnail((side, side))
    image.save(file, "JPEG", quality=88)
    url = "data:image/jpeg;base64," + base64.b64encode(file.getvalue()).decode()
    return {"type": "image_url", "image_url": {"url": url}}

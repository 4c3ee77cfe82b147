"""Brightness and motion, the simplest encoder of pictures."""

from collections.abc import Sequence
from typing import ClassVar

import numpy as np
from affekt import Clip, Component, Features, Missing, Modality, VideoFrames


class Brightness(Component):
    """Mean grey value and mean absolute change from the frame before, 0 to 1, one row a frame."""

    modality: ClassVar[Modality] = "video"

    def encode(self, clips: Sequence[Clip]) -> list[Features | Missing]:
        """Measures the brightness of each clip, or says why it has none."""
        return [
            self._one(clip.video)
            if clip.video is not None and len(clip.video.frames)
            else Missing(reason=clip.why_missing("video"))
            for clip in clips
        ]

    def _one(self, video: VideoFrames) -> Features:
        grey = video.frames.mean(axis=3, dtype=np.float32) / 255
        motion = np.abs(np.diff(grey, axis=0, prepend=grey[:1])).mean(axis=(1, 2))
        begin = video.at()
        end = np.append(begin[1:], begin[-1] + 1 / video.fps)
        return Features(
            values=np.stack([grey.mean(axis=(1, 2)), motion], axis=1).astype(np.float32),
            spans=np.stack([begin, end], axis=1),
            names=("brightness", "motion"),
        )

"""A preparer for data sets of faces, whose pictures are cropped already."""

from collections.abc import Sequence
from dataclasses import replace
from typing import ClassVar

import numpy as np
from affekt import Clip, Component, FaceTrack, Modality


class CroppedFaces(Component):
    """Takes every picture of a clip for a face track that needs no detection."""

    reads: ClassVar[tuple[str, ...]] = ("video",)
    fills: ClassVar[tuple[str, ...]] = ("faces",)

    def prepare(self, clips: Sequence[Clip]) -> list[Clip]:
        """Gives each clip a face track of all its pictures."""
        return [_tracked(clip) for clip in clips]


def _tracked(clip: Clip) -> Clip:
    from affekt_face.crops import CROP, TIGHT

    if clip.video is None:
        return clip
    frames = clip.video.frames
    # The expression encoder looks at the inside of a crop: here that is the whole picture.
    edge = round(frames.shape[1] * (CROP / TIGHT - 1) / 2)
    crops = np.pad(frames, ((0, 0), (edge, edge), (edge, edge), (0, 0)), mode="edge")
    boxes = np.tile(np.array([0, 0, frames.shape[2], frames.shape[1]], np.float32), (len(frames), 1))
    missing: dict[Modality, str] = {modality: why for modality, why in clip.missing.items() if modality != "face"}
    return replace(clip, faces=FaceTrack(times=clip.video.at(), boxes=boxes, crops=crops), missing=missing)

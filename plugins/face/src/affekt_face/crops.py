"""Cuts a face out of a frame: upright, centred, and framed like the faces that the expression network learnt from."""

import cv2
import numpy as np
from jaxtyping import Float32, UInt8

from affekt_face.landmarker import upright

CROP = 128
"""Pixels on a side of a track's crops."""

TIGHT = 96
"""The inner square of a crop that is framed like FER2013; the rest is room for other encoders and for the eye."""

FRAMING = 48 / 43.3
"""Side of a FER2013 picture for the mesh's height in it: medians over 1,257 faces of its training split."""

RAISED = 2.6 / 43.3
"""How far the picture's centre lies above the mesh's, for the mesh's height: foreheads are in, necks are not."""

ASPECT = 43.3 / 38.7
"""Height of the mesh for its width, in the same pictures."""

EYE_CORNERS = [[33, 133], [362, 263]]
"""Landmarks of the right eye and of the left one."""


def box_of(landmarks: Float32[np.ndarray, "478 3"]) -> Float32[np.ndarray, "4"]:
    """x, y, width and height of the smallest box around the mesh."""
    start, end = landmarks[:, :2].min(axis=0), landmarks[:, :2].max(axis=0)
    return np.concatenate([start, end - start]).astype(np.float32)


def aligned(
    frame: UInt8[np.ndarray, "height width 3"], landmarks: Float32[np.ndarray, "478 3"]
) -> UInt8[np.ndarray, "128 128 3"]:
    """The face turned upright by its eyes."""
    points = landmarks[:, :2].astype(np.float64)
    right, left = points[EYE_CORNERS].mean(axis=1)
    angle = float(np.arctan2(left[1] - right[1], left[0] - right[0]))
    across, down = np.array([np.cos(angle), np.sin(angle)]), np.array([-np.sin(angle), np.cos(angle)])
    turned = np.stack([points @ across, points @ down], axis=1)
    start, end = turned.min(axis=0), turned.max(axis=0)
    width, height = end - start
    x, y = (start + end) / 2
    # A face in profile is narrow and one that shouts is tall: the larger of both measures keeps the whole face in.
    size = max(height, width * ASPECT)
    centre = across * x + down * (y - RAISED * size)
    side = size * FRAMING * CROP / TIGHT
    # Large faces are warped at a multiple of the size and averaged: sampling them directly would pick single pixels.
    multiple = max(1, min(8, round(side / CROP)))
    transform = upright(centre, side, angle, CROP * multiple)
    crop = cv2.warpAffine(frame, transform, (CROP * multiple, CROP * multiple), borderMode=cv2.BORDER_REPLICATE)
    return cv2.resize(crop, (CROP, CROP), interpolation=cv2.INTER_AREA) if multiple > 1 else crop

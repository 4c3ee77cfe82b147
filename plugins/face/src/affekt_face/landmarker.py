"""Finds faces, their 478 landmarks and their 52 blendshapes with MediaPipe's Face Landmarker models.

The models run on LiteRT alone. Geometry follows MediaPipe's graphs: a 128-pixel detector whose box, turned upright by
the eyes and widened by half, is what the 256-pixel mesh network sees (Bazarevsky et al., 2019; Kartynnik et al., 2019).
"""

import os
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from affekt import WeightsError
from ai_edge_litert.interpreter import Interpreter  # type: ignore[import-untyped]
from jaxtyping import Float32, Float64, UInt8

from affekt_face.blendshapes import BLENDSHAPES, LANDMARKS_OF_BLENDSHAPES

DETECTOR_SIDE = 128
MESH_SIDE = 256
SMALLEST_SIDE = 8
"""Pixels on a side under which a square shows no face; also a picture of one pixel is a picture."""
TASK_FILE = "face_landmarker.task"


@dataclass(frozen=True, eq=False)
class Detection:
    """A face as the detector sees it, in pixels of the frame."""

    score: float
    """How sure the detector is, from 0 to 1."""
    box: Float32[np.ndarray, "4"]
    """The box as x, y, width and height."""
    eyes: Float32[np.ndarray, "2 2"]
    """The person's right eye, then the left one."""


class Landmarker:
    """The three networks of one `face_landmarker.task` file, each loaded when it is first asked for."""

    def __init__(self, folder: Path, threads: int) -> None:
        self._file = folder / TASK_FILE
        self._threads = threads
        self._networks: dict[str, Interpreter] = {}
        self._anchors = _anchors()

    def _run(self, name: str, inputs: np.ndarray) -> list[np.ndarray]:
        if name not in self._networks:
            self._networks[name] = _interpreter(self._file, name, self._threads)
        network = self._networks[name]
        network.set_tensor(network.get_input_details()[0]["index"], inputs.astype(np.float32))
        network.invoke()
        return [network.get_tensor(output["index"]) for output in network.get_output_details()]

    def detect(self, frame: UInt8[np.ndarray, "height width 3"], threshold: float) -> list[Detection]:
        """Faces scored above `threshold`, best first; of faces below a tenth of the frame's longer side few."""
        return self._detect(frame, [(0, 0)], max(frame.shape[:2]), threshold)

    def detect_small(self, frame: UInt8[np.ndarray, "height width 3"], threshold: float) -> list[Detection]:
        """Faces scored above `threshold` in overlapping squares of half the frame's longer side, best first."""
        height, width = frame.shape[:2]
        side = max(height, width) // 2
        return self._detect(frame, _tiles(height, width, side), side, threshold)

    def _detect(
        self, frame: np.ndarray, corners: list[tuple[int, int]], side: int, threshold: float
    ) -> list[Detection]:
        """Faces in squares of the frame, given by their left and top; what lies beyond the frame is black."""
        if side < SMALLEST_SIDE:
            return []
        scores, boxes, eyes = [], [], []
        for left, top in corners:
            part = frame[top : top + side, left : left + side]
            # Centred, as MediaPipe does it: the detector was trained on letterboxed pictures.
            down, right = (side - part.shape[0]) // 2, (side - part.shape[1]) // 2
            below, beyond = side - part.shape[0] - down, side - part.shape[1] - right
            square = cv2.copyMakeBorder(part, down, below, right, beyond, cv2.BORDER_CONSTANT, value=(0, 0, 0))
            small = cv2.resize(square, (DETECTOR_SIDE, DETECTOR_SIDE), interpolation=cv2.INTER_AREA)
            first, second = self._run("face_detector", small[None] / 127.5 - 1)
            offsets, logits = (first[0], second[0]) if first.shape[-1] == 16 else (second[0], first[0])
            score = 1 / (1 + np.exp(-np.clip(logits[:, 0], -80, 80)))
            likely = score > threshold
            # A row is the offset of the centre from its anchor, the size, and six points of which the eyes come first.
            rows, anchors = offsets[likely] / DETECTOR_SIDE, self._anchors[likely]
            shift = np.array([left - right, top - down], np.float32)
            corner = (anchors + rows[:, :2] - rows[:, 2:4] / 2) * side + shift
            scores.append(score[likely])
            boxes.append(np.concatenate([corner, rows[:, 2:4] * side], axis=1))
            eyes.append((anchors[:, None] + rows[:, 4:8].reshape(-1, 2, 2)) * side + shift)
        return _merged(np.concatenate(scores), np.concatenate(boxes), np.concatenate(eyes))

    def mesh(
        self, frame: UInt8[np.ndarray, "height width 3"], detection: Detection
    ) -> tuple[Float32[np.ndarray, "478 3"], float]:
        """Landmarks in pixels of the frame, and how sure the network is (0 to 1) that this is a face."""
        right, left = detection.eyes
        angle = float(np.arctan2(left[1] - right[1], left[0] - right[0]))
        centre = detection.box[:2] + detection.box[2:] / 2
        side = float(detection.box[2:].max()) * 1.5
        transform = upright(centre, side, angle, MESH_SIDE)
        region = cv2.warpAffine(frame, transform, (MESH_SIDE, MESH_SIDE))
        outputs = self._run("face_landmarks_detector", region[None] / 255)
        points = next(output for output in outputs if output.size == 478 * 3).reshape(478, 3)
        presence = next(float(output.reshape(-1)[0]) for output in outputs if output.size == 1)
        back = cv2.invertAffineTransform(transform)
        flat = points[:, :2] @ back[:, :2].T + back[:, 2]
        depth = points[:, 2:] * side / MESH_SIDE
        return np.concatenate([flat, depth], axis=1).astype(np.float32), 1 / (1 + float(np.exp(-presence)))

    def blendshapes(self, landmarks: Float32[np.ndarray, "478 3"]) -> Float32[np.ndarray, "52"]:
        """How strongly (0 to 1) each movement of `BLENDSHAPES` shows in the landmarks."""
        (values,) = self._run("face_blendshapes", landmarks[None, LANDMARKS_OF_BLENDSHAPES, :2])
        return values.reshape(len(BLENDSHAPES)).astype(np.float32)


def upright(centre: np.ndarray, side: float, angle: float, pixels: int) -> Float64[np.ndarray, "2 3"]:
    """The affine map of a square of the frame, turned by `angle` (radians), onto `pixels` by `pixels`."""
    cosine, sine = np.cos(angle) * pixels / side, np.sin(angle) * pixels / side
    turn = np.array([[cosine, sine], [-sine, cosine]])
    return np.concatenate([turn, (pixels / 2 - turn @ np.asarray(centre, np.float64))[:, None]], axis=1)


def _interpreter(file: Path, name: str, threads: int) -> Interpreter:
    try:
        with zipfile.ZipFile(file) as archive, _silence():
            interpreter = Interpreter(model_content=archive.read(f"{name}.tflite"), num_threads=threads)
            interpreter.allocate_tensors()
    except (OSError, KeyError, ValueError, zipfile.BadZipFile) as error:
        raise WeightsError(
            f'"{file}" is no MediaPipe face landmarker: {error}', hint="affekt weights verify face-landmarker"
        ) from error
    return interpreter


@contextmanager
def _silence() -> Iterator[None]:
    """Swallows the line about delegates that LiteRT writes straight to standard error, whatever the log level."""
    kept = os.dup(2)
    nowhere = os.open(os.devnull, os.O_WRONLY)
    try:
        os.dup2(nowhere, 2)
        yield
    finally:
        os.dup2(kept, 2)
        os.close(kept)
        os.close(nowhere)


def _anchors() -> Float32[np.ndarray, "896 2"]:
    """Centres of the detector's cells from 0 to 1: two a cell of a 16x16 grid, then six a cell of an 8x8 grid."""
    grids = []
    for cells, repeats in ((16, 2), (8, 6)):
        line = (np.arange(cells, dtype=np.float32) + 0.5) / cells
        y, x = np.meshgrid(line, line, indexing="ij")
        grids.append(np.stack([x, y], axis=-1).reshape(-1, 2).repeat(repeats, axis=0))
    return np.concatenate(grids)


def _tiles(height: int, width: int, side: int) -> list[tuple[int, int]]:
    """Left and top of squares that cover the frame and overlap by half."""

    def starts(length: int) -> list[int]:
        return sorted({min(start, max(length - side, 0)) for start in range(0, length, max(side // 2, 1))})

    return [(left, top) for top in starts(height) for left in starts(width)]


def _merged(scores: np.ndarray, boxes: np.ndarray, eyes: np.ndarray, overlap: float = 0.3) -> list[Detection]:
    """Overlapping answers averaged by their score, which trembles less from frame to frame than picking the best."""
    detections = []
    left = np.argsort(-scores)
    while len(left):
        same = overlaps(boxes[left[0]], boxes[left]) > overlap
        group, left = left[same], left[~same]
        weights = (scores[group] / scores[group].sum()).astype(np.float32)
        detections.append(
            Detection(
                score=float(scores[group[0]]),
                box=np.tensordot(weights, boxes[group], axes=1),
                eyes=np.tensordot(weights, eyes[group], axes=1),
            )
        )
    return detections


def overlaps(box: np.ndarray, boxes: np.ndarray) -> np.ndarray:
    """Intersection over union of one box with each of several, all x, y, width and height."""
    start = np.maximum(box[:2], boxes[:, :2])
    end = np.minimum(box[:2] + box[2:], boxes[:, :2] + boxes[:, 2:])
    shared = (end - start).clip(min=0).prod(axis=1)
    shares: np.ndarray = shared / (box[2:].prod() + boxes[:, 2:].prod(axis=1) - shared)
    return shares

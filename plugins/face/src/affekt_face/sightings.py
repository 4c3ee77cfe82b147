"""Which faces each frame shows: found by the detector, and followed where it loses them for a moment."""

from collections import deque
from collections.abc import Iterable, Sequence
from concurrent.futures import Executor, Future, ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np
from affekt import VideoFrames
from jaxtyping import Bool, Int64, UInt8

from affekt_face.crops import EYE_CORNERS
from affekt_face.landmarker import Detection, Landmarker, overlaps
from affekt_face.tracks import Sighting

CLOSE_LOOK = 1.0
"""Seconds between close looks, which find small faces beside large ones; a close look takes as long as six others."""

FOLLOWED = 1.5
"""Seconds that a face is followed by its landmarks alone, without being found by the detector."""

AHEAD = 3
"""Frames that the detector may be ahead of the landmarks."""

SAME = 0.3
"""Overlap from which two boxes are of one face."""


@dataclass(frozen=True)
class FaceSearch:
    """Searches a clip for faces."""

    landmarker: Landmarker
    threshold: float
    """How sure (0 to 1) the detector must be of a face."""
    presence: float
    """How sure (0 to 1) the landmarks must be of a face."""

    def sightings(
        self, video: VideoFrames, looks: Int64[np.ndarray, "look"], cuts: Bool[np.ndarray, "look"]
    ) -> list[list[Sighting]]:
        """The faces that each frame looked at shows.

        The whole frame is searched at every look. It is searched closely, in overlapping squares, when a shot begins,
        when nobody is found, when a face was lost, and every `CLOSE_LOOK` seconds.

        Args:
            looks: which frames are looked at.
            cuts: whether each of them begins another shot.
        """
        with ThreadPoolExecutor(1, thread_name_prefix="affekt-faces") as detector:
            return self._sightings(video, looks.tolist(), cuts, detector)

    def _sightings(
        self, video: VideoFrames, looks: Sequence[int], cuts: Bool[np.ndarray, "look"], detector: Executor
    ) -> list[list[Sighting]]:
        """As `sightings`; the detector, in a thread of its own, is some frames ahead of the landmarks."""
        of_frames: list[list[Sighting]] = []
        before: list[Sighting] = []
        last = -np.inf
        ahead: deque[Future[list[Detection]]] = deque()
        for number, index in enumerate(looks):
            frame, time = video.frames[index], float(video.at()[index])
            if cuts[number]:
                before, last = [], -np.inf
            for later in looks[number + len(ahead) : number + AHEAD]:
                ahead.append(detector.submit(self.landmarker.detect, video.frames[later], self.threshold))
            detected = self._detected(ahead.popleft().result(), time)
            followed = [(_expected(face), face.detected) for face in before if time - face.detected <= FOLLOWED]
            faces = self._confirmed(frame, [*detected, *followed], number, time)
            if not faces or len(faces) < len(before) or time - last >= CLOSE_LOOK:
                closely = detector.submit(self.landmarker.detect_small, frame, self.threshold)
                small = self._detected(closely.result(), time)
                faces = self._confirmed(frame, [*detected, *small, *followed], number, time)
                last = time
            of_frames.append(faces)
            before = faces
        return of_frames

    def _detected(self, detections: Iterable[Detection], time: float) -> list[tuple[Detection, float]]:
        return [(detection, time) for detection in detections]

    def _confirmed(
        self,
        frame: UInt8[np.ndarray, "height width 3"],
        candidates: Sequence[tuple[Detection, float]],
        number: int,
        time: float,
    ) -> list[Sighting]:
        """The candidates that the landmarks confirm, each face once; the first of several that overlap."""
        faces: list[Sighting] = []
        for detection, detected in candidates:
            if _among(detection.box, faces):
                continue
            landmarks, presence = self.landmarker.mesh(frame, detection)
            face = Sighting(number, time, landmarks, detected)
            if presence >= self.presence and not _among(face.box, faces):
                faces.append(face)
        return faces


def _expected(face: Sighting) -> Detection:
    """Where a face should be in the next frame: where it was."""
    eyes = face.landmarks[EYE_CORNERS, :2].mean(axis=1)
    return Detection(score=1.0, box=face.box, eyes=eyes.astype(np.float32))


def _among(box: np.ndarray, faces: Sequence[Sighting]) -> bool:
    """Whether a box is of one of these faces."""
    return bool(faces) and bool((overlaps(box, np.stack([face.box for face in faces])) > SAME).any())

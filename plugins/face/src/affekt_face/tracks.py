"""Joins the faces of single frames into tracks, one a person and shot."""

from collections.abc import Sequence
from dataclasses import dataclass, field

import cv2
import numpy as np
from jaxtyping import Bool, Float32, Float64, UInt8

from affekt_face.crops import box_of

REACH = 0.6
"""How far a face may move from one sighting to the next, in its own widths."""

PATIENCE = 2.0
"""Seconds that a face may be out of sight and still be taken for the same one."""

CUT = 25.0
"""Mean change of a 16x16 grey thumbnail (of 255) that makes a cut. Within a shot 8 was the most in 22 clips; 99 of 100
pairs of portraits differ by more than 28."""

FAINT_CUT = 10.0
"""Mean change that makes a cut where it stands out: a cut between two people in one studio changes as little."""

STANDS_OUT = 3.0
"""How many times as large as the changes around it a faint cut is; a moving camera changes every frame."""

FEWEST = 3
"""Looks in a row that a track must have: what flickers is a false alarm, or too dark or blurred to be judged."""


@dataclass(frozen=True, eq=False)
class Sighting:
    """One face in one frame."""

    frame: int
    """The number of the frame among those looked at."""
    time: float
    """Seconds from the start of the clip."""
    landmarks: Float32[np.ndarray, "478 3"]
    detected: float = -np.inf
    """Seconds from the start of the clip at which the detector last found this face; since then it was followed."""

    @property
    def box(self) -> Float32[np.ndarray, "4"]:
        """The box around the landmarks."""
        return box_of(self.landmarks)


@dataclass(eq=False)
class Track:
    """The sightings of one face, in order of time."""

    shot: int
    sightings: list[Sighting] = field(default_factory=list)

    @property
    def area(self) -> float:
        """Square pixels summed over the sightings: how large and how long the face is seen."""
        return float(sum(sighting.box[2:].prod() for sighting in self.sightings))

    @property
    def longest_run(self) -> int:
        """The most looks in a row that show the face."""
        frames = np.array([sighting.frame for sighting in self.sightings])
        edges = np.flatnonzero(np.diff(frames) > 1) + 1
        return max(len(run) for run in np.split(frames, edges))


def follow(sightings: Sequence[Sequence[Sighting]], cuts: Bool[np.ndarray, "time"]) -> list[Track]:
    """Tracks through the sightings of each frame, longest first.

    Args:
        sightings: what was seen in every frame, in order of time.
        cuts: whether a frame shows another shot than the one before.

    Each sighting joins the nearest track of its shot that is within `REACH` and was seen within `PATIENCE`. A track
    without `FEWEST` looks in a row is dropped, unless its shot is shorter than that.
    """
    tracks: list[Track] = []
    shots = np.cumsum(cuts)
    for frame, in_frame in enumerate(sightings):
        shot = int(shots[frame])
        open_tracks = [track for track in tracks if track.shot == shot]
        pairs = sorted(
            (distance, number, face)
            for number, track in enumerate(open_tracks)
            for face, sighting in enumerate(in_frame)
            if (distance := _distance(track.sightings[-1], sighting)) <= REACH
        )
        taken_tracks: set[int] = set()
        taken_faces: set[int] = set()
        for _, number, face in pairs:
            if number not in taken_tracks and face not in taken_faces:
                open_tracks[number].sightings.append(in_frame[face])
                taken_tracks.add(number)
                taken_faces.add(face)
        tracks += [Track(shot, [sighting]) for face, sighting in enumerate(in_frame) if face not in taken_faces]
    looks = np.bincount(shots) if len(shots) else shots
    kept = [track for track in tracks if track.longest_run >= min(FEWEST, looks[track.shot])]
    return sorted(kept, key=lambda track: -len(track.sightings))


def _distance(before: Sighting, now: Sighting) -> float:
    """Between the centres, in widths of the face; infinite where it cannot be the same face."""
    return float("inf") if now.time - before.time > PATIENCE else distance(before.box, now.box)


def distance(old: Float32[np.ndarray, "4"], new: Float32[np.ndarray, "4"]) -> float:
    """The distance between the centres of two boxes, in widths of the face; infinite where they differ much in size."""
    width = float(old[2:].max() + new[2:].max()) / 2
    growth = float(new[2:].max() / old[2:].max())
    if not 0.5 < growth < 2:
        return float("inf")
    return float(np.linalg.norm((old[:2] + old[2:] / 2) - (new[:2] + new[2:] / 2))) / width


def cuts_between(frames: Sequence[UInt8[np.ndarray, "height width 3"]]) -> Bool[np.ndarray, "time"]:
    """Whether each frame begins another shot; the first does not."""
    if len(frames) < 2:
        return np.zeros(len(frames), dtype=bool)
    thumbnails = np.array([_thumbnail(frame) for frame in frames])
    changes = np.abs(np.diff(thumbnails, axis=0)).mean(axis=(1, 2))
    around = np.lib.stride_tricks.sliding_window_view(np.pad(changes, 2), 5)[:, [0, 1, 3, 4]].max(axis=1)
    faint = (changes > FAINT_CUT) & (changes > STANDS_OUT * around)
    return np.concatenate([[False], (changes > CUT) | faint])


def _thumbnail(frame: UInt8[np.ndarray, "height width 3"]) -> Float64[np.ndarray, "16 16"]:
    small = cv2.resize(frame, (16, 16), interpolation=cv2.INTER_AREA)
    return cv2.cvtColor(small, cv2.COLOR_RGB2GRAY).astype(np.float64)

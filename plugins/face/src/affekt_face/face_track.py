"""The preparer that finds the face whose feelings are asked for, and follows it through the clip."""

from collections.abc import Sequence
from dataclasses import replace
from functools import cached_property
from typing import ClassVar

import numpy as np
from affekt import Clip, Component, FaceTrack, VideoFrames
from affekt_weights import fetch
from jaxtyping import Float64, Int64
from pydantic import Field

from affekt_face.crops import aligned
from affekt_face.landmarker import Landmarker
from affekt_face.tracks import Sighting, Track, cuts_between, follow
from affekt_face.voice import choose


class FaceTracker(Component):
    """Detects faces, follows each, and fills in `Clip.faces` with the one that speaks.

    A clip without video or without a face says why in `Clip.missing["face"]`. A clip that has a face track keeps it.
    """

    reads: ClassVar[tuple[str, ...]] = ("video", "audio", "faces")
    fills: ClassVar[tuple[str, ...]] = ("faces",)

    fps: float = Field(
        default=10.0, gt=0, le=120, description="Frames a second to look at; fewer where the video has fewer"
    )
    threshold: float = Field(default=0.4, gt=0, lt=1, description="How sure (0 to 1) the detector must be of a face")
    presence: float = Field(default=0.5, gt=0, lt=1, description="How sure (0 to 1) the landmarks must be of a face")
    threads: int = Field(default=2, ge=1, description="Threads of the networks")
    weights: str = Field(
        default="face-landmarker", description="Weights by name, or a folder that holds face_landmarker.task"
    )

    @cached_property
    def _landmarker(self) -> Landmarker:
        return Landmarker(fetch(self.weights), self.threads)

    def prepare(self, clips: Sequence[Clip]) -> list[Clip]:
        """The clips with their face tracks, in the same order."""
        return [clip if clip.faces is not None else self._tracked(clip) for clip in clips]

    def tracks(self, clip: Clip) -> list[FaceTrack]:
        """Every face of a clip, the one that `prepare` takes first; none where nobody is seen."""
        if clip.video is None or not len(clip.video.frames):
            return []
        chosen = pick(clip.video.at(), self.fps)
        sightings = [self._seen(clip.video, number, index) for number, index in enumerate(chosen)]
        tracks = follow(sightings, cuts_between([clip.video.frames[index] for index in chosen]))
        if not tracks:
            return []
        speaking, why = choose(tracks, clip.audio, len(chosen))
        others = [track for track in tracks if track is not speaking]
        return [
            _faces(clip.video, track, chosen, why if track is speaking else "another face of the clip")
            for track in (speaking, *others)
        ]

    def _tracked(self, clip: Clip) -> Clip:
        if clip.video is None or not len(clip.video.frames):
            return _without_face(clip, f"no picture to look for a face in: {clip.why_missing('video')}")
        tracks = self.tracks(clip)
        if not tracks:
            return _without_face(clip, f"no face in any of {len(pick(clip.video.at(), self.fps))} frames")
        return replace(clip, faces=tracks[0])

    def _seen(self, video: VideoFrames, number: int, index: int) -> list[Sighting]:
        """The faces of one frame that the landmarks confirm."""
        frame = video.frames[index]
        meshes = [self._landmarker.mesh(frame, found) for found in self._landmarker.detect(frame, self.threshold)]
        time = float(video.at()[index])
        return [Sighting(number, time, landmarks) for landmarks, presence in meshes if presence >= self.presence]


def pick(times: Float64[np.ndarray, "time"], fps: float) -> Int64[np.ndarray, "picked"]:
    """Indices of the first frame at or after each multiple of 1 / fps seconds; gaps in the video stay gaps."""
    ticks = np.arange(np.floor(times[0] * fps), np.floor(times[-1] * fps) + 1) / fps
    found = np.searchsorted(times, ticks - 1e-6)
    return np.unique(found[found < len(times)])


def _faces(video: VideoFrames, track: Track, picked: Int64[np.ndarray, "picked"], why: str) -> FaceTrack:
    crops = [aligned(video.frames[picked[seen.frame]], seen.landmarks) for seen in track.sightings]
    return FaceTrack(
        times=np.array([sighting.time for sighting in track.sightings], np.float64),
        boxes=np.stack([sighting.box for sighting in track.sightings]),
        crops=np.stack(crops),
        landmarks=np.stack([sighting.landmarks for sighting in track.sightings]),
        choice=why,
    )


def _without_face(clip: Clip, reason: str) -> Clip:
    return replace(clip, missing={**clip.missing, "face": reason})

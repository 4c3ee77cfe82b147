"""The preparer that finds the face whose feelings are asked for, and follows it through the clip."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING, ClassVar

import numpy as np
from affekt import Clip, Component, FaceTrack, VideoFrames
from affekt_weights import fetch
from jaxtyping import Float64, Int64
from pydantic import Field

from affekt_face.crops import aligned
from affekt_face.everybody import appearances, linked
from affekt_face.landmarker import Landmarker
from affekt_face.sightings import FaceSearch
from affekt_face.tracks import Sighting, Track, cuts_between, follow
from affekt_face.voice import choose_in_each_shot

if TYPE_CHECKING:
    from affekt_face.expression import Expression


@dataclass(frozen=True)
class Faces:
    """The faces of a clip."""

    chosen: FaceTrack
    """The one that speaks in each shot, else the largest."""
    others: list[FaceTrack]
    parts: list[FaceTrack]
    """The chosen one, a track a shot."""


class FaceTracker(Component):
    """Detects faces, follows each, and fills in `Clip.faces` with the one that speaks in each shot, else the largest.

    A clip without video or without a face says why in `Clip.missing["face"]`. A clip that has a face track keeps it.
    Every other face is among `Clip.appearances` where the option `everybody` is set.
    """

    reads: ClassVar[tuple[str, ...]] = ("video", "audio", "faces")
    fills: ClassVar[tuple[str, ...]] = ("faces", "appearances")

    fps: float = Field(
        default=10.0, gt=0, le=120, description="Frames a second to look at; fewer where the video has fewer"
    )
    threshold: float = Field(default=0.4, gt=0, lt=1, description="How sure (0 to 1) the detector must be of a face")
    presence: float = Field(default=0.5, gt=0, lt=1, description="How sure (0 to 1) the landmarks must be of a face")
    everybody: bool = Field(
        default=False,
        description="Also keep when every face is in view, how its mouth moves and what it expresses, for people",
    )
    threads: int = Field(
        default=1, ge=1, description="Threads of each network; detector and landmarks run side by side anyway"
    )
    weights: str = Field(
        default="face-landmarker", description="Weights by name, or a folder that holds face_landmarker.task"
    )

    @cached_property
    def _landmarker(self) -> Landmarker:
        return Landmarker(fetch(self.weights), self.threads)

    @cached_property
    def _expression(self) -> "Expression":
        from affekt_face.expression import Expression  # torch, which nobody needs who asks for one face

        return Expression()

    def prepare(self, clips: Sequence[Clip]) -> list[Clip]:
        """The clips with their face tracks, in the same order."""
        return [clip if clip.faces is not None else self._tracked(clip) for clip in clips]

    def link(self, clips: Sequence[Clip]) -> list[Clip]:
        """The windows of one recording, whose faces have names that hold over the ends of windows."""
        return linked(clips)

    def tracks(self, clip: Clip) -> list[FaceTrack]:
        """The track that `prepare` takes, then every other face of the clip; none where nobody is seen."""
        faces = self._faces(clip, everybody=True)
        return [] if faces is None else [faces.chosen, *faces.others]

    def _faces(self, clip: Clip, everybody: bool) -> "Faces | None":
        """The faces of a clip, or the chosen one alone; None where nobody is seen."""
        if clip.video is None or not len(clip.video.frames):
            return None
        video = clip.video
        looks, sightings, cuts = self._search(video)
        tracks = follow(sightings, cuts)
        if not tracks:
            return None
        ends = until(video.at()[looks], clip.duration)
        chosen, why = choose_in_each_shot(tracks, clip.audio, cuts)
        others = [track for track in tracks if not any(track is taken for taken in chosen)] if everybody else []
        return Faces(
            _faces(video, looks, ends, chosen, why),
            [_faces(video, looks, ends, [track], "another face of the clip") for track in others],
            [_faces(video, looks, ends, [track], why) for track in chosen if everybody],
        )

    def _search(self, video: VideoFrames) -> tuple[np.ndarray, list[list[Sighting]], np.ndarray]:
        """The frames looked at, the faces in each, and whether it begins another shot."""
        looks = pick(video.at(), self.fps)
        cuts = cuts_between([video.frames[index] for index in looks])
        search = FaceSearch(self._landmarker, self.threshold, self.presence)
        return looks, search.sightings(video, looks, cuts), cuts

    def _tracked(self, clip: Clip) -> Clip:
        if clip.video is None or not len(clip.video.frames):
            return _without_face(clip, f"no picture to look for a face in: {clip.why_missing('video')}")
        faces = self._faces(clip, self.everybody)
        if faces is None:
            looks = len(pick(clip.video.at(), self.fps))
            where = "the picture" if looks == 1 else f"any of {looks} frames"
            return _without_face(clip, f"no face can be made out in {where}")
        people = appearances(clip, [*faces.parts, *faces.others], self._expression) if self.everybody else ()
        return replace(clip, faces=faces.chosen, appearances=(*clip.appearances, *people))


def pick(times: Float64[np.ndarray, "time"], fps: float) -> Int64[np.ndarray, "picked"]:
    """Indices of the first frame at or after each multiple of 1 / fps seconds; gaps in the video stay gaps."""
    ticks = np.arange(np.floor(times[0] * fps), np.floor(times[-1] * fps) + 1) / fps
    indices = np.searchsorted(times, ticks - 1e-6)
    return np.unique(indices[indices < len(times)])


def until(times: Float64[np.ndarray, "look"], duration: float) -> Float64[np.ndarray, "look"]:
    """Until when what is seen at each look holds: the next look or the end of the clip, in a gap one usual step."""
    steps = np.diff(times)
    usual = float(np.median(steps)) if len(steps) else 0.1
    ends = times + np.append(np.minimum(steps, 1.5 * usual), usual)
    ends_within: Float64[np.ndarray, "look"] = np.minimum(ends, max(duration, float(times[-1])))
    return ends_within


def _faces(
    video: VideoFrames,
    looks: Int64[np.ndarray, "look"],
    ends: Float64[np.ndarray, "look"],
    tracks: Sequence[Track],
    why: str,
) -> FaceTrack:
    """One track of the faces of several shots, in order."""
    sightings = [(track.shot, sighting) for track in tracks for sighting in track.sightings]
    return FaceTrack(
        times=np.array([sighting.time for _, sighting in sightings], np.float64),
        boxes=np.stack([sighting.box for _, sighting in sightings]),
        crops=np.stack([aligned(video.frames[looks[sighting.frame]], sighting.landmarks) for _, sighting in sightings]),
        landmarks=np.stack([sighting.landmarks for _, sighting in sightings]),
        choice=why,
        ends=ends[[sighting.frame for _, sighting in sightings]],
        shots=np.array([shot for shot, _ in sightings], np.int64),
    )


def _without_face(clip: Clip, reason: str) -> Clip:
    return replace(clip, missing={**clip.missing, "face": reason})

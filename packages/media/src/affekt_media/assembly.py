"""Builds clips from the child's messages. Nothing it says is believed: every size is checked against the limits."""

import math
from typing import Any

import numpy as np
from affekt.data import AudioSignal, Clip, VideoFrames
from affekt.tracks import Word

from affekt_media.child import Child
from affekt_media.errors import MediaTooBig
from affekt_media.request import Request
from affekt_media.wire import FRAME_HEADER

_ROOM = 64
"""Pictures to make room for where the file does not say how long it is."""


class Assembly:
    """The window being received. `clip` closes it, and begins the next."""

    def __init__(self, child: Child, request: Request, seconds: float | None) -> None:
        self._child = child
        self._request = request
        longest = request.window or request.limits.max_seconds
        self._expected = _ROOM if seconds is None else math.ceil((min(seconds, longest) + 1) * request.fps) + 2
        self._begin()

    def _begin(self) -> None:
        self._frames: np.ndarray | None = None
        self._times: list[float] = []
        self._sound: list[np.ndarray] = []
        self._bytes = 0
        self.words: list[Word] = []

    def add_frame(self, length: int) -> None:
        """Receive one picture into its place."""
        header = bytearray(FRAME_HEADER.size)
        self._child.fill(header)
        time, height, width = FRAME_HEADER.unpack(header)
        if not (0 < height <= self._request.max_side and 0 < width <= self._request.max_side and math.isfinite(time)):
            raise self._child.strange(f"it sent a picture of {width}x{height} pixels at {time} s")
        if length != FRAME_HEADER.size + height * width * 3:
            raise self._child.strange("it sent a picture of another length than its size says")
        self._account(height * width * 3)
        if self._frames is None:
            room = min(self._expected, self._request.limits.max_clip_bytes // (height * width * 3))
            self._frames = np.empty((max(1, room), height, width, 3), np.uint8)
        elif self._frames.shape[1:3] != (height, width):
            raise self._child.strange("it changed the size of the pictures")
        elif len(self._times) == len(self._frames):
            self._frames = np.concatenate([self._frames, np.empty_like(self._frames)])
        self._child.fill(self._frames[len(self._times)])
        self._times.append(time)

    def add_sound(self, length: int) -> None:
        """Receive the samples that follow those before."""
        self._account(length)
        if length % 4:
            raise self._child.strange(f"it sent {length} bytes of sound, which is no whole number of samples")
        samples = np.empty(length // 4, np.float32)
        self._child.fill(samples)
        self._sound.append(samples)

    def add_cue(self, body: dict[str, Any]) -> None:
        """Keep one cue of a subtitle track."""
        self.words.append(Word(start=float(body["start"]), end=float(body["end"]), text=str(body["text"])))

    def clip(self, body: dict[str, Any]) -> Clip:
        """The window as a clip."""
        name, start = self._request.path.name, float(body["start"])
        missing = {str(kind): str(reason) for kind, reason in body["missing"].items()}
        audio = None if "audio" in missing or not self._sound else np.concatenate(self._sound)
        lasts = sum(map(len, self._sound)) / self._request.sample_rate  # silence is not kept, but lasts
        clip = Clip(
            id=name if body["only"] else f"{name}@{start:g}s",
            audio=None if audio is None else AudioSignal(samples=audio, sample_rate=self._request.sample_rate),
            video=self._video(),
            start=start,
            length=lasts if audio is None and lasts else None,
            missing={kind: missing[kind] for kind in ("audio", "video") if kind in missing},
            notes=tuple(str(note) for note in body["notes"]),
        )
        self._begin()
        return clip

    def _video(self) -> VideoFrames | None:
        if self._frames is None:
            return None
        times = np.array(self._times, np.float64)
        frames = self._frames[: len(times)]
        if len(frames) < 0.75 * len(self._frames):
            frames = frames.copy()  # gives back what was held for pictures that never came
        span = times[-1] - times[0]
        fps = (len(times) - 1) / span if span > 0 else self._request.fps
        return VideoFrames(frames=frames, fps=float(fps), times=times)

    def _account(self, size: int) -> None:
        self._bytes += size
        most = self._request.limits.max_clip_bytes
        if self._bytes > most:
            raise MediaTooBig(
                f'"{self._request.path}": one clip of it takes more than the {most / (1 << 20):,.0f} MiB '
                "that Limits.max_clip_bytes allows",
                hint="affekt_media.windows(path, seconds=…), a smaller max_side, or a lower fps",
            )

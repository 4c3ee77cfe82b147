"""What a file holds, as `probe` reports it."""

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, kw_only=True)
class Track:
    """One stream of a file."""

    index: int
    """The index of the stream in the file; what `audio_track` and `video_track` of `load` take."""
    kind: str
    """"audio", "video", "subtitle", "cover" for a still picture, or what else the container calls it."""
    codec: str | None
    """The codec; None where the decoder does not know it."""
    duration: float | None
    """The duration in seconds, as the header claims."""
    start: float | None
    """The start in seconds, as the header claims."""
    language: str | None
    title: str | None
    default: bool
    """Marked as the one to play."""
    chosen: bool
    """The one `load` takes unless told otherwise."""
    sample_rate: int | None = None
    channels: int | None = None
    layout: str | None = None
    """"stereo", "5.1", …"""
    width: int | None = None
    height: int | None = None
    """Pixels as coded, before rotation."""
    fps: float | None = None
    """Frames a second on average, as the header claims."""


@dataclass(frozen=True, kw_only=True)
class MediaInfo:
    """Tracks, duration and rates of a file. Nothing is decoded to find them: they are the header's claims."""

    path: Path
    container: str
    """FFmpeg's name of the format, such as "mov,mp4,m4a,3gp,3g2,mj2"."""
    duration: float | None
    """The duration in seconds; None where the container does not say."""
    tracks: tuple[Track, ...]

    def track(self, kind: str) -> Track | None:
        """The chosen track of a kind."""
        return next((track for track in self.tracks if track.kind == kind and track.chosen), None)

"""What the caller asks of the decoding child, checked before a process is started."""

from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Literal

from affekt.errors import OptionsError

from affekt_media.limits import Limits


@dataclass(frozen=True, kw_only=True)
class Request:
    """Serves `load`, `windows` and `probe` alike."""

    path: Path
    task: Literal["decode", "probe"] = "decode"
    window: float | None = None
    """The length of a window in seconds; None for the whole file in one clip."""
    fps: float = 10.0
    max_side: int = 640
    sample_rate: int = 16_000
    audio_track: int | None = None
    video_track: int | None = None
    channel: int | None = None
    subtitles: bool = True
    limits: Limits

    def __post_init__(self) -> None:
        _within("fps", self.fps, 0.01, 1000)
        _within("max_side", self.max_side, 16, 8192)
        _within("sample_rate", self.sample_rate, 1000, 384_000)
        if self.channel is not None:
            _within("channel", self.channel, 0, 255)
        if self.window is not None:
            _within("seconds", self.window, 0.1, self.limits.max_seconds)

    def to_json(self) -> dict[str, Any]:
        """Plain data for the pipe."""
        return asdict(self) | {"path": str(self.path)}


def _within(name: str, value: float, least: float, most: float) -> None:
    if not least <= value <= most:
        raise OptionsError(
            f"{name} should be from {least:g} to {most:g}; found {value!r}",
            hint=f"{name}={min(max(value, least), most):g}",
        )

"""What a file may cost. Beyond any of these the file is refused with an error that names the limit."""

from dataclasses import dataclass

_LEAST_MEMORY = (512 << 20) - 1


@dataclass(frozen=True, kw_only=True)
class Limits:
    """Bounds for one file. The defaults take five minutes of film in one clip and 8K pictures."""

    max_seconds: float = 300.0
    """Longest clip `load` returns, and longest window. Longer media: `windows`."""
    max_clip_bytes: int = 2 << 30
    """Decoded frames and samples of one clip."""
    max_pixels: int = 8192 * 4608
    """Width times height of a coded picture of a video."""
    max_still_pixels: int = 4 * 8192 * 4608
    """The same limit for a still picture, of which there is only one; cameras make larger ones than films are."""
    max_streams: int = 64
    """Tracks of any kind in one file."""
    memory_bytes: int = 4 << 30
    """Address space of the decoding process (where the system can limit it), itself included: 512 MiB at least."""
    seconds_to_decode: float = 120.0
    """Wall-clock time the caller waits for one clip or window; processor time is bounded by twice as much."""

    def __post_init__(self) -> None:
        for name, value in vars(self).items():
            least = _LEAST_MEMORY if name == "memory_bytes" else 0
            if not value > least:
                from affekt.errors import OptionsError  # here, so that the decoding process need not import affekt

                raise OptionsError(f"Limits.{name} should be more than {least}; found {value}", hint="the default")

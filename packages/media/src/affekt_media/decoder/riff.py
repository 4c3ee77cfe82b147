"""What the header of a WAV or AVI file states. FFmpeg silently believes the file's size in place of it."""

import struct
from pathlib import Path

_MOST_CHUNKS = 64
_UNKNOWN = (0, 0xFFFFFFFF)
"""Lengths that programs write when they cannot go back to correct them."""


def cut_off(path: Path) -> str | None:
    """A note where the file is shorter than its first eight bytes state."""
    with path.open("rb") as file:
        name, length = struct.unpack("<4sI", file.read(8))
    size = path.stat().st_size
    if name != b"RIFF" or length in _UNKNOWN or length + 8 <= size:
        return None
    return f"the file states a length of {length + 8:,} bytes and has {size:,}: it is cut off, or its header is wrong"


def stated_seconds(path: Path) -> float | None:
    """Length of the data chunk over the bytes a second; None where either is not stated."""
    with path.open("rb") as file:
        if file.read(4) != b"RIFF":
            return None
        file.seek(12)
        rate = 0
        for _ in range(_MOST_CHUNKS):
            header = file.read(8)
            if len(header) < 8:
                return None
            name, length = struct.unpack("<4sI", header)
            if name == b"data":
                return length / rate if rate and length not in _UNKNOWN else None
            body = file.read(16) if name == b"fmt " else b""
            if len(body) == 16:
                (rate,) = struct.unpack_from("<I", body, 8)
            file.seek(length + length % 2 - len(body), 1)
    return None

"""Whether the file of a still picture is all there: FFmpeg shows what it has of one, and says nothing."""

from pathlib import Path

_SEGMENT_OF_DATA, _END = 0xDA, b"\xff\xd9"
_PNG, _LAST_CHUNK = b"\x89PNG", b"IEND"


def cut_off(path: Path) -> str | None:
    """A note where a JPEG or PNG file lacks its end."""
    data = path.read_bytes()
    if _LAST_CHUNK in data[-4096:] if data.startswith(_PNG) else _jpeg_ends(data):
        return None
    return "the file of the picture is cut off: a part of the picture is missing, or coarse"


def _jpeg_ends(data: bytes) -> bool:
    """Whether there is an end of the picture after its data begin; the preview in a header has an end of its own."""
    offset = 2
    while offset + 4 <= len(data) and data[offset] == 0xFF:
        if data[offset + 1] == _SEGMENT_OF_DATA:
            return _END in data[offset:]
        offset += 2 + int.from_bytes(data[offset + 2 : offset + 4], "big")
    return True  # of an order that is not understood here

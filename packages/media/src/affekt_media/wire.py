"""What the decoding child writes and its parent reads: typed, length-prefixed messages over one pipe.

A message is a 16-byte header (magic, kind, length) and its body: JSON, or raw numbers in a fixed order. The parent
trusts none of it: lengths are checked before anything is allocated, and nothing is ever unpickled. The request goes
the other way, as one line of JSON on the child's standard input.
"""

import json
import struct
from enum import IntEnum
from typing import Any, BinaryIO

HEADER = struct.Struct("<4sIQ")
MAGIC = b"aFkT"
FRAME_HEADER = struct.Struct("<dII")
"""The header of a frame's body: seconds from the start of the window, height, width. RGB bytes follow."""


class Kind(IntEnum):
    """What a message's body holds."""

    INFO = 1
    """JSON: the tracks and duration, see `info.MediaInfo`."""
    FRAME = 2
    """One picture, see `FRAME_HEADER`."""
    SOUND = 3
    """Float32 samples of the window, in order."""
    CUE = 4
    """JSON: one subtitle cue, start, end and text."""
    WINDOW = 5
    """JSON: a window is complete."""
    REFUSAL = 6
    """JSON: why the child gives up; its last message."""
    DONE = 7
    """Empty: the end of the file, the child's last message."""


class Refusal(Exception):
    """The child's own error: it becomes the class of `errors` that `kind` names, in the parent."""

    def __init__(self, kind: str, message: str, hint: str) -> None:
        super().__init__(message)
        self.kind = kind
        self.message = message
        self.hint = hint


def send(pipe: BinaryIO, kind: Kind, *parts: Any) -> None:
    """Write one message whose body is the given buffers, joined."""
    views = [memoryview(part).cast("B") for part in parts]
    pipe.write(HEADER.pack(MAGIC, kind, sum(view.nbytes for view in views)))
    for view in views:
        pipe.write(view)


def send_json(pipe: BinaryIO, kind: Kind, body: dict[str, Any]) -> None:
    """Write one message with a JSON body, at once."""
    send(pipe, kind, json.dumps(body).encode())
    pipe.flush()


def receive_header(pipe: BinaryIO) -> tuple[Kind, int] | None:
    """Kind and body length of the next message; None at the end of the pipe, whole or cut.

    Raises:
        ValueError: this is no message.
    """
    header = pipe.read(HEADER.size)
    if len(header) < HEADER.size:
        return None
    magic, kind, length = HEADER.unpack(header)
    if magic != MAGIC:
        raise ValueError(f"not a message: {header!r}")
    return Kind(kind), length


def receive_into(pipe: BinaryIO, buffer: Any) -> bool:
    """Fill the buffer from the pipe; False when the pipe ends first."""
    view = memoryview(buffer).cast("B")
    filled = 0
    while filled < view.nbytes:
        count = pipe.readinto(view[filled:])  # type: ignore[attr-defined]
        if not count:
            return False
        filled += count
    return True

"""Texts that are analysed by themselves: a .txt file, or `-` for standard input."""

import codecs
import sys
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from affekt import Clip, Modality

STDIN = "-"
LONGEST = 1_000_000
"""Bytes of a text; a novel has as many."""
_MARKS = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))


def is_written(path: str) -> bool:
    """Whether a path names a text and no recording."""
    return path == STDIN or Path(path).suffix.lower() == ".txt"


def text_clip(path: str) -> "Clip":
    """A clip that holds the text alone.

    Raises:
        MediaError: the file is not there, or holds no text.
    """
    from affekt import Clip, MediaError

    name = "standard input" if path == STDIN else f'"{path}"'
    try:
        data = sys.stdin.buffer.read(LONGEST + 1) if path == STDIN else _head(Path(path))
    except OSError as error:
        raise MediaError(f"{name} cannot be read: {error.strerror or error}", hint="the path of a text file") from error
    if len(data) > LONGEST:
        raise MediaError(f"{name} is longer than {LONGEST:,} bytes", hint="one argument or speech at a time")
    encoding = next((encoding for mark, encoding in _MARKS if data.startswith(mark)), "utf-8")
    try:
        text = data.decode(encoding)
    except UnicodeDecodeError as error:
        raise MediaError(
            f"{name} is not text in UTF-8: byte {error.start} is {data[error.start]:#04x}",
            hint="saving it as UTF-8; a recording keeps its own ending, such as .mp4 or .wav",
        ) from error
    if "\0" in text:
        raise MediaError(
            f"{name} holds binary data and no text", hint="a recording keeps its own ending, such as .mp4 or .wav"
        )
    if not any(sign.isalnum() for sign in text):
        raise MediaError(f"{name} holds no words", hint="a text of one sentence or more")
    missing: dict[Modality, str] = {"audio": "a text has no sound", "video": "a text has no picture"}
    return Clip(id=path if path != STDIN else "standard input", text=text.strip(), missing=missing)


def _head(path: Path) -> bytes:
    with path.open("rb") as file:
        return file.read(LONGEST + 1)

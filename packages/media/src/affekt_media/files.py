"""Looks at a path before any decoder does, and at what lies beside it."""

import difflib
import os
import re
import stat
from pathlib import Path

from affekt_media.errors import MediaNotFound, UnreadableMedia

_ADDRESS = re.compile(r"[a-zA-Z][a-zA-Z0-9+.-]+://")
_MEDIA_HINT = "a media file: mp4, mkv, avi, mov, webm, wav, flac, mp3, ogg, m4a, jpg or png"


def regular_file(path: str | os.PathLike[str]) -> Path:
    """The absolute path of a readable file that holds something.

    Raises:
        MediaNotFound: nothing is there.
        UnreadableMedia: it is a directory, a pipe, a device, empty, or not ours to read.
    """
    name = os.fspath(path)
    if _ADDRESS.match(name):
        raise UnreadableMedia(f'"{name}" is an address; only local files are opened', hint="downloading it first")
    try:
        absolute = Path(name).expanduser().absolute()
        status = absolute.stat()
    except FileNotFoundError as error:
        raise MediaNotFound(f'there is no file "{name}"', hint=_similar(Path(name))) from error
    except (OSError, ValueError, RuntimeError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise UnreadableMedia(f'"{name[:200]}" cannot be opened: {reason}', hint="another path") from error
    if not stat.S_ISREG(status.st_mode):
        raise UnreadableMedia(f'"{name}" is {_what(status.st_mode)}, not a file', hint=_MEDIA_HINT)
    if status.st_size == 0:
        raise UnreadableMedia(f'"{name}" is empty: 0 bytes', hint="copying or downloading the file again")
    if not os.access(absolute, os.R_OK):
        raise UnreadableMedia(f'"{name}" may not be read by this user', hint="changing who may read it")
    return absolute


def _what(mode: int) -> str:
    kinds = {
        stat.S_ISDIR: "a directory",
        stat.S_ISFIFO: "a pipe",
        stat.S_ISCHR: "a device",
        stat.S_ISBLK: "a device",
        stat.S_ISSOCK: "a socket",
    }
    return next((name for test, name in kinds.items() if test(mode)), "something else")


def _similar(path: Path) -> str:
    try:
        neighbours = os.listdir(path.expanduser().parent)
    except OSError:
        return "another folder: this one does not exist, or may not be read"
    close = difflib.get_close_matches(path.name, neighbours, n=1)
    return f'"{close[0]}"' if close else "the path of an existing file"

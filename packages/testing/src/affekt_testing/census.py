"""What a process holds: open files, threads and children. Also which files a piece of code opens."""

import gc
import os
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

Census = dict[str, int]

_watching: list[list[str]] = []


def census() -> Census:
    """How many files, threads and child processes are open. What the system does not tell is left out."""
    gc.collect()
    counts = {"threads": threading.active_count()}
    for folder in ("/proc/self/fd", "/dev/fd"):
        if Path(folder).is_dir():
            counts["files"] = len(os.listdir(folder))
            break
    children = Path(f"/proc/self/task/{os.getpid()}/children")
    if children.is_file():
        lists = [task / "children" for task in Path("/proc/self/task").iterdir()]
        counts["processes"] = sum(len(_read(path).split()) for path in lists)
    return counts


def grown(before: Census, by: int, patience: float = 1.0) -> dict[str, tuple[int, int]]:
    """What has grown by at least `by` since, once threads and children had a moment to end."""
    deadline = time.monotonic() + patience
    while True:
        now = census()
        more = {what: (before[what], now[what]) for what in before if now.get(what, 0) - before[what] >= by}
        if not more or time.monotonic() > deadline:
            return more
        time.sleep(0.05)


@contextmanager
def opened_files() -> Iterator[list[str]]:
    """Collects the files and sockets opened inside the block, other than those that imports read."""
    _install_watch()
    opened: list[str] = []
    _watching.append(opened)
    try:
        yield opened
    finally:
        _watching.remove(opened)


_CODE = (".py", ".pyc", ".so", ".pyd", ".dylib", ".dll", ".typed", ".pth", "METADATA", "entry_points.txt")
_installed: list[bool] = []


def _install_watch() -> None:
    if not _installed:  # an audit hook cannot be taken away again, so there is one that mostly does nothing
        _installed.append(True)
        sys.addaudithook(_audit)


def _audit(event: str, arguments: tuple[Any, ...]) -> None:
    if not _watching:
        return
    if event == "open" and isinstance(arguments[0], str | bytes | os.PathLike):
        path = os.fsdecode(arguments[0])
        if not path.endswith(_CODE) and not path.startswith(("/proc/", "/sys/")):
            _watching[-1].append(path)
    elif event == "socket.connect":
        _watching[-1].append(f"a connection to {arguments[1]!r}")
    elif event == "subprocess.Popen":
        _watching[-1].append(f"the process {arguments[0]!r}")


def _read(path: Path) -> str:
    try:
        return path.read_text()
    except OSError:  # the thread ended meanwhile
        return ""

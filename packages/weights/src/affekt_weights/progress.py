"""A bar on stderr for what takes over a second; nothing when stderr is no terminal."""

import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

_PATIENCE = 1.0
_EVERY = 0.2


@contextmanager
def growing(folder: Path, label: str, total: int) -> Iterator[None]:
    """Shows how a folder grows towards `total` bytes while the block runs."""
    with bar(label, total, lambda: folder_size(folder)):
        yield


@contextmanager
def bar(label: str, total: int, done: Callable[[], int]) -> Iterator[None]:
    """Shows `done()` out of `total` bytes while the block runs."""
    if not sys.stderr.isatty():
        yield
        return
    finished = threading.Event()
    painter = threading.Thread(target=_paint, args=(label, total, done, finished), daemon=True)
    painter.start()
    try:
        yield
    finally:
        finished.set()
        painter.join()


def _paint(label: str, total: int, done: Callable[[], int], finished: threading.Event) -> None:
    if finished.wait(_PATIENCE):
        return
    # rich is imported only now: most calls find everything in the cache and show nothing.
    from rich.console import Console
    from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TimeRemainingColumn

    columns = TextColumn("{task.description}"), BarColumn(), DownloadColumn(), TimeRemainingColumn()
    with Progress(*columns, console=Console(stderr=True), transient=True) as progress:
        task = progress.add_task(label, total=total)
        while not finished.wait(_EVERY):
            progress.update(task, completed=min(done(), total))


def folder_size(folder: Path) -> int:
    """Bytes of the files below a folder; files that vanish meanwhile count as nothing."""
    size = 0
    for path in folder.rglob("*"):
        try:
            size += path.stat().st_size if path.is_file() else 0
        except OSError:
            continue
    return size

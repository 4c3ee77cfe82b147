"""Who computes what: a claim is a locked file, and the system drops the lock when its process dies.

Claims hold among the processes of one machine, and of several where the file system shares locks. Without them the
store stays right, but two may compute the same.
"""

import hashlib
import os
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path

from affekt_features.backends import Backend, Folder

try:
    import fcntl
except ImportError:  # Windows: every claim is granted
    fcntl = None  # type: ignore[assignment]


class Claims:
    """The claims on the keys of one store."""

    def __init__(self, backend: Backend) -> None:
        if isinstance(backend, Folder):
            self.folder = backend.root / ".claims"
        else:
            name = hashlib.sha256(backend.url.encode()).hexdigest()[:16]
            self.folder = Path(tempfile.gettempdir()) / f"affekt-claims-{name}"
        self._sweep()

    @contextmanager
    def some(self, keys: Iterable[str]) -> Iterator[list[str]]:
        """Claims those keys that nobody else holds, and lets go of them at the end."""
        with ExitStack() as held:
            yield [key for key in keys if held.enter_context(self._claim(key, wait=False))]

    @contextmanager
    def one(self, key: str) -> Iterator[None]:
        """Waits until the key is free. Hold no other claim meanwhile: two that wait for each other wait for ever."""
        with self._claim(key, wait=True):
            yield

    def _sweep(self) -> None:
        """Removes the files of processes that were killed; a claim that is held cannot be taken, and stays."""
        keys = [path.name for path in self.folder.iterdir()] if self.folder.is_dir() else []
        with self.some(keys):
            pass

    @contextmanager
    def _claim(self, key: str, *, wait: bool) -> Iterator[bool]:
        file = self._lock(self.folder / key, wait) if fcntl else -1
        try:
            yield file is not None
        finally:
            if file is not None and file >= 0:
                with suppress(OSError):
                    os.unlink(self.folder / key)  # while it is still locked: see `_lock`
                os.close(file)

    def _lock(self, path: Path, wait: bool) -> int | None:
        """An open, locked file; None where somebody else holds it."""
        self.folder.mkdir(parents=True, exist_ok=True)
        while True:
            file = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
            try:
                fcntl.flock(file, fcntl.LOCK_EX | (0 if wait else fcntl.LOCK_NB))
            except BlockingIOError:
                os.close(file)
                return None
            except BaseException:
                os.close(file)
                raise
            if _still_there(file, path):
                return file
            os.close(file)  # its last holder removed it; whoever opens the path now gets another file


def _still_there(file: int, path: Path) -> bool:
    try:
        return os.path.samestat(os.fstat(file), os.stat(path))
    except FileNotFoundError:
        return False

"""Where the files of a store lie: a local folder, or anything that fsspec opens."""

import mmap
import os
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import suppress
from io import FileIO
from pathlib import Path
from typing import Any, NamedTuple, Protocol

import fsspec  # type: ignore[import-untyped]
import numpy as np
import psutil  # type: ignore[import-untyped]

from affekt_features.entry import PART
from affekt_features.errors import StoreError, writing

Bytes = np.ndarray[Any, np.dtype[np.uint8]]
Feed = Callable[[memoryview], None]
Stamp = tuple[int, ...]
"""Changes whenever a file does."""
_SETTLED = 2_000_000_000
"""Nanoseconds after which a further change is sure to show in a file's time."""


def _nothing(part: memoryview) -> None:
    pass


class StoredFile(NamedTuple):
    """A file that was read."""

    data: Bytes
    """The bytes, in memory of its own."""
    fed: bool
    """Whether its parts were fed."""
    stamp: Stamp | None
    """None where nothing would show a change."""


class Backend(Protocol):
    """A flat set of named files; a file appears whole or not at all."""

    url: str

    def read(self, name: str, feed: Feed = _nothing, trusted: Stamp | None = None) -> StoredFile | None:
        """A file; None when it is not there.

        Args:
            feed: called with the parts of the file in their order, of `entry.PART` bytes each, and
                the last of what is left; or with all of it.
            trusted: feed nothing where the file still has this stamp.
        """
        ...

    def begin(self, name: str, length: int) -> Bytes | None:
        """So many bytes from the beginning of a file, or fewer where it ends; None when it is not there."""
        ...

    def map(self, name: str) -> StoredFile | None:
        """A file whose bytes are fetched when they are read, where the backend can do so; None when it is not there.

        Nothing is fed. The bytes are read-only.
        """
        ...

    def write(self, name: str, data: bytes) -> None:
        """Puts a file in its place, over one that is there."""
        ...

    def remove(self, name: str) -> None:
        """Removes a file if it is there."""
        ...

    def names(self, folder: str) -> Iterator[str]:
        """Files of a folder with those of its subfolders, in order."""
        ...

    def free(self) -> int | None:
        """Bytes that still fit; None where nobody knows."""
        ...


class Folder:
    """A local folder. Temporary files of a killed writer are swept by the next one that opens the store."""

    def __init__(self, root: Path) -> None:
        self.root = root.expanduser().absolute()
        self.url = str(self.root)
        self._prefix = f"{self.root}{os.sep}"
        self._partial = self.root / ".partial"
        with writing(self.url):
            self._partial.mkdir(parents=True, exist_ok=True)
        self._sweep()

    def read(self, name: str, feed: Feed = _nothing, trusted: Stamp | None = None) -> StoredFile | None:
        try:
            file = open(self._prefix + name, "rb", buffering=0)  # noqa: SIM115  closed below
        except FileNotFoundError:
            return None
        except OSError as error:
            raise StoreError(f'"{self._prefix + name}" cannot be read: {error.strerror}') from error
        try:
            status = os.fstat(file.fileno())
            stamp = _stamp(status)
            data, unchanged = np.empty(status.st_size, np.uint8), stamp is not None and stamp == trusted
            filled = (
                _fill(file, data.data, status.st_size, _nothing) if unchanged else _fill(file, data.data, PART, feed)
            )
            return StoredFile(data if filled == len(data) else data[:filled], not unchanged, stamp)
        except OSError:
            return StoredFile(np.empty(0, np.uint8), True, None)  # an unreadable sector: as good as corrupt
        finally:
            file.close()

    def begin(self, name: str, length: int) -> Bytes | None:
        try:
            with open(self._prefix + name, "rb", buffering=0) as file:
                return np.frombuffer(file.read(length), np.uint8)
        except FileNotFoundError:
            return None
        except OSError as error:
            raise StoreError(f'"{self._prefix + name}" cannot be read: {error.strerror}') from error

    def map(self, name: str) -> StoredFile | None:
        try:
            with open(self._prefix + name, "rb", buffering=0) as file:
                status = os.fstat(file.fileno())
                # Entries are replaced and never written over, so what is mapped stays as it was.
                mapped = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) if status.st_size else b""
        except FileNotFoundError:
            return None
        except OSError as error:
            raise StoreError(f'"{self._prefix + name}" cannot be read: {error.strerror}') from error
        return StoredFile(np.frombuffer(mapped, np.uint8), False, _stamp(status))

    def write(self, name: str, data: bytes) -> None:
        # Not synced: a kill loses nothing, and what a power cut tears is found by its checksum.
        target, partial = self.root / name, self._partial / f"{os.getpid()}-{uuid.uuid4().hex}"
        try:
            with writing(self.url):
                target.parent.mkdir(parents=True, exist_ok=True)
                partial.write_bytes(data)
                os.replace(partial, target)
        finally:
            with suppress(OSError):
                partial.unlink(missing_ok=True)

    def remove(self, name: str) -> None:
        with writing(self.url):
            (self.root / name).unlink(missing_ok=True)

    def names(self, folder: str) -> Iterator[str]:
        for path in sorted((self.root / folder).rglob("*")):
            if path.is_file():
                yield path.relative_to(self.root).as_posix()

    def free(self) -> int | None:
        status = os.statvfs(self.root) if hasattr(os, "statvfs") else None
        return status.f_bavail * status.f_frsize if status else None

    def _sweep(self) -> None:
        for path in self._partial.iterdir():
            writer = path.name.partition("-")[0]
            if not (writer.isdigit() and psutil.pid_exists(int(writer))):
                with suppress(OSError):
                    path.unlink(missing_ok=True)


class Remote:
    """Object storage, or any other file system of fsspec. A put of an object is whole or not at all."""

    def __init__(self, url: str, **options: Any) -> None:
        try:
            self._files, self._root = fsspec.core.url_to_fs(url, **options)
        except (ImportError, ValueError) as error:
            raise StoreError(
                f'"{url}" cannot be opened: {error}', hint="a folder, or a URL that fsspec knows"
            ) from error
        self.url = url
        self._root = self._root.rstrip("/")

    def read(self, name: str, feed: Feed = _nothing, trusted: Stamp | None = None) -> StoredFile | None:
        try:
            data = np.frombuffer(bytearray(self._files.cat_file(f"{self._root}/{name}")), np.uint8)
            feed(data.data)
            return StoredFile(data, True, None)
        except FileNotFoundError:
            return None
        except OSError as error:
            raise StoreError(f'"{self.url}/{name}" cannot be read: {error}') from error

    def begin(self, name: str, length: int) -> Bytes | None:
        try:
            return np.frombuffer(self._files.cat_file(f"{self._root}/{name}", end=length), np.uint8)
        except FileNotFoundError:
            return None
        except OSError as error:
            raise StoreError(f'"{self.url}/{name}" cannot be read: {error}') from error

    def map(self, name: str) -> StoredFile | None:
        content = self.read(name)
        return None if content is None else content._replace(fed=False)

    def write(self, name: str, data: bytes) -> None:
        with writing(self.url):
            self._files.makedirs(f"{self._root}/{name.rpartition('/')[0]}", exist_ok=True)
            self._files.pipe_file(f"{self._root}/{name}", data)

    def remove(self, name: str) -> None:
        with suppress(FileNotFoundError), writing(self.url):
            self._files.rm_file(f"{self._root}/{name}")

    def names(self, folder: str) -> Iterator[str]:
        for path in sorted(self._files.find(f"{self._root}/{folder}")):
            yield path[path.index(f"{self._root}/") + len(self._root) + 1 :]

    def free(self) -> int | None:
        return None


def _stamp(status: os.stat_result) -> Stamp | None:
    """None for a file that changed a moment ago: it could change again without its time showing it."""
    if status.st_ctime_ns >= time.time_ns() - _SETTLED:
        return None
    return (status.st_ino, status.st_size, status.st_mtime_ns, status.st_ctime_ns)


def _fill(file: FileIO, view: memoryview, part: int, feed: Feed) -> int:
    """Reads what fits, feeds every part while it still lies in the processor's cache, and returns the bytes read."""
    for begin in range(0, len(view), part):
        piece = view[begin : begin + part]
        filled = file.readinto(piece) or 0
        while filled < len(piece):  # a signal, a network, or a file that was cut meanwhile
            more = file.readinto(piece[filled:])
            if not more:
                feed(piece[:filled])
                return begin + filled
            filled += more
        feed(piece)
    return len(view)


def open_backend(url: str | Path, **options: Any) -> Backend:
    """The backend of this path or URL.

    Raises:
        StoreError: it cannot be opened or made.
    """
    text = str(url)
    if "://" in text or "::" in text:
        return Remote(text, **options)
    return Folder(Path(text))

"""Bytes checked while they are copied: never more than promised, and the right ones."""

import hashlib
import os
from collections.abc import Iterable
from pathlib import Path
from typing import Protocol

from affekt_weights.errors import WrongHash
from affekt_weights.manifest import WeightsFile

_BLOCK = 1 << 20


class Readable(Protocol):
    """What is read in blocks, an open file or an archive's member."""

    def read(self, size: int, /) -> bytes: ...


def write_checked(target: Path, file: WeightsFile, streams: Iterable[Readable]) -> None:
    """Writes the streams one after the other into `target`, which must turn out as the entry promises.

    Raises:
        WrongHash: there are more or fewer bytes, or other ones. `target` is then gone.
    """
    target.parent.mkdir(parents=True, exist_ok=True)
    digest, size = hashlib.sha256(), 0
    try:
        with target.open("wb") as out:
            for stream in streams:
                # One byte over the promise ends it: an archive that inflates without end never fills the disk.
                while block := stream.read(min(_BLOCK, file.size - size + 1)):
                    digest.update(block)
                    size += len(block)
                    if size > file.size:
                        raise WrongHash(f"{file.path} is longer than the {file.size} bytes it should have")
                    out.write(block)
            out.flush()
            os.fsync(out.fileno())
        if size != file.size:
            raise WrongHash(f"{file.path} has {size} bytes instead of {file.size}")
        if digest.hexdigest() != file.sha256:
            raise WrongHash(f"{file.path} has sha256 {digest.hexdigest()} instead of {file.sha256}")
    except BaseException:
        target.unlink(missing_ok=True)
        raise


def sha256_of(path: Path) -> str:
    """The file's sha256 in hexadecimal."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()

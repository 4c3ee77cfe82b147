"""Windows of a long recording that are finished, on disk, so that an analysis that was killed goes on from there.

    analysis = pipeline.analyze("lecture.mp4", resume="lecture.windows")

A window is one file, which appears whole or not at all. The folder is gone when the analysis is done: voices and faces
of people, which are biometric, are kept no longer than that.
"""

import json
import os
import shutil
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from zipfile import BadZipFile

from affekt import DataError

from affekt_recordings.stored import from_file, to_bytes
from affekt_recordings.windows import Part

RECORD = "recording.json"


class Journal:
    """The finished windows of one recording, under one pipeline."""

    def __init__(self, folder: str | Path, source: str | Path, channel: int | None, made_by: Mapping[str, Any]) -> None:
        """Opens the folder, or begins it.

        Raises:
            DataError: it holds something else, or windows of another recording or pipeline.
        """
        self._folder = Path(folder)
        facts = _facts(Path(source), channel, made_by)
        record = self._folder / RECORD
        if record.is_file():
            if record.read_text(encoding="utf-8") != facts:
                raise DataError(
                    f'"{self._folder}" holds windows of another recording, or of another pipeline or version',
                    hint="another folder, or remove it to begin anew",
                )
            return
        if self._folder.exists() and (not self._folder.is_dir() or any(self._folder.iterdir())):
            raise DataError(f'"{self._folder}" is there and holds no windows', hint="a folder that does not exist yet")
        self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        _write(record, facts.encode())

    def parts(self) -> list[Part]:
        """The windows that are finished, in order; what was cut off by a full disk ends them."""
        parts: list[Part] = []
        while (path := self._path(len(parts))).is_file():
            try:
                with path.open("rb") as file:
                    parts += from_file(file)
            except (OSError, ValueError, KeyError, BadZipFile):
                break
        return parts

    def add(self, number: int, part: Part) -> None:
        """Keeps a window, without its sound and pictures."""
        _write(self._path(number), to_bytes([part]))

    def remove(self) -> None:
        """Deletes the folder and all in it."""
        shutil.rmtree(self._folder, ignore_errors=True)

    def _path(self, number: int) -> Path:
        return self._folder / f"window-{number:05}.npz"


def _facts(source: Path, channel: int | None, made_by: Mapping[str, Any]) -> str:
    """What must be the same for windows to be of the same analysis."""
    try:
        status = source.stat()
    except OSError as error:
        raise DataError(f'"{source}" cannot be resumed: {error.strerror}', hint="a file") from error
    facts = {"source": source.name, "size": status.st_size, "changed": status.st_mtime_ns, "channel": channel}
    return json.dumps(facts | {"pipeline": dict(made_by)}, sort_keys=True, default=str, indent=1)


def _write(path: Path, content: bytes) -> None:
    handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        os.replace(temporary, path)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise

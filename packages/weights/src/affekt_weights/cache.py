"""Where unpacked weights lie: one folder an entry, which appears whole or not at all.

<user cache>/affekt/weights/          or $AFFEKT_CACHE/weights/
    whisper-base-0d1c…/               an entry: its files and a record of where they came from
    whisper-base-0d1c…+transformers/  something made from it, see `derive`
    .partial/                         pulls under way; verified archives of an interrupted one, to go on from
    .locks/                           one lock an entry, so that parallel processes pull once
"""

import json
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict
from pathlib import Path
from typing import Any

import platformdirs
from filelock import FileLock

from affekt_weights.manifest import WeightsInfo

RECORD = "affekt-weights.json"


def cache_folder() -> Path:
    """The folder that holds all entries; it need not exist yet."""
    chosen = os.environ.get("AFFEKT_CACHE")
    return (Path(chosen).expanduser() if chosen else platformdirs.user_cache_path("affekt")) / "weights"


def entry_folder(info: WeightsInfo) -> Path:
    """Where the entry lies once pulled."""
    return cache_folder() / info.folder


def is_whole(info: WeightsInfo) -> bool:
    """Whether every file is there with its size. Cheap: contents are compared when they arrive and by `verify`."""
    folder = entry_folder(info)
    return (folder / RECORD).is_file() and holds(folder, info)


def holds(folder: Path, info: WeightsInfo) -> bool:
    """Whether a folder has every file of an entry with its size."""
    try:
        return all((folder / file.path).stat().st_size == file.size for file in info.files)
    except OSError:
        return False


@contextmanager
def locked(folder: str) -> Iterator[None]:
    """Holds an entry's lock; the operating system frees it when a process dies."""
    locks = cache_folder() / ".locks"
    locks.mkdir(parents=True, exist_ok=True)
    with FileLock(locks / f"{folder}.lock"):
        yield


@contextmanager
def staging(folder: str) -> Iterator[Path]:
    """A folder to prepare an entry in. Call it with the lock held.

    Whatever happens, only the verified archives in `archives/` outlive the block, and only if it fails.
    """
    staged = cache_folder() / ".partial" / folder
    _drop_all_but_archives(staged)
    (staged / "archives").mkdir(parents=True, exist_ok=True)
    try:
        yield staged
    except BaseException:
        _drop_all_but_archives(staged)
        raise
    else:
        shutil.rmtree(staged, ignore_errors=True)
    finally:
        _drop_empty(staged.parent)


def _drop_all_but_archives(folder: Path) -> None:
    for child in folder.iterdir() if folder.is_dir() else ():
        if child.name != "archives":
            _drop(child)
    for empty in (folder / "archives", folder):
        if empty.is_dir() and not any(empty.iterdir()):
            empty.rmdir()


def _drop(path: Path) -> None:
    shutil.rmtree(path, ignore_errors=True) if path.is_dir() else path.unlink(missing_ok=True)


def _drop_empty(folder: Path) -> None:
    with suppress(OSError):  # something else is being pulled
        folder.rmdir()


def publish(prepared: Path, folder: str) -> Path:
    """Moves a finished folder to its place in one step, over whatever damaged thing is there."""
    final = cache_folder() / folder
    if final.exists():
        remove_folder(folder)
    os.replace(prepared, final)
    return final


def remove_folder(folder: str) -> None:
    """Removes a folder of the cache; it vanishes in one step, so that nobody reads half of it."""
    trash = cache_folder() / ".partial" / f"{folder}.removed-{os.getpid()}"
    trash.parent.mkdir(parents=True, exist_ok=True)
    try:
        os.replace(cache_folder() / folder, trash)
    except FileNotFoundError:
        return
    shutil.rmtree(trash, ignore_errors=True)
    _drop_empty(trash.parent)


def write_record(folder: Path, info: WeightsInfo, source: str) -> None:
    """Notes beside the files what they are and where they came from."""
    files = [asdict(file) for file in info.files]
    record = {"name": info.name, "source": source, "licence": info.licence, "files": files}
    (folder / RECORD).write_text(json.dumps(record, indent=2) + "\n", encoding="utf-8")


def note_origin(folder: Path, origin: Path, label: str) -> None:
    """Notes in a derived folder what it was made from."""
    record = {"name": label, "source": str(origin)}
    (folder / RECORD).write_text(json.dumps(record, indent=2) + "\n", encoding="utf-8")


def read_record(folder: Path) -> dict[str, Any]:
    """What `write_record` wrote; empty when there is none."""
    try:
        record = json.loads((folder / RECORD).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return record if isinstance(record, dict) else {}

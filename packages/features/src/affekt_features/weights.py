"""The hash of a component's weights, however its options name them: an entry of the catalogue, a path, or the hub's."""

import hashlib
from functools import lru_cache
from pathlib import Path

import affekt_weights
from affekt_weights import WeightsInfo

_NAMING = ("model", "weights", "checkpoint")
"""Options whose value may be a repository of the hub; any other option counts when it names a path or an entry."""


def contents_of_weights(name: str) -> str:
    """The contents of an entry of the catalogue, by its manifest alone. An unknown name stands for itself."""
    entry = affekt_weights.catalogue().get(name)
    return _manifest(entry) if isinstance(entry, WeightsInfo) else f"unknown:{name}"


def contents_of_option(option: str, value: str, revision: str | None) -> str | None:
    """The contents of what an option names; None when it names no weights.

    Raises:
        WeightsError: it names a repository of the hub that cannot be had.
    """
    entry = affekt_weights.catalogue().get(value)
    if isinstance(entry, WeightsInfo):
        return _manifest(entry)
    path = Path(value).expanduser()
    if ("/" in value or "\\" in value or "." in value or option in _NAMING) and path.exists():
        return of_path(path)
    if option in _NAMING and value.count("/") == 1:
        # The encoder would pull it anyway. A snapshot's folder is named after its commit.
        folder = affekt_weights.fetch(value, revision=revision)
        return f"commit:{folder.name}" if folder.parent.name == "snapshots" else of_path(folder)
    return None


def _manifest(entry: WeightsInfo) -> str:
    text = "\n".join(sorted(f"{file.sha256} {file.path}" for file in entry.files))
    return f"manifest:{hashlib.sha256(text.encode()).hexdigest()}"


def of_path(path: Path) -> str:
    """SHA-256 of a file, or of all files of a folder with their names."""
    files = sorted(p for p in path.rglob("*") if p.is_file()) if path.is_dir() else [path]
    state = hashlib.sha256()
    for file in files:
        status = file.stat()
        name = file.relative_to(path).as_posix() if path.is_dir() else ""
        state.update(f"{name}\0{_of_file(str(file.resolve()), status.st_size, status.st_mtime_ns)}\n".encode())
    return f"sha256:{state.hexdigest()}"


@lru_cache(maxsize=4096)
def _of_file(path: str, size: int, changed: int) -> str:
    """Read once as long as its size and time stay."""
    with Path(path).open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()

"""Finds the media of a clip by its name, in the folders of a data set."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from affekt_datasets.errors import DatasetError
from affekt_datasets.loading import PICTURES
from affekt_datasets.problems import Report

SUFFIXES = frozenset({
    ".wav", ".flac", ".mp3", ".ogg", ".opus", ".m4a", ".mp4", ".avi", ".mkv", ".mov", ".webm", ".flv"
})  # fmt: skip


@dataclass
class Media:
    """Clip's name → its file, or its folder of pictures."""

    folders: tuple[Path, ...]
    paths: dict[str, Path] = field(default_factory=dict)
    used: set[str] = field(default_factory=set)

    def take(self, name: str, report: Report, where: object) -> Path | None:
        """The media of this name; notes when they are missing or empty."""
        path = self.paths.get(name)
        self.used.add(name)
        if path is None:
            report.add("missing", name, where)
        elif path.is_file() and path.stat().st_size == 0:
            report.add("empty", path, where)
        return path

    def note_strays(self, report: Report) -> None:
        """Notes files that nobody took."""
        for name in self.paths.keys() - self.used:
            report.add("stray", self.paths[name], self.folders[0])


def index(
    folders: Iterable[Path], report: Report, *, pictures: bool = False, names: Mapping[str, str] | None = None
) -> Media:
    """Looks through folders, the first one first.

    Args:
        pictures: folders that hold pictures count as clips.
        names: a file's stem → the clip's name, where they differ.
    """
    media = Media(folders=tuple(folders))
    for folder in media.folders:
        for path in clips_in(folder, pictures):
            name = (names or {}).get(path.stem, path.stem)
            if name in media.paths:
                report.add("duplicate", path, media.paths[name])
            else:
                media.paths[name] = path
    return media


def clips_in(folder: Path, pictures: bool = False) -> Iterator[Path]:
    """Media files below a folder in the order of their names, hidden ones left out."""
    held: set[Path] = set()
    for path in sorted(folder.rglob("*")) if folder.is_dir() else ():
        if path.name.startswith("."):
            continue
        if path.suffix.lower() in SUFFIXES:
            yield path
        elif pictures and path.suffix.lower() in PICTURES and path.parent not in held:
            held.add(path.parent)
            yield path.parent


def existing_root(name: str, root: Path) -> Path:
    """The folder of a data set.

    Raises:
        DatasetError: it is not there.
    """
    root = root.expanduser()
    if not root.is_dir():
        what = "is a file, not a folder" if root.exists() else "does not exist"
        raise DatasetError(f'"{root}" {what}, so it holds no {name}', hint="the folder as its makers hand it out")
    return root


def near(root: Path, *names: str) -> Path | None:
    """The first file or folder of these names in a folder or one level below."""
    for name in names:
        if (root / name).exists():
            return root / name
        if below := sorted(root.glob(f"*/{name}")):
            return below[0]
    return None


def feature_folders(root: Path) -> dict[str, Path]:
    """Folders that hold .npy files, up to two levels down: name → folder."""
    folders = [path for pattern in ("*", "features/*") for path in sorted(root.glob(pattern)) if path.is_dir()]
    return {folder.name: folder for folder in folders if next(folder.glob("*.npy"), None)}

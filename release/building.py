"""Wheels and sdists, built from what git tracks and from nothing else that lies about.

A file that was never added to git is in nobody's clone, so it must not be in a wheel either: each distribution is
copied file by file, as git lists them, and built from the copy. Where there is no git (an unpacked archive of the
repository) every file is taken.
"""

import shutil
import subprocess
import tarfile
from collections.abc import Iterator
from concurrent.futures import Executor
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from hatchling.builders.sdist import SdistBuilder
from hatchling.builders.wheel import WheelBuilder

from release.workspace import Distribution


@dataclass(frozen=True, kw_only=True)
class Built:
    """What was built of one distribution."""

    wheel: Path
    sdist: Path
    wheel_of_sdist: Path
    """The wheel that the sdist builds, which should hold what `wheel` holds."""


def tracked_files(folder: Path) -> list[Path] | None:
    """The files that git tracks below a folder and that are there; None where there is no git."""
    command = ["git", "-C", str(folder), "ls-files", "-z", "--", "."]
    try:
        listing = subprocess.run(command, capture_output=True, check=True, text=True).stdout
    except (OSError, subprocess.CalledProcessError):
        return None
    return [folder / name for name in listing.split("\0") if name and (folder / name).is_file()]


def untracked_files(folder: Path) -> list[str]:
    """Files below a folder that git neither tracks nor ignores: they are in no wheel until they are added."""
    command = ["git", "-C", str(folder), "ls-files", "-z", "--others", "--exclude-standard", "--", "."]
    try:
        listing = subprocess.run(command, capture_output=True, check=True, text=True).stdout
    except (OSError, subprocess.CalledProcessError):
        return []
    return [name for name in listing.split("\0") if name]


def copy_tracked(folder: Path, target: Path) -> None:
    """Copies a distribution's folder without what git does not track.

    Raises:
        FileNotFoundError: git tracks no pyproject.toml there.
    """
    if (files := tracked_files(folder)) is None:
        shutil.copytree(folder, target, ignore=shutil.ignore_patterns("__pycache__", "*.egg-info", "dist", ".*"))
        return
    if folder / "pyproject.toml" not in files:
        raise FileNotFoundError(f"git tracks no pyproject.toml in {folder.name}\nTry: git add {folder.name}")
    for file in files:
        copy = target / file.relative_to(folder)
        copy.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(file, copy)


def build_wheel(folder: Path, out: Path) -> Path:
    """Builds the wheel of a folder that holds a pyproject.toml."""
    return Path(next(iter(WheelBuilder(str(folder)).build(directory=str(out), versions=["standard"]))))


def build_sdist(folder: Path, out: Path) -> Path:
    """Builds the sdist of a folder that holds a pyproject.toml."""
    return Path(next(iter(SdistBuilder(str(folder)).build(directory=str(out), versions=["standard"]))))


def build(folder: Path, out: Path) -> Built:
    """Builds a distribution's wheel and sdist into `out`, and the wheel of its sdist into a folder below it."""
    with TemporaryDirectory(prefix="affekt-build-") as temporary:
        source, unpacked = Path(temporary) / folder.name, Path(temporary) / "unpacked"
        copy_tracked(folder, source)
        wheel, sdist = build_wheel(source, out), build_sdist(source, out)
        with tarfile.open(sdist) as archive:
            archive.extractall(unpacked, filter="data")
        (inner,) = unpacked.iterdir()
        return Built(wheel=wheel, sdist=sdist, wheel_of_sdist=build_wheel(inner, out / "from-sdist"))


def build_all(
    workspace: list[Distribution], out: Path, executor: Executor
) -> Iterator[tuple[Distribution, Built | Exception]]:
    """Builds every distribution, several at once; yields each as it was built, or the error that prevented it."""
    futures = [(distribution, executor.submit(build, distribution.folder, out)) for distribution in workspace]
    for distribution, future in futures:
        error = future.exception()
        if error is None:
            yield distribution, future.result()
        elif isinstance(error, Exception):
            yield distribution, error
        else:
            raise error

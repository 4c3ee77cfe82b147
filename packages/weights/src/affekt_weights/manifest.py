"""One entry a model: its files, where they come from, and what a user must know before the download.

Plugins announce entries through the hook `affekt_weights`; the module that holds them imports no framework.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import PurePosixPath

from affekt_weights.errors import BadManifest

_NAME = re.compile(r"[a-z0-9]+([.-][a-z0-9]+)*")
_NPM_NAME = re.compile(r"(@[a-z0-9][a-z0-9._-]*/)?[a-z0-9][a-z0-9._-]*")
_NPM_VERSION = re.compile(r"\d+\.\d+\.\d+[0-9A-Za-z.+-]*")
_SHA256 = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True, kw_only=True)
class WeightsFile:
    """One file of an unpacked entry."""

    path: str
    """Inside the entry's folder, with forward slashes: "model.bin"."""
    size: int
    """The size in bytes."""
    sha256: str

    def __post_init__(self) -> None:
        _check_path(self.path)
        _check_sha256(self.path, self.sha256)


@dataclass(frozen=True, kw_only=True)
class Wheel:
    """One wheel of a package index. It is read as an archive: never installed, never run."""

    package: str
    version: str
    sha256: str
    """The hash of the wheel itself."""
    size: int
    """Bytes of the download."""

    def __post_init__(self) -> None:
        _check_sha256(f"{self.package}=={self.version}", self.sha256)


@dataclass(frozen=True, kw_only=True)
class WheelSource:
    """Wheels that hold the files, some of them in several parts."""

    wheels: tuple[Wheel, ...]
    members: Mapping[str, str | tuple[str, ...]]
    """File of the entry → its path inside the wheels; several paths are the parts of it, in order."""

    @property
    def label(self) -> str:
        """How messages name the source."""
        names = [f"{wheel.package}=={wheel.version}" for wheel in self.wheels]
        return " + ".join(names) if len(names) < 3 else f"{names[0]} and {len(names) - 1} more wheels"

    def parts(self, path: str) -> tuple[str, ...]:
        """The members that make the file, in order."""
        members = self.members[path]
        return (members,) if isinstance(members, str) else members


@dataclass(frozen=True, kw_only=True)
class NpmSource:
    """One package of the npm registry. Its tarball is read as an archive: nothing in it is run."""

    package: str
    """The package, with its scope, where it has one: "@owner/name"."""
    version: str
    sha256: str
    """The hash of the tarball itself."""
    size: int
    """Bytes of the download."""
    members: Mapping[str, str]
    """File of the entry → its path inside the tarball, which begins with "package/"."""

    def __post_init__(self) -> None:
        if not _NPM_NAME.fullmatch(self.package) or not _NPM_VERSION.fullmatch(self.version):
            raise BadManifest(f'"{self.package}@{self.version}" is no package of npm', hint='"name" and "1.2.3"')
        _check_sha256(self.label, self.sha256)

    @property
    def label(self) -> str:
        """How messages name the source."""
        return f"npm:{self.package}@{self.version}"


@dataclass(frozen=True, kw_only=True)
class HubSource:
    """A Hugging Face repository at a revision."""

    repo: str
    revision: str
    """A commit, so that the files cannot change."""
    files: Mapping[str, str] = field(default_factory=dict)
    """File of the entry → its path in the repository, where they differ."""

    @property
    def label(self) -> str:
        """How messages name the source."""
        return f"huggingface:{self.repo}@{self.revision[:12]}"


@dataclass(frozen=True, kw_only=True)
class LocalSource:
    """A folder of this machine, or one mounted on it."""

    folder: str
    """`~` and environment variables are expanded."""
    files: Mapping[str, str] = field(default_factory=dict)
    """File of the entry → its path in the folder, where they differ."""

    @property
    def label(self) -> str:
        """How messages name the source."""
        return f"folder:{self.folder}"


@dataclass(frozen=True, kw_only=True)
class BundledSource:
    """A folder inside an installed package: the files are there already, and are used where they lie.

    It is the only source of its entry: what came with a distribution goes with it.
    """

    package: str
    """The import package that holds the files: "affekt_heads"."""
    distribution: str
    """What is to be installed again when a file has changed: "affekt-heads"."""
    folder: str = ""
    """Inside the package, with forward slashes; empty for the package's own folder."""

    def __post_init__(self) -> None:
        if self.folder:
            _check_path(self.folder)

    @property
    def label(self) -> str:
        """How messages name the source."""
        return f"distribution:{self.distribution}"


Source = WheelSource | NpmSource | HubSource | LocalSource | BundledSource


@dataclass(frozen=True, kw_only=True)
class TrainingData:
    """A data set that weights were trained on."""

    name: str
    """The name as its authors call it, with the split where only that was used: "FER2013 train"."""
    licence: str
    """An SPDX expression where there is one, else in words: "free for research"."""

    def __str__(self) -> str:
        return f"{self.name} ({self.licence})"


@dataclass(frozen=True, kw_only=True)
class WeightsInfo:
    """The weights of one model."""

    name: str
    """The name as in `affekt weights pull NAME`: lower case with hyphens."""
    summary: str
    """What the weights are, in one line."""
    files: tuple[WeightsFile, ...]
    sources: tuple[Source, ...]
    """The sources in their order: the next is asked when one fails."""
    licence: str
    """An SPDX expression where there is one."""
    restrictions: str = ""
    """What the licence forbids or asks for beyond attribution; empty when nothing does."""
    trained_on: tuple[TrainingData, ...] = ()
    """The data sets the weights were trained on; empty where their authors do not say, or the entry does not yet."""
    sample_rate: int | None = None
    """The sample rate of the sound that the model takes or makes, in hertz."""
    languages: tuple[str, ...] = ()
    """ISO 639-1; empty where it does not matter."""
    homepage: str = ""
    paper: str = ""

    def __post_init__(self) -> None:
        if not _NAME.fullmatch(self.name):
            raise BadManifest(f'"{self.name}" is no name for weights', hint="lower case, like whisper-base")
        if not self.files or not self.sources:
            raise BadManifest(f'weights "{self.name}" need at least one file and one source')
        paths = [file.path for file in self.files]
        if len(set(paths)) != len(paths):
            raise BadManifest(f'weights "{self.name}" list a file twice: {sorted(paths)}')
        if self.bundle is not None and len(self.sources) > 1:
            raise BadManifest(
                f'weights "{self.name}" come with {self.bundle.distribution}, and yet have other sources',
                hint="the bundled source alone",
            )
        for source in self.sources:
            _check_source(self.name, source, set(paths))

    @property
    def bundle(self) -> BundledSource | None:
        """Where the files lie when they come with an installed distribution; None when they are pulled."""
        return next((source for source in self.sources if isinstance(source, BundledSource)), None)

    @property
    def size(self) -> int:
        """Bytes of all files, unpacked."""
        return sum(file.size for file in self.files)

    @property
    def folder(self) -> str:
        """Name of the entry's folder in the cache: other contents, another folder."""
        contents = "\n".join(sorted(f"{file.sha256} {file.size} {file.path}" for file in self.files))
        return f"{self.name}-{sha256(contents.encode()).hexdigest()[:12]}"


def _check_source(name: str, source: Source, paths: set[str]) -> None:
    if isinstance(source, BundledSource):
        return
    of_archive = isinstance(source, WheelSource | NpmSource)
    named = set(source.members if isinstance(source, WheelSource | NpmSource) else source.files)
    if unknown := named - paths:
        raise BadManifest(f'weights "{name}": {source.label} names files that the entry lacks: {sorted(unknown)}')
    if of_archive and (lost := paths - named):
        raise BadManifest(f'weights "{name}": no member of {source.label} holds {sorted(lost)}')


def _check_path(path: str) -> None:
    pure = PurePosixPath(path)
    if not path or pure.is_absolute() or ".." in pure.parts or "\\" in path or ":" in path or str(pure) != path:
        raise BadManifest(f'"{path}" is no path inside an entry', hint='a plain relative path, like "model.bin"')


def _check_sha256(what: str, digest: str) -> None:
    if not _SHA256.fullmatch(digest):
        raise BadManifest(f'the sha256 of {what} should be 64 hexadecimal digits in lower case; found "{digest}"')

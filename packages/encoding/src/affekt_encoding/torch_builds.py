"""Whether the installed torchvision and torchaudio can be imported with the installed torch. Imports none of them.

Package indexes serve torchvision and torchaudio as CUDA builds on Linux. Beside a CPU build of torch they fail while
they are imported, deep inside whatever imports them: timm, coqui-tts, and transformers wherever they are installed.
`matching_builds` says so before, with what to do.
"""

import re
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from importlib import metadata
from importlib.machinery import PathFinder
from pathlib import Path

from affekt import MissingDependency
from packaging.requirements import InvalidRequirement, Requirement
from packaging.version import InvalidVersion, Version

LIBRARIES = ("torchvision", "torchaudio")
INDEX = "https://download.pytorch.org/whl"
REPAIR = "affekt_torch_cpu"
"""The package of a finder that repairs CUDA builds while they are imported; where it is at work, nothing fails."""
_PLATFORMS = {"cu": "CUDA", "rocm": "ROCm", "xpu": "XPU"}


class BuildMismatch(MissingDependency):
    """torchvision or torchaudio is installed in a build that the installed torch cannot load."""


@dataclass(frozen=True, kw_only=True)
class Build:
    """An installed build, as its own version file describes it."""

    name: str
    version: Version
    platform: str | None
    """The key of `_PLATFORMS` it was built for; None for the processor alone, and where the build does not tell."""
    release: str
    """The release of the platform, "13.0"."""
    folder: Path

    def __str__(self) -> str:
        return f"{self.name} {self.version}"

    @property
    def built_for(self) -> str:
        """The platform in words."""
        return f"{_PLATFORMS[self.platform]} {self.release}".strip() if self.platform else "the processor alone"


@contextmanager
def matching_builds(*libraries: str) -> Iterator[None]:
    """Surrounds the import of what imports these libraries; both when none is named.

    Raises:
        BuildMismatch: one of them is installed and cannot be imported with this torch.
    """
    require_matching_builds(libraries or LIBRARIES)
    yield


def require_matching_builds(libraries: Sequence[str] = LIBRARIES, path: Sequence[str] | None = None) -> None:
    """Checks the builds found on a search path, `sys.path` by default.

    Raises:
        BuildMismatch: one of them is installed and cannot be imported with this torch.
    """
    if any(type(finder).__module__ == REPAIR for finder in sys.meta_path):
        return
    torch = installed_build("torch", path)
    builds = [installed_build(name, path) for name in libraries if torch and (path or name not in sys.modules)]
    reasons, commands = [], []
    for build in builds:
        if build is None or torch is None:
            continue
        if (wanted := _wanted_torch(build, path)) and not wanted.specifier.contains(torch.version.base_version, True):
            reasons.append(f"{build} in {build.folder} asks for {wanted}, found {torch}")
            commands.append(f"pip install --upgrade torch=={torch.version.public} {build.name}{_index(torch)}")
        elif not _loads(build, torch):
            reasons.append(f"{build} in {build.folder} is built for {build.built_for}, {torch} for {torch.built_for}")
            same = f"{build.name}=={build.version.public}"
            commands.append(f"pip install --force-reinstall --no-deps {same}{_index(torch)}")
        else:
            continue
        if not _required(build.name, path):
            commands[-1] += f" (or pip uninstall {build.name}, which no installed package requires)"
    if reasons:
        raise BuildMismatch(f"{'; '.join(reasons)}: it cannot be imported", hint="; ".join(commands))


def installed_build(name: str, path: Sequence[str] | None = None) -> Build | None:
    """The build of this name on a search path; None where there is none that tells its version."""
    spec = PathFinder.find_spec(name, path)
    folder = Path(next(iter(spec.submodule_search_locations or ()), "")) if spec else Path()
    try:
        text = (folder / "version.py").read_text(encoding="utf-8")
        version = Version(_assigned(text, "__version__"))
    except (OSError, InvalidVersion):
        return None
    label = re.fullmatch(r"(cu|rocm|xpu)([\d.]*)", version.local or "")
    platform, release = (label[1], label[2]) if label else (None, "")
    if platform == "cu":
        release = f"{release[:-1]}.{release[-1:]}"
    for key, attribute in (("cu", "cuda"), ("rocm", "hip"), ("xpu", "xpu")):
        if stated := _assigned(text, attribute):
            platform, release = key, stated
    return Build(name=name, version=version, platform=platform, release=release, folder=folder)


def _assigned(text: str, name: str) -> str:
    """The text that a module assigns to a name."""
    match = re.search(rf"^{name}\b[^=\n]*=\s*['\"]([^'\"]+)", text, re.MULTILINE)
    return match[1] if match else ""


def _loads(build: Build, torch: Build) -> bool:
    """Whether the library's own check at import lets this pair pass: torchvision compares CUDA's major version only."""
    if build.platform is None:
        return True
    if build.platform != torch.platform:
        return False
    if build.platform != "cu":
        return True
    parts = 1 if build.name == "torchvision" else 2
    return build.release.split(".")[:parts] == torch.release.split(".")[:parts]


def _wanted_torch(build: Build, path: Sequence[str] | None) -> Requirement | None:
    """The library's own requirement on torch."""
    for distribution in metadata.distributions(name=build.name, path=list(path or sys.path)):
        return next((requirement for requirement in _requirements(distribution) if requirement.name == "torch"), None)
    return None


def _required(name: str, path: Sequence[str] | None) -> bool:
    """Whether an installed distribution depends on this one, extras aside."""
    return any(
        requirement.name.lower() == name
        for distribution in metadata.distributions(path=list(path or sys.path))
        for requirement in _requirements(distribution)
        if not (requirement.marker and "extra" in str(requirement.marker))
    )


def _requirements(distribution: metadata.Distribution) -> Iterator[Requirement]:
    for line in distribution.requires or ():
        try:
            yield Requirement(line)
        except InvalidRequirement:
            continue


def _index(torch: Build) -> str:
    """The index that serves builds for this torch; nothing where the default one does."""
    return f" --index-url {INDEX}/{torch.version.local}" if torch.version.local else ""

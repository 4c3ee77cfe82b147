"""Requirements on distributions: what a pipeline file writes, and whether what is installed here meets it."""

from collections.abc import Iterable, Iterator, Mapping
from importlib import metadata

from packaging.requirements import InvalidRequirement, Requirement
from packaging.utils import canonicalize_name
from packaging.version import Version

from affekt.errors import IncompatiblePlugin
from affekt.targets import Announced


def require_compatible(distribution: str, requires: Iterable[str], core_version: str) -> None:
    """Checks a distribution's own requirement on affekt-core, before anything of it is imported.

    Raises:
        IncompatiblePlugin: it asks for another version. A development version counts as its release.
    """
    for line in requires:
        try:
            requirement = Requirement(line)
        except InvalidRequirement:
            continue
        if requirement.name != "affekt-core" or (requirement.marker and not requirement.marker.evaluate()):
            continue
        if not requirement.specifier.contains(Version(core_version).base_version, prereleases=True):
            raise IncompatiblePlugin(
                f"{distribution} asks for affekt-core{requirement.specifier}; found {core_version}",
                hint=f"pip install --upgrade {distribution} affekt-core",
            )


def requirement_of(announced: Announced) -> str:
    """What a pipeline file writes under `requires` for a component's distribution."""
    release = Version(announced.version).release
    ceiling = f"{release[0]}.{release[1] + 1}" if release[0] == 0 and len(release) > 1 else str(release[0] + 1)
    return f"{announced.distribution}>={Version(announced.version).base_version},<{ceiling}"


def unmet(requirements: Iterable[str], installed: Mapping[str, str] | None = None) -> Iterator[str]:
    """Which requirements are not met here, each in a sentence."""
    for line in requirements:
        try:
            requirement = Requirement(line)
            version = (installed or {}).get(requirement.name) or metadata.version(requirement.name)
        except InvalidRequirement:
            yield f'"{line}" is not a requirement such as "affekt-whisper>=0.1,<0.2"'
        except metadata.PackageNotFoundError:
            yield f"{line} is not installed"
        else:
            if not requirement.specifier.contains(Version(version).base_version, prereleases=True):
                yield f"{line} is asked for, found {version}"


def not_installed(requirement: str) -> str | None:
    """The canonical name of what a requirement asks for, where it is not installed here at all."""
    try:
        name = Requirement(requirement).name
        metadata.version(name)
    except InvalidRequirement:
        return None
    except metadata.PackageNotFoundError:
        return canonicalize_name(name)
    return None

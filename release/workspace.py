"""The distributions of this repository, as their pyproject.toml files describe them."""

import tomllib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).resolve().parent.parent
FOLDERS = ("core", "packages/*", "plugins/*")
"""Where released distributions lie. compat/ is for development alone and never leaves the repository."""
FAMILY = "affekt"
"""The first word of the name of every distribution of this repository."""


@dataclass(frozen=True, kw_only=True)
class Distribution:
    """One distribution of the repository."""

    name: str
    """In the normal form of package indexes: lower case, hyphens."""
    version: str
    folder: Path
    project: dict[str, Any]
    """The table [project] of its pyproject.toml."""

    @property
    def requirements(self) -> list[Requirement]:
        """What it always depends on."""
        return [Requirement(line) for line in self.project.get("dependencies", ())]

    @property
    def extras(self) -> dict[str, list[Requirement]]:
        """What each of its extras adds."""
        return {
            canonicalize_name(extra): [Requirement(line) for line in lines]
            for extra, lines in self.project.get("optional-dependencies", {}).items()
        }


def distributions(root: Path = ROOT) -> list[Distribution]:
    """Every distribution that is released, by name."""
    paths = [path for pattern in FOLDERS for path in root.glob(f"{pattern}/pyproject.toml")]
    return sorted((_read(path) for path in paths), key=lambda distribution: distribution.name)


def _read(path: Path) -> Distribution:
    project = tomllib.loads(path.read_text(encoding="utf-8"))["project"]
    return Distribution(
        name=canonicalize_name(project["name"]), version=project["version"], folder=path.parent, project=project
    )


def is_ours(name: str) -> bool:
    """Whether a distribution of this name belongs to this repository."""
    normal = canonicalize_name(name)
    return normal == FAMILY or normal.startswith(f"{FAMILY}-")


def wrong_requirements(distribution: Distribution, workspace: Iterable[Distribution]) -> Iterator[str]:
    """What a distribution asks of its neighbours that they do not offer: a name, an extra or a version.

    An extra that adds nothing is reported as well: whoever installs it is led to believe that it did something.
    """
    neighbours = {neighbour.name: neighbour for neighbour in workspace}
    groups = {"dependencies": distribution.requirements}
    for extra, requirements in distribution.extras.items():
        groups[f"the extra {extra}"] = requirements
        if not requirements:
            yield f"the extra {extra} names nothing"
    for where, requirements in groups.items():
        for requirement in requirements:
            if not is_ours(requirement.name):
                continue
            neighbour = neighbours.get(canonicalize_name(requirement.name))
            if neighbour is None:
                yield f"{where}: no distribution of the workspace is called {requirement.name}"
                continue
            for wanted in sorted(map(canonicalize_name, requirement.extras)):
                if wanted not in neighbour.extras:
                    yield f"{where}: {neighbour.name} has no extra {wanted}"
            if not requirement.specifier.contains(neighbour.version, prereleases=True):
                yield f"{where}: {requirement} does not allow {neighbour.name} {neighbour.version} of the workspace"

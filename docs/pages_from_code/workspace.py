"""The distributions of the repository and what they announce, read without installing them or importing a framework."""

import sys
import tomllib
from dataclasses import dataclass
from functools import cached_property
from importlib import import_module, metadata
from importlib.util import find_spec, module_from_spec
from pathlib import Path
from typing import Any

from affekt.discovery import discover
from affekt.registry import Registry
from packaging.requirements import Requirement

ROOT = Path(__file__).resolve().parents[2]


@dataclass(frozen=True)
class Distribution:
    """One folder of the workspace: what its `pyproject.toml` says, and where its texts are."""

    folder: Path
    path: str
    """The folder, relative to the repository."""
    project: dict[str, Any]
    """The table `[project]`."""

    @property
    def name(self) -> str:
        return str(self.project["name"])

    @property
    def version(self) -> str:
        return str(self.project["version"])

    @property
    def requires(self) -> list[str]:
        """The requirements of a plain install."""
        return list(self.project.get("dependencies", ()))

    @property
    def source(self) -> Path:
        return self.folder / "src"

    @property
    def package(self) -> str | None:
        """The import package; None where the distribution holds no code."""
        found = sorted(path.parent.name for path in self.source.glob("*/__init__.py"))
        return found[0] if found else None

    @property
    def readme(self) -> Path:
        return self.folder / "README.md"

    @property
    def changelog(self) -> Path:
        return self.folder / "CHANGELOG.md"


@dataclass(frozen=True)
class _EntryPoint:
    """An entry point as `affekt.discovery.discover` takes it, of a distribution that need not be installed."""

    name: str
    module: str
    dist: Distribution

    def load(self) -> Any:
        """Imports the module that announces, without its package's `__init__`: that may need libraries."""
        package = self.module.partition(".")[0]
        if package not in sys.modules and (spec := find_spec(package)):
            sys.modules[package] = module_from_spec(spec)
        return import_module(self.module)


@dataclass(frozen=True)
class Workspace:
    """All distributions, core first, then packages and plugins by name."""

    root: Path
    members: tuple[Distribution, ...]

    @classmethod
    def read(cls, root: Path) -> "Workspace":
        """The workspace of a repository; `compat` holds shims for development and is left out."""
        files = [root / "core/pyproject.toml"]
        files += [path for group in ("packages", "plugins") for path in sorted(root.glob(f"{group}/*/pyproject.toml"))]
        return cls(
            root=root,
            members=tuple(
                Distribution(
                    folder=file.parent,
                    path=file.parent.relative_to(root).as_posix(),
                    project=tomllib.loads(file.read_text(encoding="utf-8"))["project"],
                )
                for file in files
            ),
        )

    def named(self, name: str) -> Distribution:
        return next(member for member in self.members if member.name == name)

    def group(self, folder: str) -> list[Distribution]:
        """The distributions of `packages` or `plugins`."""
        return [member for member in self.members if member.path.startswith(f"{folder}/")]

    @cached_property
    def registry(self) -> Registry:
        """What every plugin announces.

        Raises:
            RuntimeError: a plugin cannot be listed.
        """
        import_module("affekt_weights")  # whole: the announcements use it
        sys.path[:0] = [str(member.source) for member in self.members if str(member.source) not in sys.path]
        points = [
            _EntryPoint(name=name, module=module, dist=member)
            for member in self.members
            for name, module in member.project.get("entry-points", {}).get("affekt", {}).items()
        ]
        registry = discover(points, metadata.version("affekt-core"))
        if registry.failures:
            failures = "\n".join(f"{failure.distribution}: {failure.error}" for failure in registry.failures)
            raise RuntimeError(f"the documentation lists every plugin, and some cannot be listed:\n{failures}")
        return registry

    def libraries(self, member: Distribution) -> set[str]:
        """The names of what a plain install of a distribution asks for outside the workspace."""
        own = {other.name: other for other in self.members}
        libraries: set[str] = set()
        seen: set[str] = set()
        waiting = [member.name]
        while waiting:
            seen.add(waiting[-1])
            for requirement in map(Requirement, own[waiting.pop()].requires):
                if requirement.name not in own:
                    libraries.add(requirement.name)
                elif requirement.name not in seen:
                    waiting.append(requirement.name)
        return libraries

"""Fresh virtual environments: made and filled by uv, asked from outside, thrown away."""

import os
import shutil
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from importlib.metadata import distributions
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

SETTINGS = ("UV_", "PIP_", "PYTHON", "VIRTUAL_ENV", "CONDA", "HATCH_", "AFFEKT_")
"""Variables that begin so would make one machine's rehearsal differ from another's."""
KEPT = ("UV_CACHE_DIR", "UV_DEFAULT_INDEX", "UV_INDEX", "UV_INDEX_URL", "UV_PYTHON_INSTALL_DIR", "PIP_CERT")
"""Except these: where packages come from and where they are kept."""


class InstallError(Exception):
    """uv could not make or fill an environment; the message is what uv said."""


def clean(environment: Mapping[str, str]) -> dict[str, str]:
    """The variables of a process that is to see what a fresh machine shows."""
    return {
        name: value
        for name, value in environment.items()
        if name in KEPT or not any(name.startswith(prefix) for prefix in SETTINGS)
    }


@dataclass(frozen=True, kw_only=True)
class Installer:
    """How environments are filled: with which uv, from which wheels, within which versions."""

    uv: str
    python: str
    wheels: Path
    arguments: tuple[str, ...] = ()
    """Further arguments of `uv pip install`: constraints, overrides, where torch comes from."""
    variables: Mapping[str, str] = field(default_factory=lambda: clean(os.environ))

    def create(self, folder: Path) -> "Environment":
        """Makes an empty environment.

        Raises:
            InstallError: there is no such Python, or uv failed.
        """
        self._run([self.uv, "venv", "--quiet", "--python", self.python, str(folder)])
        return Environment(folder=folder, variables=self.variables)

    def install(self, environment: "Environment", requirements: Sequence[str], *, dry_run: bool = False) -> None:
        """Installs requirements with all they depend on, or only resolves them.

        Raises:
            InstallError: they cannot be resolved, fetched or built.
        """
        command = [self.uv, "pip", "install", "--quiet", "--python", str(environment.python)]
        command += ["--link-mode", "hardlink", "--find-links", str(self.wheels), *self.arguments]
        self._run([*command, *(["--dry-run"] if dry_run else []), *requirements])

    def _run(self, command: list[str]) -> None:
        result = subprocess.run(command, capture_output=True, text=True, env=dict(self.variables))
        if result.returncode != 0:
            raise InstallError((result.stderr or result.stdout).strip())


@dataclass(frozen=True, kw_only=True)
class Environment:
    """A virtual environment on disk."""

    folder: Path
    variables: Mapping[str, str]

    @property
    def scripts(self) -> Path:
        """The folder of its commands."""
        return self.folder / ("Scripts" if os.name == "nt" else "bin")

    @property
    def python(self) -> Path:
        """Its interpreter."""
        return self.scripts / ("python.exe" if os.name == "nt" else "python")

    @property
    def site_packages(self) -> Path:
        """Where its distributions lie."""
        return next(self.folder.glob("lib/python*/site-packages"), self.folder / "Lib" / "site-packages")

    def installed(self) -> dict[str, list[Requirement]]:
        """What is installed, by name, with what each asks for; read from metadata, without running anything."""
        return {
            canonicalize_name(distribution.metadata["Name"]): [
                Requirement(line) for line in distribution.requires or ()
            ]
            for distribution in distributions(path=[str(self.site_packages)])
        }

    def run(
        self, command: Sequence[str], *, timeout: float, cwd: Path, variables: Mapping[str, str] | None = None
    ) -> subprocess.CompletedProcess[str]:
        """Runs one of its commands, with its own commands first on the path.

        Raises:
            subprocess.TimeoutExpired: it took longer than `timeout` seconds.
        """
        first, *others = command
        path = os.pathsep.join([str(self.scripts), self.variables.get("PATH", "")])
        merged = {**self.variables, **(variables or {}), "PATH": path, "NO_COLOR": "1"}
        program = shutil.which(first, path=str(self.scripts)) or first
        return subprocess.run(
            [program, *others], capture_output=True, text=True, encoding="utf-8", errors="replace",
            timeout=timeout, cwd=cwd, env=merged,
        )  # fmt: skip


def reaches(name: str, goals: Sequence[str], installed: Mapping[str, list[Requirement]]) -> str | None:
    """The first of `goals` that a distribution depends on, at any remove; None when it depends on none of them.

    Markers are evaluated for the running platform. What is not installed is followed no further, but still counts:
    an environment that was filled without torch says what would have needed it.
    """
    pending, seen = [(canonicalize_name(name), "")], set()
    while pending:
        current = pending.pop()
        if current in seen:
            continue
        seen.add(current)
        if current[0] in goals:
            return current[0]
        for requirement in installed.get(current[0], ()):
            if requirement.marker is None or requirement.marker.evaluate({"extra": current[1]}):
                target = canonicalize_name(requirement.name)
                pending += [(target, wanted) for wanted in ("", *map(canonicalize_name, requirement.extras))]
    return None


@contextmanager
def fresh(installer: Installer, folder: Path) -> Iterator[Environment]:
    """An empty environment that is removed afterwards."""
    try:
        yield installer.create(folder)
    finally:
        shutil.rmtree(folder, ignore_errors=True)

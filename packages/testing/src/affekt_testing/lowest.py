"""One plugin's kit in an environment of its own, each dependency in the lowest version that the plugin declares.

uv resolves and installs. Distributions of a checkout of affekt that are on no index yet are built from it. Constraints
(`--constraint`, or uv's own UV_CONSTRAINT and UV_OVERRIDE) hold for all of it: where a library has no build for this
machine below some version, pin it there, and know that its lower bound was then not tried. Folders that UV_FIND_LINKS
names are searched as well.
"""

import os
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from affekt import AffektError
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name


class LowestFailed(AffektError):
    """The environment cannot be made, or the kit fails in it."""


def prove(plugin: Path, into: Path, constraints: list[Path], tests: list[str]) -> str:
    """Makes the environment and runs the kit in it; says which versions it ran with.

    Raises:
        LowestFailed: there is no plugin or no uv, no versions meet the bounds, or a test fails.
    """
    if not (plugin / "pyproject.toml").is_file():
        raise LowestFailed(f"{plugin} holds no pyproject.toml", hint="the folder of a plugin")
    wheels = into / "wheels"
    for source in local_sources(plugin):
        _uv("build", "--quiet", "--wheel", "--out-dir", str(wheels), str(source))
    options = ["--quiet", *find_links(wheels)]
    options += [word for path in constraints for word in ("--constraint", str(path.resolve()))]
    pins, python = into / "pins.txt", _python(into / "environment")
    pin_lowest(plugin, pins, options)
    _uv("venv", "--quiet", "--python", sys.executable, str(into / "environment"))
    chosen = ["--constraint", str(pins), "--requirements", str(pins)]
    _uv("pip", "install", "--python", str(python), *options, *chosen, _project(plugin)["name"], "affekt-testing")
    _run([str(python), "-m", "pytest", "-q", "--import-mode=importlib", "-p", "no:cacheprovider", *tests], plugin)
    return direct_versions(plugin, pins.read_text())


def find_links(wheels: Path) -> list[str]:
    """Options of uv that search these wheels and the folders of UV_FIND_LINKS; uv drops those where an option is given.

    Args:
        wheels: those of the checkout.
    """
    folders = [str(wheels), *filter(None, os.environ.get("UV_FIND_LINKS", "").split(","))]
    return [word for folder in folders for word in ("--find-links", folder)]


def pin_lowest(plugin: Path, pins: Path, options: list[str]) -> None:
    """Writes the lowest version of each declared dependency, and versions of what those need.

    Args:
        plugin: the folder that holds its pyproject.toml.
        pins: the file to write.
        options: options of uv that say where distributions are found.

    Raises:
        LowestFailed: no versions meet the bounds.
    """
    plain = ["--no-header", "--no-annotate", "--python-version", f"{sys.version_info[0]}.{sys.version_info[1]}"]
    lowest = ["--resolution", "lowest-direct", *plain, "--output-file", str(pins)]
    _uv("pip", "compile", str(plugin / "pyproject.toml"), *lowest, *options)


def local_sources(plugin: Path) -> Iterator[Path]:
    """The plugin, and the folders of the checkout that hold what it and affekt-testing need of affekt."""
    workspace = _workspace(plugin)
    wanted, visited = [plugin.resolve()], set()
    if testing := workspace.get("affekt-testing"):
        wanted.append(testing)
    while wanted:
        folder = wanted.pop()
        if folder in visited:
            continue
        visited.add(folder)
        yield folder
        needed = [canonicalize_name(Requirement(line).name) for line in _project(folder).get("dependencies", ())]
        wanted += [workspace[name] for name in needed if name in workspace]


def direct_versions(plugin: Path, pins: str) -> str:
    """Which version each declared dependency got: `torch>=2.6 → 2.13.0`."""
    chosen = dict(line.split("==") for line in pins.split() if "==" in line)
    chosen = {canonicalize_name(name): version for name, version in chosen.items()}
    declared = [Requirement(line) for line in _project(plugin).get("dependencies", ())]
    return "\n".join(
        f"{requirement} → {chosen.get(canonicalize_name(requirement.name), '?')}" for requirement in declared
    )


def _workspace(plugin: Path) -> dict[str, Path]:
    """Distribution → folder, of the checkout of affekt around the plugin, if there is one."""
    for root in plugin.resolve().parents:
        if (root / "core" / "pyproject.toml").is_file():
            files = [
                root / "core" / "pyproject.toml",
                *root.glob("packages/*/pyproject.toml"),
                *root.glob("plugins/*/pyproject.toml"),
            ]
            return {canonicalize_name(_project(file.parent)["name"]): file.parent for file in files}
    return {}


def _project(folder: Path) -> dict[str, Any]:
    project: dict[str, Any] = tomllib.loads((folder / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    return project


def _python(environment: Path) -> Path:
    return environment / ("Scripts/python.exe" if os.name == "nt" else "bin/python")


def _uv(*words: str) -> None:
    uv = shutil.which("uv")
    if uv is None:
        raise LowestFailed("there is no uv, which resolves the lowest versions", hint="pip install uv")
    _run([uv, *words], None)


def _run(words: list[str], folder: Path | None) -> None:
    done = subprocess.run(words, cwd=folder, capture_output=True, text=True, check=False)
    if done.returncode:
        output = (done.stdout + done.stderr).strip()[-4000:]
        raise LowestFailed(f"{' '.join(words[:4])} … failed:\n{output}", hint="raise the bound that is not true")

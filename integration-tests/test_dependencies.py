"""Every distribution declares what its code imports, and imports what it declares.

An import counts wherever it stands, also inside a function, except under `if TYPE_CHECKING`. It must be declared in the
dependencies or in an extra, unless it may fail: in a `try` that catches ImportError, or with a comment on its line.
A declared dependency that nothing imports carries a comment on its line of pyproject.toml that says why it is needed.
"""

import ast
import re
import sys
import tomllib
from collections.abc import Iterator
from importlib.metadata import packages_distributions
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).resolve().parent.parent
PROJECTS = [*ROOT.glob("core/pyproject.toml"), *ROOT.glob("packages/*/pyproject.toml")]
PROJECTS += [*ROOT.glob("plugins/*/pyproject.toml"), *ROOT.glob("compat/*/pyproject.toml")]
FOLDERS = {path.parent.relative_to(ROOT).as_posix(): path.parent for path in sorted(PROJECTS)}
WITH_CODE = {name: folder for name, folder in FOLDERS.items() if (folder / "src").is_dir()}
"""A distribution without code, as `affekt`, is made of its dependencies."""
INSTALLED = packages_distributions()


def project(folder: Path) -> dict[str, Any]:
    """The [project] table of a distribution."""
    table: dict[str, Any] = tomllib.loads((folder / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    return table


WORKSPACE = {
    path.name: canonicalize_name(project(folder)["name"])
    for folder in WITH_CODE.values()
    for path in (folder / "src").iterdir()
}


def providers(package: str) -> set[str]:
    """The distributions that may hold an import package: the workspace's by their folder, others as installed here."""
    if package in WORKSPACE:
        return {WORKSPACE[package]}
    if package == "cv2":
        return {"opencv-python", "opencv-python-headless"}
    return {canonicalize_name(name) for name in INSTALLED.get(package, [package])}


class Import(NamedTuple):
    """An import of another distribution's package."""

    package: str
    where: str
    may_fail: bool


def imports(path: Path) -> Iterator[Import]:
    """Every import of a file that is run."""
    source = path.read_text(encoding="utf-8")
    lines = source.splitlines()
    for node, guarded in run(ast.parse(source, str(path)), guarded=False):
        if isinstance(node, ast.Import):
            modules = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and not node.level:
            modules = [node.module or ""]
        else:
            continue
        explained = "#" in lines[node.lineno - 1].partition("# noqa")[0]
        for module in modules:
            yield Import(module.partition(".")[0], f"{path.name}:{node.lineno}", guarded or explained)


def run(node: ast.AST, guarded: bool) -> Iterator[tuple[ast.AST, bool]]:
    """The nodes below but those that only type checkers read, and whether an ImportError there is caught."""
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.If) and "TYPE_CHECKING" in ast.unparse(child.test):
            for other in child.orelse:
                yield from ((other, guarded), *run(other, guarded))
        elif isinstance(child, ast.Try):
            caught = guarded or any(map(catches_import_error, child.handlers))
            for statement in child.body:
                yield from ((statement, caught), *run(statement, caught))
            for part in (*child.handlers, *child.orelse, *child.finalbody):
                yield from ((part, guarded), *run(part, guarded))
        else:
            yield from ((child, guarded), *run(child, guarded))


def catches_import_error(handler: ast.ExceptHandler) -> bool:
    """Whether the handler is for an import that fails."""
    return handler.type is not None and bool(re.search("ImportError|ModuleNotFound", ast.unparse(handler.type)))


def foreign(folder: Path) -> list[Import]:
    """Imports of what is neither the standard library's nor the distribution's own."""
    own = {path.name for path in (folder / "src").iterdir()}
    every = [one for path in sorted((folder / "src").rglob("*.py")) for one in imports(path)]
    return [one for one in every if one.package not in sys.stdlib_module_names and one.package not in own]


def declared(folder: Path) -> dict[str, str]:
    """Distribution → the line of pyproject.toml that declares it, in the dependencies or an extra."""
    about = project(folder)
    lines = (folder / "pyproject.toml").read_text(encoding="utf-8").splitlines()
    extras = about.get("optional-dependencies", {}).values()
    found: dict[str, str] = {}
    for requirement in (*about.get("dependencies", ()), *(one for extra in extras for one in extra)):
        name = canonicalize_name(Requirement(requirement).name)
        quoted = (f'"{requirement}"', f"'{requirement}'")
        found[name] = found.get(name, "") + next(line for line in lines if any(one in line for one in quoted))
    return {name: line for name, line in found.items() if name != canonicalize_name(about["name"])}


@pytest.mark.parametrize("name", WITH_CODE)
def test_what_is_imported_is_declared(name: str) -> None:
    known = declared(WITH_CODE[name]).keys()
    required = [one for one in foreign(WITH_CODE[name]) if not one.may_fail]
    lacking = {one.package: one.where for one in reversed(required) if not providers(one.package) & known}
    assert not lacking, f"declare these in {name}/pyproject.toml, or say on the import's line why not"


@pytest.mark.parametrize("name", WITH_CODE)
def test_what_is_declared_is_imported_or_explained(name: str) -> None:
    used = {distribution for one in foreign(WITH_CODE[name]) for distribution in providers(one.package)}
    idle = [one for one, line in declared(WITH_CODE[name]).items() if one not in used and "#" not in line]
    assert not idle, f"remove these from {name}/pyproject.toml, or say on their line why they are needed"


def test_an_import_counts_unless_it_may_fail(tmp_path: Path) -> None:
    code = tmp_path / "module.py"
    code.write_text(
        "import numpy.linalg as linalg\n"
        "from typing import TYPE_CHECKING\n"
        "if TYPE_CHECKING:\n    import jax\nelse:\n    import keras\n"
        "try:\n    import resampy\nexcept ImportError:\n    import soxr\n"
        "try:\n    import safetensors\nexcept OSError:\n    pass\n"
        "def lazily():\n    from rich.console import Console\n    import torch  # the caller's\n"
        "from . import neighbour\n"
    )
    found = {one.package: one.may_fail for one in imports(code)}
    assert {package for package, may_fail in found.items() if may_fail} == {"resampy", "torch"}
    assert found.keys() - {"resampy", "torch"} == {"numpy", "typing", "keras", "soxr", "safetensors", "rich"}

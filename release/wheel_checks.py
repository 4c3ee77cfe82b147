"""What must be true of a wheel before anybody installs it. Each check yields sentences about what is wrong."""

import ast
import re
import zipfile
from collections import defaultdict
from collections.abc import Iterable, Iterator
from importlib.metadata import PathDistribution
from pathlib import Path, PurePosixPath

from packaging.metadata import Metadata

URLS = ("Homepage", "Documentation", "Source", "Changelog", "Issues")
PYTHONS = ("3.11", "3.12", "3.13")
"""The versions that every distribution says it supports, and that the workflows test."""


class Wheel:
    """A wheel as a file: its names, its metadata, its entry points."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.archive = zipfile.ZipFile(path)
        self.files = [name for name in self.archive.namelist() if not name.endswith("/")]
        self.info = next(PurePosixPath(name).parts[0] for name in self.files if ".dist-info/" in name)
        """The name of its folder of metadata: `affekt_core-0.1.0.dist-info`."""
        self.distribution = PathDistribution(zipfile.Path(self.archive, f"{self.info}/"))

    def digests(self) -> dict[str, int]:
        """The checksum of every file but the list of files."""
        return {info.filename: info.CRC for info in self.archive.infolist() if not info.filename.endswith("/RECORD")}


def license_is_inside(wheel: Wheel) -> Iterator[str]:
    """The text of the licence travels with the code (PEP 639)."""
    name = f"{wheel.info}/licenses/LICENSE"
    if name not in wheel.files:
        yield f"LICENSE is not in the wheel: {name} is missing"
    elif not wheel.archive.read(name).strip():
        yield f"{name} is empty"
    if "LICENSE" not in (wheel.distribution.metadata.get_all("License-File") or ()):
        yield "the metadata name no License-File LICENSE"


def metadata_are_complete(wheel: Wheel) -> Iterator[str]:
    """What a package index shows and an installer reads is there, and valid."""
    try:
        metadata = Metadata.from_email(wheel.archive.read(f"{wheel.info}/METADATA"), validate=True)
    except ExceptionGroup as group:
        yield from (f"the metadata are invalid: {error}" for error in group.exceptions)
        return
    for field in ("summary", "license_expression", "description", "description_content_type"):
        if not getattr(metadata, field):
            yield f"the metadata lack {field.replace('_', '-')}"
    if not (metadata.author or metadata.author_email):
        yield "the metadata name no author"
    classifiers = metadata.classifiers or []
    if not any(classifier.startswith("Development Status ::") for classifier in classifiers):
        yield "no classifier states the development status"
    if metadata.requires_python is None:
        yield "the metadata lack requires-python"
        return
    for python in PYTHONS:
        allowed = metadata.requires_python.contains(f"{python}.0")
        stated = f"Programming Language :: Python :: {python}" in classifiers
        if allowed and not stated:
            yield f"requires-python allows {python}, and no classifier says so"
        elif stated and not allowed:
            yield f"a classifier says Python {python}, which requires-python refuses"
    if missing := [label for label in URLS if label not in (metadata.project_urls or {})]:
        yield f"no URL is labelled {', '.join(missing)}"


def holds_no_tests(wheel: Wheel) -> Iterator[str]:
    """Tests stay in the repository and in the sdist."""
    for name in wheel.files:
        path = PurePosixPath(name)
        if path.suffix == ".py" and ("tests" in path.parts or re.match(r"(test_.*|conftest)\.py$", path.name)):
            yield f"{name} is a test"


def holds_only_its_own(wheel: Wheel) -> Iterator[str]:
    """Nothing compiled on one machine, hidden or left over; one package at the top, which is typed."""
    for name in wheel.files:
        parts = PurePosixPath(name).parts
        if name.endswith((".pyc", ".pyo")) or any(part.startswith(".") or part == "__pycache__" for part in parts):
            yield f"{name} does not belong in a wheel"
    packages = {PurePosixPath(name).parts[0] for name in wheel.files} - {wheel.info}
    if len(packages) > 1:
        yield f"more than one thing lies at the top: {', '.join(sorted(packages))}"
    for package in sorted(packages):
        if f"{package}/__init__.py" not in wheel.files:
            yield f"{package} is no package: it has no __init__.py"
        elif f"{package}/py.typed" not in wheel.files:
            yield f"{package} has no py.typed, and a classifier may say that it is typed"


def entry_points_exist(wheel: Wheel) -> Iterator[str]:
    """Every announced module is in the wheel and defines the announced name."""
    for entry in wheel.distribution.entry_points:
        stem = entry.module.replace(".", "/")
        file = next((name for name in (f"{stem}.py", f"{stem}/__init__.py") if name in wheel.files), None)
        where = f"the entry point {entry.name} = {entry.value} of {entry.group}"
        if file is None:
            yield f"{where} names a module that is not in the wheel"
        elif entry.attr and entry.attr.split(".")[0] not in _defined(wheel.archive.read(file).decode()):
            yield f"{where} names {entry.attr}, which {file} does not define"


def _defined(source: str) -> set[str]:
    """The names that a module binds at its top level, also where an `if` or a `try` stands around them."""
    names: set[str] = set()
    statements: list[ast.AST] = list(ast.parse(source).body)
    while statements:
        statement = statements.pop()
        if isinstance(statement, ast.FunctionDef | ast.ClassDef | ast.AsyncFunctionDef):
            names.add(statement.name)
            continue
        if isinstance(statement, ast.Name) and isinstance(statement.ctx, ast.Store):
            names.add(statement.id)
        elif isinstance(statement, ast.alias):
            names.add((statement.asname or statement.name).split(".")[0])
        statements.extend(ast.iter_child_nodes(statement))
    return names


CHECKS = (
    license_is_inside,
    metadata_are_complete,
    holds_no_tests,
    holds_only_its_own,
    entry_points_exist,
)


def problems(path: Path) -> list[str]:
    """All that is wrong with one wheel."""
    wheel = Wheel(path)
    return [problem for check in CHECKS for problem in check(wheel)]


def differences(wheel: Path, other: Path) -> list[str]:
    """How the wheel of an sdist differs from the wheel of the tree."""
    ours, theirs = Wheel(wheel).digests(), Wheel(other).digests()
    missing = [f"the sdist lacks what builds {name}" for name in sorted(ours.keys() - theirs.keys())]
    added = [f"the sdist builds {name}, the tree does not" for name in sorted(theirs.keys() - ours.keys())]
    changed = [
        f"{name} differs when it is built from the sdist"
        for name in sorted(ours.keys() & theirs.keys())
        if ours[name] != theirs[name]
    ]
    return missing + added + changed


def shared_files(paths: Iterable[Path]) -> list[str]:
    """Files and commands that two wheels would install in one place: the second installed would overwrite the first."""
    owners: dict[str, list[str]] = defaultdict(list)
    for path in sorted(paths):
        wheel = Wheel(path)
        commands = [entry.name for entry in wheel.distribution.entry_points if entry.group == "console_scripts"]
        # Some file systems take no notice of case.
        contents = {name.lower() for name in wheel.files} | {f"the command {command}" for command in commands}
        for place in contents:
            owners[place].append(path.name)
    return [f"{place} is in {' and in '.join(wheels)}" for place, wheels in sorted(owners.items()) if len(wheels) > 1]

"""Writes `core/src/affekt/first_party.yaml`: which distribution of the workspace offers which name.

    python packages/affekt/write_first_party.py

Run it after a plugin announces something new, a distribution adds a command, or an extra of `affekt` changes.
"""

import sys
import tomllib
from collections.abc import Iterator
from importlib import import_module, resources
from pathlib import Path
from typing import Any

import yaml
from affekt import Registry
from packaging.requirements import Requirement

ROOT = Path(__file__).resolve().parents[2]
FILE = ROOT / "core/src/affekt/first_party.yaml"
HEAD = "# Written by packages/affekt/write_first_party.py; a test keeps it equal to the workspace.\n"
FOLDERS = ("core", "packages/*", "plugins/*")
"""The published distributions; `compat` is for development."""


def table(root: Path = ROOT) -> dict[str, dict[str, Any]]:
    """The content of the file: kind → name → distribution, and what `affekt` and its extras install."""
    registry = announcements(root)
    content: dict[str, dict[str, Any]] = {}
    for (role, name), entry in registry.components.items():
        content.setdefault(role, {})[name] = entry.distribution
    content["pipeline"] = {name: pipeline_distributions(entry) for name, entry in registry.pipelines.items()}
    content["function"] = {name: entry.distribution for name, entry in registry.functions.items()}
    content["weights"] = {name: entry.distribution for name, entry in registry.weights.items()}
    content["command"] = {
        command: name
        for name, project in projects(root).items()
        for command in project.get("entry-points", {}).get("affekt.commands", {})
    }
    content["parts"] = dict(parts(projects(root)["affekt"]))
    return {kind: dict(sorted(names.items())) for kind, names in sorted(content.items())}


def projects(root: Path = ROOT) -> dict[str, dict[str, Any]]:
    """Distribution → the `[project]` table of its pyproject.toml."""
    files = [file for folder in FOLDERS for file in sorted(root.glob(f"{folder}/pyproject.toml"))]
    tables = [tomllib.loads(file.read_text(encoding="utf-8"))["project"] for file in files]
    return {table["name"]: table for table in tables}


def announcements(root: Path = ROOT) -> Registry:
    """What every distribution of the workspace announces, read from its sources, whether it is installed or not."""
    registry = Registry()
    sys.path[:0] = [str(source) for folder in FOLDERS for source in sorted(root.glob(f"{folder}/src"))]
    for name, project in projects(root).items():
        for plugin, module in project.get("entry-points", {}).get("affekt", {}).items():
            registry.add(plugin, name, project["version"], import_module(module))
    for failure in registry.failures:
        raise failure.error
    return registry


def pipeline_distributions(entry: Any) -> list[str]:
    """The distribution that ships a pipeline, then the others that its file requires."""
    text = (resources.files(entry.info.package) / entry.info.path).read_text(encoding="utf-8")
    required = [Requirement(line).name for line in yaml.safe_load(text).get("requires", ())]
    return [entry.distribution, *sorted(set(required) - {entry.distribution})]


def parts(project: dict[str, Any]) -> Iterator[tuple[str, list[str]]]:
    """What `affekt` installs of the workspace, and what each extra adds; not `all`, which is no answer to a name."""
    yield "affekt", sorted(names_in(project, project["dependencies"]))
    for extra in project["optional-dependencies"].keys() - {"all"}:
        yield f"affekt[{extra}]", sorted(names_in_extra(project, extra))


def names_in_extra(project: dict[str, Any], extra: str) -> set[str]:
    """The distributions of an extra, where it names other extras also theirs."""
    return names_in(project, project["optional-dependencies"][extra])


def names_in(project: dict[str, Any], lines: list[str]) -> set[str]:
    """The distributions that requirements name."""
    requirements = [Requirement(line) for line in lines]
    own = [requirement for requirement in requirements if requirement.name == project["name"]]
    names = {requirement.name for requirement in requirements} - {project["name"]}
    return names.union(*(names_in_extra(project, extra) for requirement in own for extra in requirement.extras))


if __name__ == "__main__":
    FILE.write_text(HEAD + yaml.safe_dump(table(), sort_keys=False, width=120), encoding="utf-8")

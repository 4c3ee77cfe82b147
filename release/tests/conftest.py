"""Tiny distributions, in a workspace of their own, for the tests of what makes a release."""

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent.parent
if str(ROOT) not in sys.path:
    sys.path.insert(0, str(ROOT))  # `release` is a folder of programs, not a distribution

URLS = ("Homepage", "Documentation", "Source", "Changelog", "Issues")
PYPROJECT = """\
[build-system]
requires = ["hatchling"]
build-backend = "hatchling.build"

[project]
name = "{name}"
version = "{version}"
description = "A distribution of a test"
readme = "README.md"
license = "Apache-2.0"
license-files = ["LICENSE"]
requires-python = ">=3.11"
authors = [{{ name = "The affekt developers" }}]
classifiers = [
  "Development Status :: 3 - Alpha",
  "Programming Language :: Python :: 3.11",
  "Programming Language :: Python :: 3.12",
  "Programming Language :: Python :: 3.13",
]
dependencies = {dependencies}

[project.optional-dependencies]
{extras}

{tables}

[project.urls]
{urls}

[tool.hatch.build.targets.wheel]
packages = ["src/{package}"]
"""

Maker = Callable[..., Path]


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """An empty workspace under git."""
    root = tmp_path / "workspace"
    root.mkdir()
    subprocess.run(["git", "init", "--quiet", str(root)], check=True)
    return root


@pytest.fixture
def make(root: Path) -> Maker:
    """Writes a distribution into the workspace and adds it to git; returns its folder."""

    def make(
        name: str,
        *,
        version: str = "0.1.0",
        dependencies: tuple[str, ...] = (),
        extras: dict[str, list[str]] | None = None,
        tables: str = "",
        files: dict[str, str] | None = None,
        without: tuple[str, ...] = (),
        replace: tuple[str, str] = ("", ""),
    ) -> Path:
        folder, package = root / "packages" / name, name.replace("-", "_")
        texts = {
            "pyproject.toml": PYPROJECT.format(
                name=name,
                version=version,
                package=package,
                dependencies=list(dependencies),
                extras="\n".join(f"{extra} = {lines}" for extra, lines in (extras or {}).items()),
                tables=tables,
                urls="\n".join(f'{label} = "https://example.org/{label}"' for label in URLS),
            ).replace(*replace),
            "LICENSE": "Apache License, Version 2.0\n",
            "README.md": f"# {name}\n\nA distribution of a test.\n",
            "CHANGELOG.md": f"# Changelog of {name}\n\n## {version}\n\n- It is there.\n",
            f"src/{package}/__init__.py": f'"""The package of {name}."""\n',
            f"src/{package}/py.typed": "",
            "tests/test_it.py": "def test_it():\n    pass\n",
            **(files or {}),
        }
        for path, text in texts.items():
            if path not in without:
                (folder / path).parent.mkdir(parents=True, exist_ok=True)
                (folder / path).write_text(text, encoding="utf-8")
        subprocess.run(["git", "-C", str(root), "add", str(folder)], check=True)
        return folder

    return make

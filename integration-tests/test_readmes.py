"""Every plugin's README holds the options of its components as the code has them."""

import tomllib
from pathlib import Path

import pytest
from affekt import plugins
from affekt_testing.options_table import announced_by, check

ROOT = Path(__file__).resolve().parent.parent
FOLDERS = {path.parent.name: path.parent for path in sorted(ROOT.glob("plugins/*/pyproject.toml"))}


@pytest.mark.parametrize("name", FOLDERS)
def test_the_tables_of_options_are_those_of_the_code(name):
    distribution = tomllib.loads((FOLDERS[name] / "pyproject.toml").read_text())["project"]["name"]
    failures = [failure.error for failure in plugins().failures if failure.distribution == distribution]
    assert not failures
    assert announced_by(distribution), (
        f"{distribution} is not installed, or announces nothing: hatch run affekt plugins"
    )
    check(FOLDERS[name] / "README.md", distribution)

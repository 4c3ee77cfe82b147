"""A plugin that needs no framework brings none: neither by its metadata nor when its modules are imported."""

import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest
from packaging.requirements import Requirement

ROOT = Path(__file__).resolve().parent.parent
HEAVY = {"torch", "torchaudio", "torchvision", "transformers", "scikit-learn", "scipy", "openpyxl", "huggingface-hub"}
MODULES = [name.replace("scikit-learn", "sklearn").replace("-", "_") for name in sorted(HEAVY)]
LEAN = [
    "affekt-core",
    "affekt-openface",
    "affekt-openai",
    "affekt-basics",
    "affekt-isolation",
    "affekt-media",
    "affekt-recordings",
]

IMPORT_ALL = """
import importlib, pkgutil, sys

class Refused:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in {refused}:
            raise ModuleNotFoundError(f"No module named {{name!r}}", name=name)

sys.meta_path.insert(0, Refused())
package = importlib.import_module({package!r})
for module in pkgutil.walk_packages(package.__path__, package.__name__ + "."):
    if not module.name.endswith("__main__"):
        importlib.import_module(module.name)
{then}
"""


def workspace() -> dict[str, dict]:
    """The [project] table of every distribution."""
    files = [ROOT / "core" / "pyproject.toml", *ROOT.glob("packages/*/pyproject.toml")]
    tables = [tomllib.loads(path.read_text())["project"] for path in [*files, *ROOT.glob("plugins/*/pyproject.toml")]]
    return {table["name"]: table for table in tables}


def closure(name: str, extras: frozenset[str] = frozenset()) -> set[str]:
    """Every distribution that an installation brings, as far as the workspace's own metadata tell."""
    tables, reached, waiting = workspace(), set(), [(name, extras)]
    while waiting:
        step = waiting.pop()
        if step not in reached:
            reached.add(step)
            waiting += _next(tables.get(step[0], {}), step[1])
    return {step[0] for step in reached}


def _next(table: dict, extras: frozenset[str]) -> Iterator[tuple[str, frozenset[str]]]:
    optional = table.get("optional-dependencies", {})
    for line in [*table.get("dependencies", ()), *(line for extra in extras for line in optional[extra])]:
        requirement = Requirement(line)
        yield requirement.name.lower(), frozenset(requirement.extras)


def run(package: str, then: str = "") -> subprocess.CompletedProcess[str]:
    code = IMPORT_ALL.format(refused=set(MODULES) | {"affekt_metrics", "affekt_weights"}, package=package, then=then)
    return subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False, timeout=120)


@pytest.mark.parametrize("distribution", LEAN)
def test_a_plugin_without_a_framework_brings_none(distribution):
    assert not closure(distribution) & HEAVY


def test_the_closure_follows_extras_and_sees_a_framework_behind_them():
    assert "torch" in closure("affekt-hubert")
    assert "scikit-learn" in closure("affekt-openai", frozenset({"judge"}))


@pytest.mark.parametrize("distribution", LEAN)
def test_its_modules_import_where_no_framework_can(distribution):
    package = "affekt" if distribution == "affekt-core" else distribution.replace("-", "_")
    done = run(package)
    assert done.returncode == 0, done.stderr


def test_a_module_that_needs_a_framework_fails_there():
    assert "No module named 'torch'" in run("affekt_encoding").stderr


def test_the_judge_says_which_extra_it_needs():
    then = """
from affekt import plugins
judge = plugins().create("evaluator", "openai", endpoint={"model": "m", "base_url": "http://127.0.0.1:9/v1"})
judge.evaluate([], [])
"""
    done = run("affekt_openai", then)
    assert "MissingDependency: the judge of explanations needs affekt-metrics" in done.stderr
    assert done.stderr.rstrip().endswith('Try: pip install "affekt-openai[judge]"')

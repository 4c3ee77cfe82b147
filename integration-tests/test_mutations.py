"""The mutations can all be made, and the command that makes them tells what is caught from what survives."""

import ast
import importlib.util
import json
import signal
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
COMMAND = Path(__file__).with_name("mutations.py")
DISTRIBUTIONS = sorted(
    path.parent.relative_to(ROOT).as_posix()
    for pattern in ("core", "packages/*", "plugins/*")
    for path in ROOT.glob(f"{pattern}/pyproject.toml")
)

spec = importlib.util.spec_from_file_location("mutations", COMMAND)
mutations = importlib.util.module_from_spec(spec)
sys.modules["mutations"] = mutations  # dataclasses look their module up
spec.loader.exec_module(mutations)
MUTATIONS = mutations.read_list()


def test_every_distribution_has_three_mutations():
    counts = Counter(mutation.distribution for mutation in MUTATIONS)
    assert {name: counts[name] for name in DISTRIBUTIONS if counts[name] < 3} == {}
    assert counts.keys() - set(DISTRIBUTIONS) == set()


@pytest.mark.parametrize("distribution", DISTRIBUTIONS)
def test_every_mutation_applies(distribution):
    for mutation in (each for each in MUTATIONS if each.distribution == distribution):
        source = (ROOT / mutation.path).read_text(encoding="utf-8")
        mutant = mutations.mutant(source, mutation.function, mutation.kind, mutation.which)
        assert ast.dump(ast.parse(mutant)) != ast.dump(ast.parse(source)), mutation
        compile(mutant, mutation.path, "exec")


@pytest.mark.parametrize("distribution", DISTRIBUTIONS)
def test_the_tests_of_every_mutation_are_there(distribution):
    for mutation in (each for each in MUTATIONS if each.distribution == distribution):
        for node_id in mutation.node_ids:
            path, _, name = node_id.partition("::")
            tree = ast.parse((ROOT / path).read_text(encoding="utf-8"))
            if name:
                assert mutations.definition(tree, name.partition("[")[0].replace("::", ".")), node_id


def test_no_mutation_is_listed_twice():
    places = Counter((each.path, each.function, each.kind, each.which) for each in MUTATIONS)
    assert [place for place, count in places.items() if count > 1] == []


@pytest.mark.parametrize(
    ("kind", "which", "before", "after"),
    [
        ("negate", 1, "if a or b: pass", "if (not (a or b)): pass"),
        ("negate", 1, "[a for a in b if a]", "[a for a in b if (not a)]"),
        ("negate", 2, "a if b else (c if d else e)", "a if b else (c if (not d) else e)"),
        ("compare", 1, "a  <  b < c", "(a >= b < c)"),
        ("compare", 2, "a in b; a is b", "a in b; (a is not b)"),
        ("boolean", 1, "a and not b and c", "(a or not b or c)"),
        ("arithmetic", 1, 'f"{a - b}" + c', '(f\'{a - b}\' - c)'),
        ("arithmetic", 1, "a += b // c", "a -= b // c"),
        ("arithmetic", 2, "a * b + c // d", "(a / b) + c // d"),
        ("number", 1, "a(True, 'ü', 1_000)", "a(True, 'ü', (1001))"),
        ("number", 2, "a[1:-1.5]", "a[1:-(2.5)]"),
    ],
)  # fmt: skip
def test_a_mutation_changes_one_place_and_keeps_the_text_around(kind, which, before, after):
    source = "def f():  # one\n    {}\n\ndef g(): return 1 + 1 if 1 < 1 else 1\n"
    assert mutations.mutant(source.format(before), "f", kind, which) == source.format(after)


def test_a_mutation_is_made_in_the_definition_that_is_named():
    source = "class A:\n    limit: int = 5\n    if a:\n        def f(self):\n            return 1\ndef f(): return 2\n"
    assert mutations.mutant(source, "A.f", "return") == source.replace("return 1", "return (None)")
    assert mutations.mutant(source, "A.limit", "number") == source.replace("5", "(6)")
    with pytest.raises(mutations.DoesNotApply, match=r"A\.g"):
        mutations.mutant(source, "A.g", "return")
    with pytest.raises(mutations.DoesNotApply, match="1 places of the kind return"):
        mutations.mutant(source, "A.f", "return", 2)


CODE = "def larger(a, b):\n    return a if a > b else b\n\n\ndef half(a):\n    return a / 2\n"
TESTS = """
import os, signal, time
from module import half, larger


def test_larger():
    assert larger(1, 2) == 2


def test_half():
    half(4)


def test_twice():
    if half(4) != 2:
        open("started", "w").close()
        time.sleep(60)
"""


@pytest.fixture
def workspace(tmp_path):
    """A repository with one module and its tests."""
    (tmp_path / "tiny").mkdir()
    (tmp_path / "tiny/module.py").write_text(CODE)
    (tmp_path / "tiny/test_module.py").write_text(TESTS)
    git = ["git", "-C", str(tmp_path), "-c", "user.name=a", "-c", "user.email=a@b.c", "-c", "commit.gpgsign=false"]
    for arguments in (["init", "-q"], ["add", "."], ["commit", "-q", "-m", "A"]):
        subprocess.run([*git, *arguments], check=True)
    return tmp_path


def command(workspace, *rows):
    listed = (
        f'{{file = "module.py", function = "{f}", kind = "{k}", tests = ["test_module.py::{t}"]}}' for f, k, t in rows
    )
    (workspace / "list.toml").write_text(f"tiny = [{', '.join(listed)}]")
    return [sys.executable, str(COMMAND), "--json", "--root", str(workspace), "--list", str(workspace / "list.toml")]


def test_what_is_caught_and_what_survives_is_told_apart(workspace):
    rows = [("larger", "compare", "test_larger"), ("half", "arithmetic", "test_half"), ("half", "negate", "test_half")]
    process = subprocess.run(command(workspace, *rows), check=False, capture_output=True, text=True)
    outcomes = [result["outcome"] for result in json.loads(process.stdout)]
    assert (outcomes, process.returncode) == (["caught", "survived", "did not apply"], 1)
    assert (workspace / "tiny/module.py").read_text() == CODE


def test_tests_that_fail_without_the_mutation_catch_nothing(workspace):
    rows = [("half", "arithmetic", "test_gone")]
    process = subprocess.run(command(workspace, *rows), check=False, capture_output=True, text=True)
    assert (json.loads(process.stdout)[0]["outcome"], process.returncode) == ("tests fail without it", 1)


def test_the_file_is_put_back_after_an_interruption(workspace):
    process = subprocess.Popen(command(workspace, ("half", "arithmetic", "test_twice")), stderr=subprocess.PIPE)
    while not (workspace / "started").exists():
        assert process.poll() is None
        time.sleep(0.02)
    assert (workspace / "tiny/module.py").read_text() != CODE
    process.send_signal(signal.SIGINT)
    assert process.wait(20) == 130
    assert sorted(path.name for path in (workspace / "tiny").glob("module*")) == ["module.py"]
    assert (workspace / "tiny/module.py").read_text() == CODE


def test_a_file_with_changes_that_are_not_committed_is_not_broken(workspace):
    (workspace / "tiny/module.py").write_text(CODE + "\n")
    rows = [("larger", "compare", "test_larger")]
    process = subprocess.run(command(workspace, *rows), check=False, capture_output=True, text=True)
    assert process.returncode == 2
    assert "tiny/module.py" in process.stderr

"""Plugins that mean no good, installed beside good ones: listing, the others and the caller stay unharmed.

Whatever can end a process (a segmentation fault, a hang, a fork) is run through `python:`, as a user would.
"""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

HERE = Path(__file__).parent

ANNOUNCES = """
from affekt import ComponentInfo, hookimpl

@hookimpl
def affekt_components():
    {body}
"""
ONE = 'ComponentInfo(role="encoder", name="{name}", target="json:x", summary="s")'

LISTED = {
    "raises": ("raise RuntimeError('no list')", "RuntimeError: no list"),
    "lacks-a-framework": ("import no_such_framework", "No module named 'no_such_framework'"),
    "is-not-python": ("def broken(:", "SyntaxError"),
    "exits": ("raise SystemExit('no list')", "SystemExit: no list"),
    "recurses": ("def again(): again()\nagain()", "RecursionError"),
    "cannot-be-printed": (
        "class Evil(BaseException):\n    def __str__(self): raise KeyError\nraise Evil",
        "Evil: (it cannot be printed)",
    ),
    "hook-raises": (ANNOUNCES.format(body="raise RuntimeError('no hook')"), "no hook"),
    "hook-raises-late": (ANNOUNCES.format(body=f"yield {ONE.format(name='late')}\n    1 / 0"), "ZeroDivisionError"),
    "hook-exits": (ANNOUNCES.format(body="raise SystemExit(0)"), "SystemExit: 0"),
    "yields-text": (ANNOUNCES.format(body="return ['hubert']"), "not ComponentInfo"),
    "yields-for-ever": (ANNOUNCES.format(body=f"while True: yield {ONE.format(name='x')}"), "more than 1000"),
    "unknown-role": (ANNOUNCES.format(body=f"yield {ONE.format(name='x').replace('encoder', 'singer')}"), "singer"),
    "nameless": (ANNOUNCES.format(body="yield " + ONE.replace('"{name}"', "None")), "found None"),
    "twin-one": (ANNOUNCES.format(body=f"yield {ONE.format(name='twin')}"), None),
    "twin-two": (ANNOUNCES.format(body=f"yield {ONE.format(name='twin')}"), "affekt-twin-one and affekt-twin-two"),
    "prints": (ANNOUNCES.format(body="return []") + "\nfor _ in range(64): print('x' * (1 << 20))", None),
    "newer": ("raise AssertionError('imported')", "asks for affekt-core>=7"),
    "no-module": (None, "No module named"),
    "no-metadata": ("raise RuntimeError('who am I')", "who am I"),
    "not-utf8": ("", "codec can't decode"),
}
"""A plugin that misbehaves while it is listed: its module, and what `affekt plugins` says of it."""

CALLED = {
    "raises-when-imported": ("SpecError", "RuntimeError: no import"),
    "exits-when-imported": ("SpecError", "SystemExit: no import"),
    "does-not-exist": ("SpecError", "No module named"),
    "is-no-component": ("SpecError", "should be a Component with a method `encode`"),
    "raises-when-made": ("SpecError", "RuntimeError: not made"),
    "exits-when-made": ("SpecError", "SystemExit: 3"),
    "raises": ("ComponentError", '"hostile" (Raises.encode) raised ZeroDivisionError: on purpose'),
    "raises-unprintably": ("ComponentError", "Unprintable: (it cannot be printed)"),
    "exits": ("ComponentError", "SystemExit: 0"),
    "recurses-forever": ("ComponentError", "RecursionError"),
    "returns-too-few": ("ComponentError", "should return a list of 1, one an input; found 0"),
    "returns-a-generator": ("ComponentError", "found generator"),
    "returns-arrays": ("ComponentError", "should return Features or Missing; found ndarray"),
    "wrong-shape": ("DataError", "float32 of shape [3]"),
    "wrong-dtype": ("DataError", "float64"),
    "wrong-length": ("DataError", 'has 5 along "time", but another field has 3'),
    "not-a-number": ("DataError", "NaN or infinity"),
    "mutates": ("ComponentError", "changed its inputs"),
}
"""A component that misbehaves in the caller's own process: the error that names it."""

ISOLATED = {
    "hangs-when-imported": ("WorkerTimedOut", "starting took longer than 10 s"),
    "hangs": ("WorkerTimedOut", "longer than 6 s"),
    "segfaults": ("WorkerCrashed", "SIGSEGV"),
    "aborts": ("WorkerCrashed", "SIGABRT"),
    "ends-its-process": ("WorkerCrashed", "ended with code 0"),
    "closes-every-file": ("WorkerCrashed", "closes-every-file"),
    "prints-a-gigabyte": (None, ""),
    "forks": (None, ""),
    "leaks-threads": (None, ""),
    "mutates": (None, ""),
}
"""A component that would harm the caller's process, in one of its own."""


@pytest.fixture(scope="module")
def one(tmp_path_factory):
    """The distribution of the components that misbehave when they are used."""
    site = tmp_path_factory.mktemp("one")
    install(site, "hostile", "affekt_hostile.plugin")
    return os.pathsep.join([str(site), str(HERE / "hostile")])


@pytest.fixture(scope="module")
def environment(tmp_path_factory, one):
    """Every hostile distribution installed, beside those of the workspace."""
    site = tmp_path_factory.mktemp("all")
    for name, (code, _) in LISTED.items():
        module = f"affekt_{name.replace('-', '_')}"
        if code is not None:
            (site / f"{module}.py").write_text(code)
        install(site, name, module)
    (site / "affekt_no_metadata-0.1.0.dist-info" / "METADATA").unlink()
    (site / "affekt_not_utf8-0.1.0.dist-info" / "METADATA").write_bytes(b"Name: affekt-not-utf8\nSummary: caf\xe9\n")
    return os.environ | {"PYTHONPATH": os.pathsep.join([str(site), one])}


def install(site, name, module):
    folder = site / f"affekt_{name.replace('-', '_')}-0.1.0.dist-info"
    folder.mkdir()
    core = ">=7" if name == "newer" else ">=0.1,<0.2"
    told = f"Metadata-Version: 2.1\nName: affekt-{name}\nVersion: 0.1.0\nRequires-Dist: affekt-core{core}\n"
    (folder / "METADATA").write_text(told)
    (folder / "entry_points.txt").write_text(f"[affekt]\n{name} = {module}\n")


@pytest.fixture(scope="module")
def listing(environment):
    return json.loads(run(["-m", "affekt_cli", "plugins", "--json"], environment))


@pytest.fixture(scope="module")
def here(environment):
    return drive(environment, "here", CALLED)


@pytest.fixture(scope="module")
def apart(one):
    return drive(os.environ | {"PYTHONPATH": one}, "isolated", ISOLATED)


def drive(environment, how, names):
    return json.loads(run([str(HERE / "hostile" / "drive.py"), how, *names], environment).splitlines()[-1])


def run(words, environment):
    done = subprocess.run(
        [sys.executable, *words], env=environment, capture_output=True, text=True, timeout=280, check=False
    )
    assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-2000:]
    assert len(done.stderr) < 1_000_000
    return done.stdout


@pytest.mark.parametrize("name", LISTED)
def test_a_plugin_that_cannot_be_listed_is_named_with_its_reason(listing, name):
    reasons = [failure["reason"] for failure in listing["failures"]]
    if said := LISTED[name][1]:
        assert [reason for reason in reasons if said in reason], reasons
    else:
        assert not [reason for reason in reasons if f'plugin "{name}"' in reason]


def test_the_good_plugins_are_listed_beside_them(listing):
    known = {(entry["role"], entry["name"]) for entry in listing["components"]}
    assert {("encoder", "loudness"), ("encoder", "prosody"), ("reasoner", "heads"), ("encoder", "segfaults")} <= known
    assert len(listing["failures"]) == sum(said is not None for _, said in LISTED.values())


def test_the_list_for_people_survives_them_too(environment):
    shown = run(["-m", "affekt_cli", "plugins"], environment)
    assert "loudness" in shown
    assert "broken" in shown
    assert "weights" in run(["-m", "affekt_cli", "--help"], environment)


@pytest.mark.parametrize("name", CALLED)
def test_a_hostile_component_becomes_an_error_that_names_it(here, name):
    error, said = CALLED[name]
    told = here["told"][name]
    assert told["error"] == error, told
    assert said in told["text"]
    assert told["others"] == "excited"


@pytest.mark.parametrize("name", ISOLATED)
def test_in_a_process_of_its_own_it_harms_nobody(apart, name):
    error, said = ISOLATED[name]
    told = apart["told"][name]
    assert told["error"] == error, told
    assert said in told["text"]
    assert told["unchanged"]
    assert told["others"] == "excited"
    assert apart["threads"] == ["MainThread"]

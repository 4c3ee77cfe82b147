"""Trials in real environments, of tiny distributions that need nothing from an index."""

import dataclasses
import json
import os
import sys

import pytest
from packaging.requirements import Requirement
from rich.console import Console
from uv import find_uv_bin

from release import outcomes, trials
from release.building import build
from release.environments import Installer, InstallError, clean, fresh, reaches
from release.outcomes import State
from release.torch_builds import TorchChoice, TorchSource
from release.workspace import distributions


@pytest.fixture
def stage(tmp_path):
    """A stage whose only source of packages is the folder of wheels."""
    wheels = tmp_path / "dist"
    wheels.mkdir()
    installer = Installer(uv=find_uv_bin(), python=sys.executable, wheels=wheels, arguments=("--no-index",))
    torch = TorchChoice(source=TorchSource.NONE, reason="torch is not installed: this test has none")
    return trials.Stage(python="3.11", installer=installer, torch=torch, folder=tmp_path / "environments")


def built(stage, root, make, name, **how):
    build(make(name, **how), stage.installer.wheels)
    return next(each for each in distributions(root) if each.name == name)


def states(results):
    return {outcome.step: outcome.state.value for outcome in results}


def details(results):
    return "\n".join(outcome.detail for outcome in results)


def test_a_sound_distribution_installs_and_imports(stage, root, make):
    tables = '[project.scripts]\nsound = "affekt_sound:main"'
    files = {"src/affekt_sound/__init__.py": "print('loud')\ndef main(): pass\n"}
    results = trials.alone(stage, built(stage, root, make, "affekt-sound", tables=tables, files=files))
    assert states(results) == dict.fromkeys(("installs", "imports", "lists", "commands"), "passed")
    assert not list(stage.folder.iterdir())


def test_a_package_that_raises_when_imported_fails(stage, root, make):
    files = {"src/affekt_torn/__init__.py": "import surely_not_there\n"}
    results = trials.alone(stage, built(stage, root, make, "affekt-torn", files=files))
    assert states(results)["imports"] == "failed"
    assert "No module named 'surely_not_there'" in details(results)


def test_a_package_that_ends_the_interpreter_fails(stage, root, make):
    files = {"src/affekt_dead/__init__.py": "import os\nos._exit(9)\n"}
    results = trials.alone(stage, built(stage, root, make, "affekt-dead", files=files))
    assert states(results)["imports"] == "failed"
    assert "exit code 9" in details(results)


def test_a_dependency_that_nobody_has_fails(stage, root, make):
    results = trials.alone(stage, built(stage, root, make, "affekt-needy", dependencies=("affekt-lost>=0.1",)))
    assert states(results) == {"installs": "failed", "lists": "not tried"}
    assert "affekt-lost" in details(results)


def test_extras_are_installed_and_resolved(stage, root, make):
    built(stage, root, make, "affekt-one")
    built(stage, root, make, "affekt-torn", files={"src/affekt_torn/__init__.py": "import surely_not_there\n"})
    extras = {"one": ["affekt-one"], "torn": ["affekt-torn"], "lost": ["affekt-lost"]}
    meta = built(stage, root, make, "affekt-meta", extras=extras)
    assert states(trials.with_extra(stage, meta, "one"))["imports"] == "passed"
    assert states(trials.with_extra(stage, meta, "torn"))["imports"] == "failed"
    assert states(trials.with_extra(stage, meta, "lost"))["installs"] == "failed"
    resolved = {outcome.subject: outcome.state for outcome in trials.resolved_extras(stage, [meta])}
    assert resolved == {
        "affekt-meta[one]": State.PASSED,
        "affekt-meta[torn]": State.PASSED,
        "affekt-meta[lost]": State.FAILED,
    }


def test_all_together_are_imported(stage, root, make):
    names = ("affekt-one", "affekt-two")
    both = [built(stage, root, make, name) for name in names]
    assert set(states(trials.together(stage, both)).values()) == {"passed"}
    clash = built(stage, root, make, "affekt-three", dependencies=("affekt-one>=9",))
    assert states(trials.together(stage, [*both, clash]))["installs"] == "failed"


def test_the_command_is_run_and_must_write_its_files(stage, root, make, monkeypatch):
    main = (
        "import pathlib, sys\n"
        "def main():\n"
        "    if sys.argv[1] == 'doctor':\n"
        "        sys.exit('something is broken')\n"
        "    if sys.argv[1] == 'demo':\n"
        "        pathlib.Path('out').mkdir()\n"
        "        pathlib.Path('out/report.html').write_text('felt')\n"
    )
    tables = '[project.scripts]\naffekt = "affekt:main"'
    distribution = built(stage, root, make, "affekt", tables=tables, files={"src/affekt/__init__.py": main})
    results = trials.alone(stage, distribution)
    assert states(results) == {
        "installs": "passed", "imports": "passed", "lists": "passed", "commands": "passed",
        "help": "passed", "doctor": "failed", "demo": "failed",
    }  # fmt: skip
    assert "something is broken" in details(results)
    assert "out/reply.wav was not written" in details(results)
    assert "report.html" not in details(results)
    silent = trials.alone(dataclasses.replace(stage, demo=False), distribution)
    assert states(silent)["demo"] == "not tried"


def test_what_depends_on_torch_is_told_where_torch_was_left_out(stage, root, make):
    tables = '[project.entry-points."affekt.commands"]\nlearn = "affekt_learner.commands"'
    files = {"src/affekt_learner/commands.py": "import torch\n"}
    overridden = dataclasses.replace(
        stage.installer, arguments=("--no-index", "--override", str(override(stage.installer.wheels)))
    )
    stage = dataclasses.replace(stage, installer=overridden)
    how = {"tables": tables, "files": files, "dependencies": ("torch>=2",)}
    learner = built(stage, root, make, "affekt-learner", **how)
    results = trials.alone(stage, learner)
    assert states(results) == {"installs": "passed", "imports": "passed", "lists": "passed", "commands": "not tried"}
    assert "this test has none" in details(results)
    careless = built(stage, root, make, "affekt-careless", tables=tables.replace("learner", "careless"),
                     files={"src/affekt_careless/commands.py": "import torch\n"})  # fmt: skip
    assert states(trials.alone(stage, careless))["commands"] == "failed"


def override(folder):
    path = folder / "overrides.txt"
    path.write_text('torch ; sys_platform == "never"\n')
    return path


def test_an_interpreter_that_is_not_there_is_an_error(stage, tmp_path):
    installer = dataclasses.replace(stage.installer, python=str(tmp_path / "python9"))
    with pytest.raises(InstallError), fresh(installer, tmp_path / "environment"):
        pass


def test_dependencies_are_followed_through_extras_and_markers():
    installed = {
        "a": [Requirement("b[sound]"), Requirement('c ; extra == "more"')],
        "b": [Requirement('torch ; extra == "sound"'), Requirement("a")],
        "d": [Requirement('torch ; sys_platform == "never"'), Requirement("e")],
        "e": [Requirement('torch ; extra == "sound"'), Requirement("d")],
    }
    assert reaches("A", ["torch"], installed) == "torch"
    assert reaches("d", ["torch"], installed) is None
    assert reaches("a", ["c"], installed) is None


def test_the_machines_own_settings_stay_outside():
    given = {"UV_CONSTRAINT": "x", "PIP_FIND_LINKS": "x", "PYTHONPATH": "x", "UV_CACHE_DIR": "kept", "PATH": "kept"}
    assert set(clean(given).values()) == {"kept"}


def test_the_table_tells_what_failed_and_what_was_not_tried(tmp_path):
    results = [
        outcomes.of_problems("wheel", "affekt-one", ["LICENSE is not in the wheel"]),
        outcomes.of_problems("lists", "affekt[train]", (), python="3.12"),
        *(
            outcomes.Outcome(step="loads", subject=name, state=State.NOT_TRIED, python="3.12", detail="no torch here")
            for name in ("affekt-one", "affekt-two")
        ),
    ]
    console = Console(width=120, file=(tmp_path / "table.txt").open("w+"), color_system=None)
    outcomes.show(results, console)
    console.file.seek(0)
    text = console.file.read()
    for line in ("LICENSE is not in the wheel", "affekt[train]", "loads, Python 3.12: affekt-one, affekt-two"):
        assert line in text
    assert text.count("no torch here") == 1
    assert "1 passed, 1 failed, 2 not tried" in text
    outcomes.write_json(results, tmp_path / "out" / "report.json", locked=True)
    report = json.loads((tmp_path / "out" / "report.json").read_text())
    assert report["ok"] is False
    assert report["locked"] is True
    assert report["outcomes"][0]["detail"] == "LICENSE is not in the wheel"
    assert outcomes.succeeded(results[1:])


def test_the_environment_of_a_trial_ignores_the_users_python_settings(stage, root, make, monkeypatch, tmp_path):
    (tmp_path / "affekt_clean.py").write_text("raise SystemExit('the wrong module')\n")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    stage = dataclasses.replace(stage, installer=dataclasses.replace(stage.installer, variables=clean(os.environ)))
    assert states(trials.alone(stage, built(stage, root, make, "affekt-clean")))["imports"] == "passed"

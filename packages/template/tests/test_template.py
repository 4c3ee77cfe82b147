import os
import subprocess
import sys
from pathlib import Path

import pytest
from affekt import ROLES
from affekt_template.commands import app
from typer.testing import CliRunner

HERE = Path(__file__).resolve().parent.parent


@pytest.fixture(scope="module")
def written(tmp_path_factory):
    """A plugin of every role, as the command writes it."""
    folder = tmp_path_factory.mktemp("plugins")
    for role in ROLES:
        told = ["--slug", f"my-{role}", "--role", role, "--summary", f"It's my own {role}"]
        done = CliRunner().invoke(app, [str(folder / role), *told])
        assert done.exit_code == 0, done.output
    return folder


@pytest.fixture(scope="module")
def environment(written, tmp_path_factory):
    """All of them installed into a folder that only this environment sees."""
    pytest.importorskip("hatchling", reason="hatchling builds the plugins: pip install hatchling")
    target = tmp_path_factory.mktemp("installed")
    install = ["-m", "pip", "install", "--quiet", "--no-deps", "--no-build-isolation", "--no-index", "--target"]
    run([*install, str(target), *(str(written / role) for role in ROLES)], os.environ)
    return os.environ | {"PYTHONPATH": str(target)}


def run(words, environment, folder=None):
    done = subprocess.run(
        [sys.executable, *words], env=environment, cwd=folder, capture_output=True, text=True, timeout=100, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_a_new_plugin_of_every_role_passes_the_kit(written, environment):
    said = run(["-m", "pytest", "-q", "--import-mode=importlib", "-p", "no:cacheprovider", "."], environment, written)
    assert "passed" in said
    assert not {"xfailed", "skipped"} & set(said.split())


def test_a_new_plugin_of_every_role_is_listed_and_its_readme_filled_in(written, environment, tmp_path):
    said = run(["-m", "affekt_cli", "plugins"], environment)
    for role in ROLES:
        assert f"my-{role}" in said
    assert "broken" not in said
    readmes = [tmp_path / f"{role}.md" for role in ROLES]
    for role, readme in zip(ROLES, readmes, strict=True):
        readme.write_bytes((written / role / "README.md").read_bytes())
    run(["-m", "affekt_cli", "kit", "options", "--write", *map(str, readmes)], environment)
    assert "| `bands` | integer, ≥ 1, ≤ 64 | `4` |" in (tmp_path / "encoder.md").read_text()


def test_a_clone_serves_the_same_files_to_copier(written, tmp_path):
    answers = ["-d", "slug=my-fuser", "-d", "role=fuser", "-d", "summary=It's my own fuser"]
    run(["-m", "copier", "copy", "-q", "--defaults", *answers, str(HERE), str(tmp_path / "fuser")], os.environ)
    files = [path.relative_to(tmp_path / "fuser") for path in (tmp_path / "fuser").rglob("*") if path.is_file()]
    assert len(files) == 8
    for file in files:
        assert (tmp_path / "fuser" / file).read_bytes() == (written / "fuser" / file).read_bytes()


@pytest.mark.parametrize("answer", [("--slug", "My_Plugin"), ("--role", "singer"), ("--summary", 'say "hi"')])
def test_a_wrong_answer_is_refused_and_writes_nothing(tmp_path, answer):
    good = {"--slug": "hum", "--role": "encoder", "--summary": "hums"} | dict([answer])
    done = CliRunner().invoke(app, [str(tmp_path / "new"), *(word for pair in good.items() for word in pair)])
    assert done.exit_code == 2
    assert f"'{answer[0].removeprefix('--')}'" in done.output, "the question is named"
    assert not (tmp_path / "new").exists()


def test_a_folder_with_something_in_it_is_left_alone(tmp_path):
    (tmp_path / "mine.txt").write_text("kept")
    done = CliRunner().invoke(app, [str(tmp_path), "--slug", "hum", "--role", "encoder", "--summary", "hums"])
    assert done.exit_code == 2
    assert os.listdir(tmp_path) == ["mine.txt"]

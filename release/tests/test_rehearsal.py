"""The rehearsal as a whole: of tiny workspaces that need nothing from an index, then of two real distributions."""

import json
import sys

import pytest
from typer.testing import CliRunner

from release import rehearsal
from release.building import build
from release.workspace import distributions

PYTHON = f"{sys.version_info.major}.{sys.version_info.minor}"


@pytest.fixture
def rehearse(root, tmp_path, monkeypatch):
    """Rehearses the workspace of a test, with an index that has nothing; gives exit code, text and report."""
    (tmp_path / "index").mkdir()
    monkeypatch.setenv("UV_DEFAULT_INDEX", (tmp_path / "index").as_uri())
    monkeypatch.setattr(rehearsal, "distributions", lambda: distributions(root))

    def rehearse(*options):
        report = tmp_path / "report.json"
        arguments = ["--python", sys.executable, "--torch", "none", "--newest", "--json", str(report), *options]
        result = CliRunner().invoke(rehearsal.app, arguments)
        return result.exit_code, result.output, json.loads(report.read_text()) if report.is_file() else None

    return rehearse


def states(report):
    return {(outcome["subject"], outcome["step"]): outcome["state"] for outcome in report["outcomes"]}


def test_a_sound_workspace_passes(make, rehearse, tmp_path):
    make("affekt-one")
    make("affekt-two", dependencies=("affekt-one>=0.1,<0.2",), extras={"more": ["affekt-one"]})
    code, output, report = rehearse("--keep", str(tmp_path / "kept"))
    assert code == 0, output
    assert report["ok"] is True
    assert "as was asked" in report["torch"][PYTHON]
    seen = states(report)
    assert set(seen.values()) == {"passed"}
    assert seen["affekt-two", "installs"] == seen["all together", "lists"] == seen["affekt-two[more]", "resolves"]
    assert len(list((tmp_path / "kept").iterdir())) == 4


@pytest.mark.parametrize(
    ("how", "complaint"),
    [
        ({"without": ("LICENSE",)}, "LICENSE is not in the wheel"),
        ({"replace": ('license-files = ["LICENSE"]', "license-files = []")}, "LICENSE is not in the wheel"),
        ({"replace": ('requires-python = ">=3.11"', "")}, "lack requires-python"),
        ({"extras": {"train": ["affekt-lost"]}}, "no distribution of the workspace is called affekt-lost"),
        ({"replace": ("src/affekt_two", "src/affekt_one"), "files": {"src/affekt_one/__init__.py": ""}}, "is in"),
        ({"files": {"README.md": ""}}, "description"),
    ],
)
def test_a_fault_in_one_fails_the_whole_and_nothing_is_installed(make, rehearse, how, complaint):
    make("affekt-one")
    make("affekt-two", **how)
    code, output, report = rehearse()
    assert code == 1, output
    details = "\n".join(outcome["detail"] for outcome in report["outcomes"] if outcome["state"] == "failed")
    assert complaint in details
    assert complaint in " ".join(output.split())
    assert states(report)["all", "environments"] == "not tried"


def test_one_that_does_not_install_fails_the_whole(make, rehearse):
    make("affekt-one", dependencies=("surely-nowhere>=1",))
    make("affekt-two")
    code, output, report = rehearse()
    assert code == 1, output
    assert states(report)["affekt-one", "installs"] == states(report)["all together", "installs"] == "failed"
    assert states(report)["affekt-two", "installs"] == "passed"


def test_wheels_built_elsewhere_are_tried_and_their_version_compared(make, rehearse, root, tmp_path):
    folder = make("affekt-one")
    make("affekt-two")
    build(folder, tmp_path / "dist")
    code, output, report = rehearse("--wheels", str(tmp_path / "dist"))
    assert code == 0, output
    assert {subject for subject, _ in states(report)} == {"affekt-one", "all"}
    (folder / "pyproject.toml").write_text((folder / "pyproject.toml").read_text().replace("0.1.0", "0.1.1"))
    code, output, report = rehearse("--wheels", str(tmp_path / "dist"))
    assert code == 1
    assert "the wheel is version 0.1.0, the pyproject.toml says 0.1.1" in output


def test_only_one_is_tried_and_a_fault_of_another_does_not_count(make, rehearse):
    make("affekt-one")
    make("affekt-broken", without=("README.md",))
    code, output, report = rehearse("--only", "affekt_one")
    assert code == 0, output
    assert ("affekt-broken", "installs") not in states(report)
    assert states(report)["affekt-broken", "builds"] == "not tried"


def test_wrong_options_are_refused(make, rehearse, tmp_path):
    make("affekt-one")
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "old.whl").touch()
    (tmp_path / "empty").mkdir()
    for options, complaint in {
        ("--only", "affekt-won"): "affekt-one",
        ("--keep", str(tmp_path / "full")): "not empty",
        ("--wheels", str(tmp_path / "empty")): "holds no wheel",
        ("--torch", "cuda"): "cpu-index",
    }.items():
        code, output, _ = rehearse(*options)
        assert code == 2
        assert complaint in " ".join(output.replace("│", "").split())


@pytest.mark.network
@pytest.mark.slow
def test_two_real_distributions_install_and_list(tmp_path):
    report = tmp_path / "report.json"
    names = ["--only", "affekt-core", "--only", "affekt-basics"]
    result = CliRunner().invoke(rehearsal.app, [*names, "--torch", "none", "--json", str(report)])
    assert result.exit_code == 0, result.output
    seen = states(json.loads(report.read_text()))
    assert seen["affekt-basics", "loads"] == seen["affekt-core", "lists"] == "passed"

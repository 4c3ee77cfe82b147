"""lock.txt is what was resolved from what the workspace asks for, and what this environment holds."""

import importlib.util
import sys
from importlib import metadata
from pathlib import Path

import pytest
from packaging.utils import canonicalize_name
from packaging.version import Version

ROOT = Path(__file__).resolve().parent.parent.parent


@pytest.fixture(scope="module")
def lock():
    spec = importlib.util.spec_from_file_location("affekt_release_lock", ROOT / "release" / "lock.py")
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def workspace(tmp_path, lock):
    """A workspace of one distribution, locked."""
    project = tmp_path / "core" / "pyproject.toml"
    project.parent.mkdir()
    project.write_text(
        '[build-system]\nrequires = ["hatchling"]\n'
        '[project]\nname = "affekt-core"\ndependencies = ["affekt-basics>=0.1", "numpy>=1.26"]\n'
        "[project.optional-dependencies]\nmore = [\"av>=18,<19 ; python_version >= '3.12'\"]\n"
    )
    (tmp_path / "hatch.toml").write_text('[envs.default]\ndependencies = ["pytest>=8"]\n')
    (tmp_path / "bounds.txt").write_text("numpy<3  # untested\n")
    (tmp_path / "overrides.txt").write_text("")
    resolved = (
        "av==18.1.0 ; python_full_version >= '3.12'\nhatch==1.18.2\nhatchling==1.30\npytest==9.1.0\n"
        "numpy==2.4.6 ; python_full_version < '3.12'\nnumpy==2.5.5 ; python_full_version >= '3.12'\n"
    )
    (tmp_path / "lock.txt").write_text(lock.written(resolved, tmp_path))
    return tmp_path


def test_the_lock_of_this_repository_fits_what_its_distributions_ask_for(lock):
    assert list(lock.problems()) == []


def test_what_is_installed_here_is_what_is_locked(lock):
    if Path(sys.prefix).name == "newest":
        pytest.skip("that environment is there to differ")
    locked = lock.locked((ROOT / "lock.txt").read_text())
    from packaging.markers import default_environment

    here = {**default_environment(), "extra": ""}
    wrong = []
    for distribution in metadata.distributions():
        name = canonicalize_name(distribution.name)
        if name.startswith("affekt"):
            continue
        version = lock.version_for(name, locked, here)
        if version is None:
            wrong.append(f"{name} {distribution.version} is not locked")
        elif version != Version(Version(distribution.version).public):
            wrong.append(f"{name} {distribution.version} is installed, {version} is locked")
    assert not wrong, "Try: hatch env prune, then the command again"


def test_a_lock_as_it_was_written_has_no_problems(lock, workspace):
    assert list(lock.problems(workspace)) == []


def test_an_edited_line_of_the_lock_is_found(lock, workspace):
    path = workspace / "lock.txt"
    path.write_text(path.read_text().replace("numpy==2.5.5", "numpy==2.5.4"))
    assert list(lock.problems(workspace)) == ["a line was edited since the lock was written"]


def test_a_line_that_was_taken_out_of_the_lock_is_found(lock, workspace):
    path = workspace / "lock.txt"
    path.write_text(path.read_text().replace("av==18.1.0 ; python_full_version >= '3.12'\n", ""))
    assert list(lock.problems(workspace)) == [
        'av<19,>=18; python_version >= "3.12" is asked for and not locked (Python 3.12, Linux)',
        "a line was edited since the lock was written",
    ]


def test_a_new_dependency_that_is_not_locked_is_found(lock, workspace):
    path = workspace / "core" / "pyproject.toml"
    path.write_text(path.read_text().replace('"numpy>=1.26"', '"numpy>=1.26", "scipy>=1.11"'))
    assert list(lock.problems(workspace)) == [
        "scipy>=1.11 is asked for and not locked (Python 3.11, Linux)",
        "the requirements are not those that were resolved",
    ]


def test_a_bound_that_the_lock_does_not_keep_is_found(lock, workspace):
    path = workspace / "core" / "pyproject.toml"
    path.write_text(path.read_text().replace("numpy>=1.26", "numpy>=1.26,<2.5"))
    assert next(lock.problems(workspace)) == "numpy<2.5,>=1.26 is asked for, 2.5.5 is locked (Python 3.12, Linux)"


def test_a_changed_bound_asks_for_a_new_lock_and_a_changed_comment_does_not(lock, workspace):
    bounds = workspace / "bounds.txt"
    bounds.write_text("numpy<3  # still untested\n\n# nothing else\n")
    assert list(lock.problems(workspace)) == []
    bounds.write_text("numpy<4\n")
    assert list(lock.problems(workspace)) == ["the requirements are not those that were resolved"]


def test_a_dependency_of_an_environment_counts_like_one_of_a_distribution(lock, workspace):
    path = workspace / "hatch.toml"
    path.write_text(path.read_text().replace('"pytest>=8"', '"pytest>=8", "ruff"'))
    assert next(lock.problems(workspace)) == "ruff is asked for and not locked (Python 3.11, Linux)"


def test_a_lock_that_is_not_there_is_said(lock, workspace):
    (workspace / "lock.txt").unlink()
    assert list(lock.problems(workspace)) == ["there is no lock.txt"]

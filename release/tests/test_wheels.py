"""What a wheel must hold and must not hold: shown on tiny distributions with one fault each, then on our own."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from release import wheel_checks
from release.building import build, build_all, untracked_files
from release.workspace import distributions


def problems(folder: Path, out: Path) -> str:
    return "\n".join(wheel_checks.problems(build(folder, out).wheel))


def test_a_sound_distribution_has_no_problems(make, tmp_path):
    entry = '[project.entry-points.affekt]\nsound = "affekt_sound.plugin:hook"'
    folder = make("affekt-sound", tables=entry, files={"src/affekt_sound/plugin.py": "hook = 1\n"})
    built = build(folder, tmp_path / "dist")
    assert wheel_checks.problems(built.wheel) == []
    assert wheel_checks.differences(built.wheel, built.wheel_of_sdist) == []


def test_a_wheel_without_licence_fails(make, tmp_path):
    folder = make("affekt-bare", without=("LICENSE",), replace=('license-files = ["LICENSE"]', "license-files = []"))
    assert "LICENSE is not in the wheel" in problems(folder, tmp_path / "dist")


def test_an_empty_licence_fails(make, tmp_path):
    assert "LICENSE is empty" in problems(make("affekt-blank", files={"LICENSE": "\n"}), tmp_path / "dist")


@pytest.mark.parametrize(
    ("line", "complaint"),
    [
        ('license = "Apache-2.0"', "license-expression"),
        ('description = "A distribution of a test"', "summary"),
        ('readme = "README.md"', "description"),
        ('authors = [{ name = "The affekt developers" }]', "no author"),
        ('requires-python = ">=3.11"', "requires-python"),
        ('  "Programming Language :: Python :: 3.12",', "requires-python allows 3.12, and no classifier says so"),
        ('  "Development Status :: 3 - Alpha",', "development status"),
        ('Changelog = "https://example.org/Changelog"', "no URL is labelled Changelog"),
    ],
)
def test_missing_metadata_fail(make, tmp_path, line, complaint):
    assert complaint in problems(make("affekt-bare", replace=(line, "")), tmp_path / "dist")


def test_a_python_that_is_stated_and_refused_fails(make, tmp_path):
    folder = make("affekt-narrow", replace=('requires-python = ">=3.11"', 'requires-python = ">=3.12"'))
    assert "a classifier says Python 3.11, which requires-python refuses" in problems(folder, tmp_path / "dist")


def test_a_test_in_the_package_fails(make, tmp_path):
    folder = make("affekt-full", files={"src/affekt_full/tests/test_it.py": ""})
    assert "affekt_full/tests/test_it.py is a test" in problems(folder, tmp_path / "dist")


def test_an_untyped_package_and_a_second_package_fail(make, tmp_path):
    untyped = make("affekt-untyped", without=("src/affekt_untyped/py.typed",))
    assert "affekt_untyped has no py.typed" in problems(untyped, tmp_path / "untyped")
    both = make(
        "affekt-two",
        files={"src/other/__init__.py": ""},
        replace=('packages = ["src/affekt_two"]', 'packages = ["src/affekt_two", "src/other"]'),
    )
    assert "more than one thing lies at the top: affekt_two, other" in problems(both, tmp_path / "both")


@pytest.mark.parametrize("target", ["affekt_lost.plugin", "affekt_lost.hooks:hook", "affekt_lost:hook"])
def test_an_entry_point_that_is_not_there_fails(make, tmp_path, target):
    tables = f'[project.entry-points.affekt]\nlost = "{target}"'
    source = "def other():\n    hook = 1\n"
    folder = make("affekt-lost", tables=tables, files={"src/affekt_lost/hooks.py": source})
    assert f"lost = {target} of affekt names" in problems(folder, tmp_path / "dist")


def test_two_wheels_with_one_file_fail(make, tmp_path):
    first = make("affekt-one", files={"src/affekt_one/data.txt": "1"})
    second = make("affekt-two", files={"src/affekt_one/Data.txt": "2"}, replace=("src/affekt_two", "src/affekt_one"))
    wheels = [build(folder, tmp_path / "dist").wheel for folder in (first, second)]
    shared = wheel_checks.shared_files(wheels)
    names = "affekt_one-0.1.0-py3-none-any.whl and in affekt_two-0.1.0-py3-none-any.whl"
    assert f"affekt_one/data.txt is in {names}" in shared
    assert wheel_checks.shared_files(wheels[:1]) == []


def test_two_wheels_with_one_command_fail(make, tmp_path):
    names, tables = ("affekt-one", "affekt-two"), '[project.scripts]\nfeel = "{}:main"'
    folders = [make(name, tables=tables.format(name.replace("-", "_"))) for name in names]
    shared = wheel_checks.shared_files([build(folder, tmp_path / "dist").wheel for folder in folders])
    assert [line.split(" is in ")[0] for line in shared] == ["the command feel"]


def test_an_sdist_that_lacks_a_file_is_told(make, tmp_path):
    folder = make(
        "affekt-torn",
        files={"src/affekt_torn/data.txt": "1"},
        tables='[tool.hatch.build.targets.sdist]\nexclude = ["*.txt"]',
    )
    built = build(folder, tmp_path / "dist")
    differences = wheel_checks.differences(built.wheel, built.wheel_of_sdist)
    assert differences == ["the sdist lacks what builds affekt_torn/data.txt"]


def test_what_git_does_not_track_is_in_no_wheel(make, tmp_path):
    folder = make("affekt-clean")
    (folder / "src/affekt_clean/scratch.py").write_text("password = 1\n")
    wheel = wheel_checks.Wheel(build(folder, tmp_path / "dist").wheel)
    assert "affekt_clean/scratch.py" not in wheel.files
    assert untracked_files(folder) == ["src/affekt_clean/scratch.py"]


def test_a_distribution_that_git_does_not_track_is_not_built(make, root, tmp_path):
    folder = make("affekt-new")
    (root / ".git" / "index").unlink()
    with pytest.raises(FileNotFoundError, match="git add affekt-new"):
        build(folder, tmp_path / "dist")


def test_one_that_cannot_be_built_does_not_stop_the_others(make, root, tmp_path):
    make("affekt-broken", without=("README.md",))
    make("affekt-sound")
    with ThreadPoolExecutor(1) as executor:
        results = {each.name: built for each, built in build_all(distributions(root), tmp_path / "dist", executor)}
    assert "README.md" in str(results["affekt-broken"])
    assert wheel_checks.problems(results["affekt-sound"].wheel) == []


@pytest.fixture(scope="module")
def our_wheels(tmp_path_factory):
    """The wheels of this repository, of what git tracks."""
    out = tmp_path_factory.mktemp("dist")
    with ThreadPoolExecutor(2) as executor:
        return {each.name: built for each, built in build_all(distributions(), out, executor)}


@pytest.mark.parametrize("name", [distribution.name for distribution in distributions()])
def test_each_of_our_wheels_is_as_it_should_be(our_wheels, name):
    built = our_wheels[name]
    if isinstance(built, Exception):
        raise built
    assert wheel_checks.problems(built.wheel) == []
    assert wheel_checks.differences(built.wheel, built.wheel_of_sdist) == []


def test_no_two_of_our_wheels_share_a_file(our_wheels):
    wheels = [built.wheel for built in our_wheels.values() if not isinstance(built, Exception)]
    assert len(wheels) == len(distributions())
    assert wheel_checks.shared_files(wheels) == []

"""What `affekt` and its extras name: everything of the workspace, nothing else, and within one minor version."""

import importlib.util
import re
import zipfile
from pathlib import Path

import pytest
import yaml
from affekt import lookup
from hatchling.builders.wheel import WheelBuilder
from packaging.requirements import Requirement
from packaging.version import Version

FOLDER = Path(__file__).resolve().parents[1]


@pytest.fixture(scope="module")
def writer():
    spec = importlib.util.spec_from_file_location("write_first_party", FOLDER / "write_first_party.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def projects(writer):
    return writer.projects()


@pytest.fixture(scope="module")
def project(projects):
    return projects["affekt"]


def lines_of(project):
    return [*project["dependencies"], *(line for extra in project["optional-dependencies"].values() for line in extra)]


def reached(projects, name, extras=()):
    """The workspace's distributions that an installation brings, as (name, extra) with "" for the name alone."""
    pairs, new = set(), {(name, ""), *((name, extra) for extra in extras)}
    while new:
        pairs |= new
        lines = [
            line
            for distribution, extra in new
            for line in (
                projects[distribution].get("optional-dependencies", {})[extra]
                if extra
                else projects[distribution].get("dependencies", ())
            )
        ]
        requirements = [requirement for line in lines if (requirement := Requirement(line)).name in projects]
        new = {(r.name, extra) for r in requirements for extra in ("", *r.extras)} - pairs
    return {distribution for distribution, _ in pairs}


def test_everything_of_the_workspace_is_reached_by_all(projects):
    assert projects.keys() - reached(projects, "affekt", ["all"]) == set()


def test_all_names_every_other_extra_itself_or_through_one(writer, project):
    everything = writer.names_in_extra(project, "all")
    for extra in project["optional-dependencies"]:
        assert writer.names_in_extra(project, extra) <= everything, extra


def test_extras_name_only_distributions_and_extras_that_exist(projects, project):
    for line in lines_of(project):
        requirement = Requirement(line)
        assert requirement.name in projects, line
        assert requirement.extras <= projects[requirement.name].get("optional-dependencies", {}).keys(), line


def test_every_requirement_is_bounded_by_the_version_of_the_workspace(projects, project):
    for line in lines_of(project):
        requirement = Requirement(line)
        version = Version(projects[requirement.name]["version"])
        assert version in requirement.specifier, line
        assert Version(f"{version.major}.{version.minor + 1}") not in requirement.specifier, line


def test_the_default_pipeline_is_among_the_dependencies(writer, project):
    entry = writer.announcements().pipelines["default"]
    assert set(writer.pipeline_distributions(entry)) <= writer.names_in(project, project["dependencies"])


def test_a_shipped_pipeline_requires_the_distributions_of_its_components(writer):
    registry = writer.announcements()
    for name, entry in registry.pipelines.items():
        content = yaml.safe_load((writer.resources.files(entry.info.package) / entry.info.path).read_text("utf-8"))
        slots = [("preparer", use) for use in content.get("prepare", {}).values()]
        slots += [("encoder", use) for use in content.get("encoders", {}).values()]
        slots += [(role, content[role]) for role in ("fuser", "reasoner", "speaker") if role in content]
        components = [(role, use if isinstance(use, str) else use["use"]) for role, use in slots]
        required = {Requirement(line) for line in content["requires"]}
        assert {requirement.name for requirement in required} == registry.owners(components), name
        for requirement in required:
            assert "0.1.0" in requirement.specifier, name
            assert "0.2.0" not in requirement.specifier, name


def test_the_readme_describes_every_extra(project):
    described = re.findall(r"^\| `affekt\[(.+?)\]` \|", (FOLDER / "README.md").read_text("utf-8"), re.MULTILINE)
    assert described == list(project["optional-dependencies"])


def test_the_table_of_names_is_that_of_the_workspace(writer):
    written = yaml.safe_load(writer.FILE.read_text(encoding="utf-8"))
    assert written == writer.table(), "run: python packages/affekt/write_first_party.py"
    assert lookup.distributions_of("command", "train") == ("affekt-training",)


def test_the_wheel_holds_metadata_only(tmp_path):
    (wheel,) = WheelBuilder(str(FOLDER)).build(directory=str(tmp_path))
    names = zipfile.ZipFile(wheel).namelist()
    assert {name.partition("/")[0] for name in names} == {"affekt-0.1.0.dist-info"}
    assert "affekt-0.1.0.dist-info/licenses/LICENSE" in names

"""Every distribution's README holds the options as the code has them, and reads as well on a package index."""

import re
import tomllib
from pathlib import Path

import pytest
from affekt import plugins
from affekt_testing.options_table import announced_by, check

ROOT = Path(__file__).resolve().parent.parent
PLUGINS = {path.parent.name: path.parent for path in sorted(ROOT.glob("plugins/*/pyproject.toml"))}
MEMBERS = [ROOT / "core", *(path.parent for path in sorted(ROOT.glob("packages/*/pyproject.toml"))), *PLUGINS.values()]
READMES = {str(folder.relative_to(ROOT)): folder / "README.md" for folder in MEMBERS}

REPOSITORY = "https://github.com/affekt-project/affekt/"
INLINE = re.compile(r"\]\(([^)\s]+)[^)]*\)")
DEFINITION = re.compile(r"^\[([^\]]+)\]: +(\S+)", re.MULTILINE)
REFERENCE = re.compile(r"\[[^\]]+\]\[([^\]]+)\]")
CODE = re.compile(r"^```.*?^```|`[^`\n]*`", re.MULTILINE | re.DOTALL)


def links(text: str) -> list[str]:
    """Every address that a Markdown text links to; code is not read."""
    prose = CODE.sub("code", text)
    return INLINE.findall(prose) + [address for _, address in DEFINITION.findall(prose)]


@pytest.mark.parametrize("name", PLUGINS)
def test_the_tables_of_options_are_those_of_the_code(name):
    distribution = tomllib.loads((PLUGINS[name] / "pyproject.toml").read_text())["project"]["name"]
    failures = [failure.error for failure in plugins().failures if failure.distribution == distribution]
    assert not failures
    assert announced_by(distribution), (
        f"{distribution} is not installed, or announces nothing: hatch run affekt plugins"
    )
    check(PLUGINS[name] / "README.md", distribution)


@pytest.mark.parametrize("name", READMES)
def test_every_link_works_on_a_package_index(name):
    relative = [link for link in links(READMES[name].read_text()) if not re.match(r"https?://|mailto:|#", link)]
    assert not relative, f"relative links break outside the repository; write {REPOSITORY}blob/main/…"


@pytest.mark.parametrize("name", READMES)
def test_every_link_into_the_repository_names_a_file_of_it(name):
    paths = [
        re.sub(r"^(blob|tree)/main/|#.*$", "", link.removeprefix(REPOSITORY))
        for link in links(READMES[name].read_text())
        if link.startswith((f"{REPOSITORY}blob/", f"{REPOSITORY}tree/"))
    ]
    lost = [path for path in paths if not (ROOT / path).exists()]
    assert not lost, f"{name}/README.md links to files that do not exist"


@pytest.mark.parametrize("name", READMES)
def test_every_link_by_reference_is_defined(name):
    text = READMES[name].read_text()
    prose = CODE.sub("code", text)
    defined = {label.lower() for label, _ in DEFINITION.findall(text)}
    assert {label.lower() for label in REFERENCE.findall(prose)} <= defined

"""The site builds strictly and without a network; every link of it resolves, and it loads nothing from elsewhere."""

import re
import subprocess
import sys
from pathlib import Path

import pytest
import yaml
from check_site import problems
from pages_from_code.workspace import ROOT, Workspace

FRAMEWORKS = ("torch", "transformers", "torchvision", "timm", "onnxruntime", "sklearn")
WITHOUT_A_NETWORK = """
import os, runpy, socket, sys
def refuse(*arguments, **options): raise OSError(f"the build asked for the network: {arguments}")
socket.getaddrinfo = socket.create_connection = refuse
name, sys.argv = sys.argv[1], sys.argv[1:]
sys.path.insert(0, os.path.dirname(name))
try:
    runpy.run_path(name, run_name="__main__") if name.endswith(".py") else runpy.run_module(name, run_name="__main__")
finally:
    print("loaded:", *[framework for framework in FRAMEWORKS if framework in sys.modules])
"""


def run(*arguments: str) -> subprocess.CompletedProcess[str]:
    code = WITHOUT_A_NETWORK.replace("FRAMEWORKS", repr(FRAMEWORKS))
    command = [sys.executable, "-c", code, *arguments]
    return subprocess.run(command, capture_output=True, text=True, cwd=ROOT, check=False, timeout=600)


def built(folder: Path) -> subprocess.CompletedProcess[str]:
    return run("mkdocs", "build", "--strict", "--config-file", str(folder / "mkdocs.yml"))


@pytest.fixture(scope="module")
def generated(tmp_path_factory):
    """The folder that MkDocs reads."""
    folder = tmp_path_factory.mktemp("docs")
    done = run(str(ROOT / "docs/build_pages.py"), "--into", str(folder))
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines()[-1] == "loaded:", "writing the pages imports a framework"
    return folder


@pytest.fixture(scope="module")
def site(generated):
    done = built(generated)
    assert done.returncode == 0, done.stdout + done.stderr
    return generated / "site"


def test_every_link_resolves_and_nothing_is_loaded_from_elsewhere(site):
    assert not list(problems(site))


def test_the_page_of_a_distribution_is_its_readme(site):
    for member in Workspace.read(ROOT).members:
        page = (site / "distributions" / member.name / "index.html").read_text()
        headings = re.findall(r"^## (.+)$", member.readme.read_text(), re.MULTILINE)
        assert f"Version {member.version}" in page
        assert not [heading for heading in headings if heading.replace("`", "") not in re.sub(r"<[^>]+>", "", page)]


def test_every_component_is_in_the_matrix_with_its_modality(site):
    page = (site / "components/index.html").read_text()
    registry = Workspace.read(ROOT).registry
    assert not [name for _, name in registry.components if f"<code>{name}</code>" not in page]
    assert not [name for name in registry.weights if f"<code>{name}</code>" not in page]
    row = page.partition("<code>hubert</code>")[2].partition("</tr>")[0]
    assert "audio" in row
    assert "377.5" in row
    assert "torch" in row


@pytest.fixture
def small(generated, tmp_path):
    """The same settings over two pages that a test may spoil."""
    settings = yaml.safe_load((generated / "mkdocs.yml").read_text())
    settings["nav"] = [{"One": "index.md"}, {"Two": "two.md"}]
    settings["plugins"] = ["search"]
    (tmp_path / "mkdocs.yml").write_text(yaml.safe_dump(settings))
    (tmp_path / "pages").mkdir()
    (tmp_path / "pages/site.css").touch()
    (tmp_path / "pages/index.md").write_text("# One\n\n[the other](two.md#there)\n")
    (tmp_path / "pages/two.md").write_text("# Two\n\n## There\n")
    return tmp_path


def test_two_sound_pages_build(small):
    assert built(small).returncode == 0


@pytest.mark.parametrize(
    ("page", "text"),
    [
        ("two.md", "# Two\n\n[nowhere](three.md)\n\n## There\n"),
        ("two.md", "# Two, without the heading that the other page links to\n"),
        ("three.md", "# A page that is not in the navigation\n"),
    ],
)
def test_a_broken_link_or_a_lost_page_stops_the_build(small, page, text):
    (small / "pages" / page).write_text(text)
    assert built(small).returncode != 0


@pytest.mark.parametrize(
    ("html", "problem"),
    [
        ('<a href="nowhere/">x</a>', "nowhere/ leads nowhere"),
        ('<a href="#nowhere">x</a>', "#nowhere names no place on the page"),
        ('<a href="../other/">x</a>', "../other/ leads out of the site"),
        ('<a href="https://affekt-project.github.io/affekt/gone/">x</a>', "leads nowhere"),
        ('<script src="https://cdn.example.org/x.js"></script>', "loads https://cdn.example.org/x.js from elsewhere"),
        ('<script src="lost.js"></script>', "loads lost.js, which does not exist"),
        ('<link rel="stylesheet" href="//fonts.example.org/a.css">', "loads //fonts.example.org/a.css from elsewhere"),
        ('<link rel="preconnect" href="https://fonts.example.org">', "loads https://fonts.example.org from elsewhere"),
        ('<img alt="x" src="https://example.org/badge.svg">', "loads https://example.org/badge.svg from elsewhere"),
        ('<img src="data:image/png;base64,AA==">', "has no description"),
        ('<p style="background: url(https://example.org/a.png)">', "loads https://example.org/a.png from elsewhere"),
    ],
)
def test_the_check_names_what_is_wrong(tmp_path, html, problem):
    (tmp_path / "index.html").write_text(f"<html><body>{html}</body></html>")
    assert [line for line in problems(tmp_path) if line.startswith("index.html: ") and problem in line]


def test_the_check_reads_style_sheets(tmp_path):
    (tmp_path / "a.css").write_text("@font-face { src: url('https://fonts.example.org/a.woff2') }")
    assert "a.css: loads https://fonts.example.org/a.woff2 from elsewhere" in list(problems(tmp_path))


def test_a_distribution_without_a_page_is_named(tmp_path):
    assert "affekt-core has no page" in list(problems(tmp_path))

"""What the pages take from the code and from other files, before any site is built."""

import sys

import build_pages
import pytest
from pages_from_code import blocks, links
from pages_from_code.workspace import ROOT, Workspace

FILES = "https://github.com/affekt-project/affekt/blob/main"


@pytest.mark.parametrize(
    ("written", "turned"),
    [
        (f"[a]({FILES}/plugins/whisper/README.md)", "[a](../distributions/affekt-whisper.md)"),
        (f"[a]({FILES}/plugins/whisper/README.md#weights)", "[a](../distributions/affekt-whisper.md#weights)"),
        (
            f"[a]: {FILES.replace('blob', 'tree')}/packages/voices\n\nmore",
            "[a]: ../distributions/affekt-voices.md\n\nmore",
        ),
        (f"[a]({FILES}/docs/decisions/0030-a.md)", "[a](../decisions/0030-a.md)"),
        (f"[a]({FILES}/core/CHANGELOG.md)", "[a](../changelog.md#affekt-core)"),
        ("[affekt](https://github.com/affekt-project/affekt)", "[affekt](../index.md)"),
    ],
)
def test_a_link_into_the_repository_leads_to_the_page_of_the_file(written, turned):
    assert links.on_the_site(written, "distributions/affekt-text.md") == turned


@pytest.mark.parametrize(
    "text",
    [
        f"[a]({FILES}/plugins/face/MODEL_CARD.md)",
        "[issues](https://github.com/affekt-project/affekt/issues)",
        f"```\n[a]({FILES}/plugins/whisper/README.md)\n```",
    ],
)
def test_other_links_and_code_stay_as_they_are(text):
    assert links.on_the_site(text, "distributions/affekt-text.md") == text


def test_relative_links_of_the_readme_lead_to_github():
    assert links.absolute("[a](plugins/face) [b](LICENSE) [c](#d)") == (
        f"[a]({FILES.replace('blob', 'tree')}/plugins/face) [b]({FILES}/LICENSE) [c](#d)"
    )


def test_a_page_that_asks_for_an_unknown_block_is_refused(tmp_path):
    (tmp_path / "docs").mkdir()
    (tmp_path / "docs/index.md").write_text("# Page\n\n<!-- generated: weather -->\n")
    with pytest.raises(ValueError, match=r'docs/index\.md: there is no generated block "weather"\nTry: one of '):
        build_pages.build(Workspace(root=tmp_path, members=()), tmp_path / "out")


def test_a_section_that_the_readme_lost_is_named():
    with pytest.raises(ValueError, match=r'README\.md has no section "Prices"'):
        blocks.section_of_readme("Prices")(Workspace.read(ROOT))


def test_a_plugin_that_cannot_be_listed_stops_the_build(tmp_path, monkeypatch):
    monkeypatch.setattr(sys, "path", [*sys.path])
    for folder in ("core", "plugins/hum"):
        (tmp_path / folder / "src/affekt_hum").mkdir(parents=True)
    (tmp_path / "core/pyproject.toml").write_text('[project]\nname = "affekt-core"\nversion = "0.1.0"\n')
    (tmp_path / "plugins/hum/pyproject.toml").write_text(
        '[project]\nname = "affekt-hum"\nversion = "1"\n[project.entry-points.affekt]\nhum = "affekt_hum.plugin"\n'
    )
    (tmp_path / "plugins/hum/src/affekt_hum/__init__.py").touch()
    (tmp_path / "plugins/hum/src/affekt_hum/plugin.py").write_text("raise RuntimeError('out of tune')\n")
    with pytest.raises(RuntimeError, match=r"affekt-hum: .*out of tune"):
        _ = Workspace.read(tmp_path).registry


def test_every_extra_of_affekt_is_on_the_page_that_helps_to_choose():
    workspace = Workspace.read(ROOT)
    table = blocks.extras(workspace)
    extras = workspace.named("affekt").project["optional-dependencies"]
    assert not [extra for extra in extras if f"`affekt[{extra}]`" not in table]

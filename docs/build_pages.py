"""Writes everything that MkDocs builds the site from: `python docs/build_pages.py`, then `mkdocs build`.

Pages that people write lie in docs/ and are copied; where one says `<!-- generated: components -->`, the block of that
name takes its place. A page for each distribution comes from its README, one of its reference from its docstrings.
Read on in `pages_from_code`: `workspace` (the distributions and what they announce), `blocks` (the generated blocks),
`distributions` and `reference` (the generated pages), `links` (where a link into the repository leads on the site).
"""

import argparse
import re
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml
from pages_from_code import blocks, distributions, links, reference
from pages_from_code.workspace import ROOT, Workspace

MARKER = re.compile(r"^<!-- generated: ([\w-]+) -->$", re.MULTILINE)
COPIED = ("*.md", "*.css", "images/*.svg", "images/*.webp", "decisions/*.md", "distributions/*.md", "reference/*.md")


def main() -> None:
    """Writes the pages and the settings into a folder, which is emptied first."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--into", type=Path, default=ROOT / "out/docs", help="default: out/docs")
    folder = parser.parse_args().into.resolve()
    build(Workspace.read(ROOT), folder)
    print(f"mkdocs build --strict --config-file {folder / 'mkdocs.yml'}")


def build(workspace: Workspace, folder: Path) -> None:
    """Writes `mkdocs.yml` and `pages/` into a folder; MkDocs adds `site/`."""
    pages = folder / "pages"
    if pages.exists():
        shutil.rmtree(pages)
    written = workspace.root / "docs"
    for path in sorted(path for pattern in COPIED for path in written.glob(pattern)):
        target = pages / path.relative_to(written)
        target.parent.mkdir(parents=True, exist_ok=True)
        if path.suffix == ".md":
            target.write_text(_with_blocks(path, workspace), encoding="utf-8")
        else:
            shutil.copyfile(path, target)
    generated = distributions.pages(workspace) | reference.pages(workspace)
    for name, text in generated.items():
        target = pages / name
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text, encoding="utf-8")
    settings = _settings(workspace, list(generated))
    (folder / "mkdocs.yml").write_text(yaml.safe_dump(settings, sort_keys=False, allow_unicode=True), encoding="utf-8")


def _with_blocks(path: Path, workspace: Workspace) -> str:
    """A page with its generated blocks in place, and without comments: those are for the tests.

    Raises:
        ValueError: it asks for a block that does not exist.
    """

    def generated(marker: re.Match[str]) -> str:
        if marker[1] not in blocks.BLOCKS:
            raise ValueError(
                f'{path.relative_to(workspace.root)}: there is no generated block "{marker[1]}"\n'
                f"Try: one of {', '.join(blocks.BLOCKS)}"
            )
        return blocks.BLOCKS[marker[1]](workspace)

    page = path.relative_to(workspace.root / "docs").as_posix()
    return links.without_comments(links.on_the_site(MARKER.sub(generated, path.read_text(encoding="utf-8")), page))


def _settings(workspace: Workspace, generated: list[str]) -> Mapping[str, Any]:
    """The settings of the repository, with every generated page and every decision in the navigation."""
    settings = yaml.safe_load((workspace.root / "mkdocs.yml").read_text(encoding="utf-8"))
    more = {
        f"{section}/index.md": [{Path(name).stem: name} for name in generated if name.startswith(f"{section}/")]
        for section in ("distributions", "reference")
    }
    more["decisions/index.md"] = [
        {blocks.decision_title(path): f"decisions/{path.name}"} for path in blocks.decision_records(workspace)
    ]
    settings["nav"] = _completed(settings["nav"], more)
    settings["docs_dir"] = "pages"
    settings["site_dir"] = "site"
    (mkdocstrings,) = (plugin["mkdocstrings"] for plugin in settings["plugins"] if "mkdocstrings" in plugin)
    mkdocstrings["handlers"]["python"]["paths"] = [str(member.source) for member in workspace.members]
    return settings


def _completed(nav: list[Any], more: Mapping[str, list[Any]]) -> list[Any]:
    """A navigation whose index pages are followed by the pages that belong to them."""
    completed = []
    for entry in nav:
        if isinstance(entry, str):
            completed += [entry, *more[entry]]
        else:
            ((title, value),) = entry.items()
            completed.append({title: _completed(value, more) if isinstance(value, list) else value})
    return completed


if __name__ == "__main__":
    main()

"""Every Python block in the README of the repository and of every distribution runs."""

from unittest import SkipTest

import pytest
from pages_from_code.workspace import ROOT, Workspace
from sybil import Sybil

import examples

READMES = {"the repository": ROOT / "README.md"} | {
    member.name: member.readme for member in Workspace.read(ROOT).members
}
WITH_PYTHON = [name for name, path in READMES.items() if "```python" in path.read_text(encoding="utf-8")]
PREPARED = {"affekt-datasets": examples.prepare_dfew, "affekt-benchmark": examples.prepare_result}
PAGES = [*READMES.values(), *sorted((ROOT / "docs").rglob("*.md"))]


@pytest.mark.parametrize("name", WITH_PYTHON)
def test_the_python_of_a_readme_runs(name, tmp_path, monkeypatch):
    examples.prepare(tmp_path)
    PREPARED.get(name, lambda folder: None)(tmp_path)
    monkeypatch.chdir(tmp_path)
    page = Sybil(parsers=examples.parsers()[:2], path=str(ROOT)).parse(READMES[name])
    ran, skipped = 0, []
    for example in page.examples():
        try:
            example.evaluate()
            ran += 1
        except SkipTest as reason:
            skipped.append(str(reason))
    if skipped and ran <= len(skipped):  # the comments that skip are examples, too
        pytest.skip("; ".join(skipped))


@pytest.mark.parametrize("path", PAGES, ids=lambda path: str(path.relative_to(ROOT)))
def test_a_block_is_skipped_only_for_a_reason(path):
    assert not list(examples.skips_without_a_reason(path.read_text(encoding="utf-8")))


@pytest.mark.parametrize("comment", ["<!-- skip: next -->", "<!-- skip: start -->", '<!-- skip: next "no" -->'])
def test_a_skip_without_a_reason_is_found(comment):
    assert list(examples.skips_without_a_reason(f"# Page\n\n{comment}\n\n```python\n1 / 0\n```\n"))


def test_a_skip_with_a_reason_is_accepted():
    assert not list(examples.skips_without_a_reason('<!-- skip: next "needs a graphics card of 40 GB" -->'))

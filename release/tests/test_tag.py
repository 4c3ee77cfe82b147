"""A tag releases one distribution, or says why it cannot."""

import pytest

from release import tag


def test_a_tag_names_a_distribution_and_its_version(make, root):
    folder = make("affekt-qwen-audio", version="1.2.0rc1")
    assert tag.release_of("affekt-qwen-audio-v1.2.0rc1", root).folder == folder


@pytest.mark.parametrize(
    "name", ["affekt-qwen-v0.1.0", "v0.1.0", "affekt-qwen-audio-0.1.0", "affekt-qwen-audio-v0.1.0/x"]
)
def test_a_tag_of_nothing_is_refused(make, root, name):
    make("affekt-qwen-audio")
    with pytest.raises(ValueError, match=r"names no distribution\nTry: .*affekt-qwen-audio"):
        tag.release_of(name, root)


def test_another_version_than_the_trees_is_refused(make, root):
    make("affekt-qwen-audio", version="0.1.0")
    with pytest.raises(
        ValueError, match=r"releases version 0\.1\.1, packages/affekt-qwen-audio/pyproject.toml says 0\.1\.0"
    ):
        tag.release_of("affekt-qwen-audio-v0.1.1", root)


@pytest.mark.parametrize("text", ["# Changelog\n", "## 0.1.0\n\n## 0.0.9\n\n- Old.\n", "## 0.1.0.1\n\n- Other.\n"])
def test_a_silent_changelog_is_refused(make, root, text):
    make("affekt-qwen-audio", files={"CHANGELOG.md": text})
    with pytest.raises(ValueError, match=r"CHANGELOG\.md says nothing about 0\.1\.0"):
        tag.release_of("affekt-qwen-audio-v0.1.0", root)


def test_a_heading_may_carry_a_date(make, root):
    folder = make("affekt-dated", files={"CHANGELOG.md": "## 0.1.0 (2026-11-30)\n\n- New.\n\n## 0.0.9\n\n- Old.\n"})
    assert tag.changes(folder / "CHANGELOG.md", "0.1.0") == "- New."


def test_the_command_prints_what_a_workflow_reads(capsys):
    assert tag.main(["affekt-core-v0.1.0"]) == 0
    assert capsys.readouterr().out == "name=affekt-core\nversion=0.1.0\nfolder=core\n"
    assert tag.main(["affekt-core-v9.9"]) == 1
    assert "Try: " in capsys.readouterr().err

"""Runs the examples of the documentation's pages, see `examples`."""

import os
import shutil
import sys
from pathlib import Path

import pytest
from sybil import Sybil

sys.path.insert(0, str(Path(__file__).resolve().parent))  # the tests import the modules that build the site

import examples


@pytest.fixture(scope="module")
def beside_the_clip(tmp_path_factory):
    """The page runs in a folder that holds the sample clip as `clip.mp4`."""
    folder = tmp_path_factory.mktemp("page")
    examples.prepare(folder)
    before = Path.cwd()
    os.chdir(folder)
    yield folder
    os.chdir(before)
    shutil.rmtree(folder)


@pytest.fixture(scope="session", autouse=True)
def shared_components():
    """No page loads a model that another has loaded."""
    with pytest.MonkeyPatch.context() as patch:
        examples.share_components(patch)
        yield


pytest_collect_file = Sybil(
    parsers=examples.parsers(),
    patterns=["*.md", "decisions/*.md"],
    excludes=["reproduce-emotion-llama.md"],  # integration-tests/test_reproduce.py runs it on data of its own
    fixtures=["beside_the_clip"],
).pytest()

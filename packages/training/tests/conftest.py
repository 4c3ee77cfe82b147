import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))

import tiny


@pytest.fixture(scope="session")
def llama(tmp_path_factory):
    """The folder of a tiny random LLaMA."""
    return tiny.language_model(tmp_path_factory.mktemp("llama"))


@pytest.fixture(scope="session")
def store(tmp_path_factory):
    """Features are made once for all tests."""
    if not (tiny.SHARED / "data" / "emodb").is_dir():
        pytest.skip(f"needs EmoDB under {tiny.SHARED}; set AFFEKT_SHARED")
    return tmp_path_factory.mktemp("features")

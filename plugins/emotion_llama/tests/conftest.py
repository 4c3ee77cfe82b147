import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))

import tiny_checkpoints as tiny


@pytest.fixture(scope="session")
def llama(tmp_path_factory):
    """The folder of a tiny random LLaMA."""
    return tiny.language_model(tmp_path_factory.mktemp("llama"))


@pytest.fixture(scope="session")
def llama_bpe(tmp_path_factory):
    """The folder of a byte-level BPE tokenizer."""
    return tiny.byte_pairs(tmp_path_factory.mktemp("bpe"))

from pathlib import Path

import numpy as np
import pytest
import torch
from affekt import AudioSignal, Clip, WeightsError
from affekt_weights import fetch
from faster_whisper.audio import decode_audio
from transformers import WhisperConfig, WhisperModel

SAMPLES = Path(__file__).resolve().parents[3] / "packages" / "cli" / "src" / "affekt_cli" / "sample"
RATE = 16_000


@pytest.fixture(scope="session")
def clip_of():
    """Makes a clip of samples."""

    def make(samples, rate=RATE, **fields):
        return Clip(id="a", audio=AudioSignal(samples=samples.astype(np.float32), sample_rate=rate), **fields)

    return make


@pytest.fixture(scope="session")
def statement():
    """The White House statement of 14 July 2015, 8.7 s at 16 kHz."""
    path = SAMPLES / "white_house_statement_2015.mp4"
    if not path.is_file():
        pytest.skip(f"{path.name}, which ships with affekt-cli, is absent")
    return decode_audio(str(path), sampling_rate=RATE)


@pytest.fixture(scope="session")
def real_weights():
    """The folder of whisper-base, pulled where it can be."""
    try:
        return fetch("whisper-base")
    except WeightsError as error:
        pytest.skip(f"the weights whisper-base cannot be had: {error.message}")


@pytest.fixture(scope="session")
def tiny(tmp_path_factory):
    """A random Whisper with two layers, saved as transformers saves it."""
    folder = tmp_path_factory.mktemp("whisper")
    torch.manual_seed(0)
    config = WhisperConfig(
        vocab_size=64,
        d_model=16,
        encoder_layers=2,
        decoder_layers=1,
        encoder_attention_heads=2,
        decoder_attention_heads=2,
        encoder_ffn_dim=32,
        decoder_ffn_dim=32,
        pad_token_id=0,
        bos_token_id=1,
        eos_token_id=2,
        decoder_start_token_id=1,
    )
    WhisperModel(config).save_pretrained(folder)
    return folder

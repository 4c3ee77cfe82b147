"""A tiny model with random weights, of the library's real classes and in its own layout; and a lent voice."""

import secrets
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import pytest
import sentencepiece
import yaml
from affekt import AudioSignal
from affekt_voices import ConsentRecord, VoiceStore
from affekt_voices.store import embedding_hash
from safetensors.torch import save_file

SEANET = {
    "dimension": 16,
    "channels": 1,
    "n_filters": 2,
    "n_residual_layers": 1,
    "ratios": [6, 5, 4],
    "kernel_size": 3,
    "residual_kernel_size": 3,
    "last_kernel_size": 3,
    "dilation_base": 2,
    "pad_mode": "constant",
    "compress": 2,
}
TRANSFORMER = {
    "d_model": 16,
    "num_heads": 2,
    "num_layers": 1,
    "layer_scale": 0.01,
    "context": 50,
    "dim_feedforward": 32,
    "input_dimension": 16,
    "output_dimensions": [16],
}
CONFIG = {
    "default_eos_threshold": -1e9,  # random weights never end by themselves
    "weights_path": "hf://someone/pocket/model.safetensors@0123abc",
    "flow_lm": {
        "insert_bos_before_voice": True,
        "dtype": "float32",
        "flow": {"depth": 1, "dim": 16},
        "transformer": {"d_model": 16, "hidden_scale": 2, "max_period": 10000, "num_heads": 2, "num_layers": 1},
        "lookup_table": {"dim": 16, "n_bins": 36, "tokenizer": "sentencepiece", "tokenizer_path": "tokenizer.model"},
    },
    "mimi": {
        "dtype": "float32",
        "sample_rate": 24000,
        "inner_dim": 8,
        "outer_dim": 16,
        "channels": 1,
        "frame_rate": 12.5,
        "seanet": SEANET,
        "transformer": TRANSFORMER,
        "quantizer": {"dimension": 8, "output_dimension": 16},
    },
}
TEXT = (
    "Good morning to all of you. The train to the coast leaves early, and nobody knew where the letter had come from."
)


@pytest.fixture(scope="session")
def bundle(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a model."""
    import torch
    from affekt_pocket.bundle import _library

    folder = tmp_path_factory.mktemp("bundle")
    (folder / "text.txt").write_text(TEXT)
    sentencepiece.SentencePieceTrainer.train(
        input=str(folder / "text.txt"), model_prefix=str(folder / "tokenizer"), vocab_size=36, minloglevel=2
    )
    blank = {key: value for key, value in CONFIG.items() if key != "weights_path"}
    blank["flow_lm"] = {
        **CONFIG["flow_lm"],
        "lookup_table": {**CONFIG["flow_lm"]["lookup_table"], "tokenizer_path": str(folder / "tokenizer.model")},
    }
    (folder / "config.yaml").write_text(yaml.safe_dump(blank))
    torch.manual_seed(0)
    model = _library().TTSModel.load_model(config=folder / "config.yaml")
    state = {
        name: torch.randn_like(tensor) * 0.1 if tensor.is_floating_point() and not tensor.any() else tensor
        for name, tensor in model.state_dict().items()
    }
    save_file(
        {name: torch.nan_to_num(tensor).contiguous() for name, tensor in state.items()}, folder / "model.safetensors"
    )
    (folder / "config.yaml").write_text(yaml.safe_dump(CONFIG))
    return folder


@pytest.fixture
def lend(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """Lends a voice that belongs to nobody."""
    monkeypatch.setenv("AFFEKT_VOICES", str(tmp_path / "lent"))

    def one(name: str = "anna", seconds: float = 9.0, pitch: float = 210.0) -> VoiceStore:
        time = np.arange(round(seconds * 24_000)) / 24_000
        hum = sum(np.sin(2 * np.pi * k * pitch * time) / k for k in range(1, 20))
        samples = (0.1 * hum * (0.6 + 0.4 * np.sin(2 * np.pi * 3 * time))).astype(np.float32)
        voice, now = np.full(256, 1 / 16, dtype=np.float32), datetime.now(UTC)
        record = ConsentRecord(
            id=secrets.token_hex(16),
            voice=name,
            person="nobody",
            purposes=("replies",),
            language="en",
            given=now - timedelta(minutes=1),
            expires=now + timedelta(days=1),
            phrase="",
            heard="",
            word_errors=0.0,
            similarity=1.0,
            encoder="GE2E",
            embedding_sha256=embedding_hash(voice),
        )
        store = VoiceStore()
        store.add(record, voice, [AudioSignal(samples=samples, sample_rate=24_000)])
        return store

    return one

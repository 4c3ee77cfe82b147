"""Clips of mixed length and random encoders of the real classes: what extraction is measured on without any download.

The encoders have the shapes of HuBERT and WavLM in time and in depth, and few columns, so that a processor measures
them in a minute. Speed and equality do not depend on what weights hold.
"""

import json
import warnings
import wave
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from affekt import Encoder, MissingDependency, plugins

RATE = 16_000
_LARGE: dict[str, Any] = {"feat_extract_norm": "layer", "do_stable_layer_norm": True, "conv_bias": True}
SIZES: Mapping[str, Mapping[str, Any]] = {
    "tiny": {"hidden_size": 32, "num_hidden_layers": 12, "num_attention_heads": 2, "intermediate_size": 64,
             "conv_dim": (16,) * 7, "num_conv_pos_embeddings": 16, "num_conv_pos_embedding_groups": 4},
    "base": {},
    "large": {"hidden_size": 1024, "num_hidden_layers": 24, "num_attention_heads": 16, "intermediate_size": 4096},
}  # fmt: skip
"""The sizes of HuBERT. "base" and "large" are the published sizes, for machines with an accelerator."""


def write_clips(folder: Path, count: int, seconds: tuple[float, float], seed: int) -> list[Path]:
    """WAV files of noise that swells and fades, of lengths spread evenly at random."""
    random = np.random.default_rng(seed)
    paths = []
    for number, length in enumerate(random.uniform(*seconds, count)):
        samples = random.standard_normal(int(length * RATE)) * np.sin(np.linspace(0, 9, int(length * RATE))) * 0.1
        paths.append(folder / f"{number:03}.wav")
        with wave.open(str(paths[-1]), "wb") as file:
            file.setparams((1, 2, RATE, 0, "NONE", ""))
            file.writeframes((samples * 32767).clip(-32768, 32767).astype("<i2").tobytes())
    return paths


def write_hubert(folder: Path, size: str, *, seed: int = 0) -> Path:
    """A random HuBERT with layer norms throughout, as HuBERT Large has: padding does not change what it hears."""
    torch, transformers = _frameworks()
    torch.manual_seed(seed)
    config = transformers.HubertConfig(**SIZES[size], **_LARGE)
    transformers.HubertModel(config).save_pretrained(folder)
    (folder / "preprocessor_config.json").write_text(json.dumps({"do_normalize": True, "sampling_rate": RATE}))
    return folder


def write_wavlm(path: Path) -> Path:
    """A random WavLM in s3prl's own format."""
    torch, _ = _frameworks()
    try:
        from s3prl.upstream.wavlm.WavLM import WavLM, WavLMConfig  # type: ignore[import-untyped]
    except ImportError as error:
        raise _missing() from error
    torch.manual_seed(1)
    config = WavLMConfig(
        {
            "encoder_layers": 4, "encoder_embed_dim": 32, "encoder_ffn_embed_dim": 64, "encoder_attention_heads": 2,
            "conv_feature_layers": "[(16,10,5)] + [(16,3,2)] * 4 + [(16,2,2)] * 2", "conv_pos": 16,
            "conv_pos_groups": 4, "relative_position_embedding": True, "gru_rel_pos": True, "max_distance": 800,
        }
    )  # fmt: skip
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", FutureWarning)  # of torch, about how s3prl norms weights
        torch.save({"cfg": vars(config), "model": WavLM(config).state_dict()}, path)
    return path


def four_encoders(folder: Path) -> dict[str, Encoder]:
    """Two HuBERTs, a WavLM and the prosody encoder.

    Raises:
        ComponentNotFound, MissingDependency: one of their plugins is not installed.
    """
    create = plugins().create
    return {
        "hubert": create("encoder", "hubert", model=str(write_hubert(folder / "hubert", "tiny"))),
        "hubert, other weights": create("encoder", "hubert", model=str(write_hubert(folder / "other", "tiny", seed=2))),
        "wavlm": create("encoder", "wavlm", model=str(write_wavlm(folder / "wavlm.pt"))),
        "prosody": create("encoder", "prosody"),
    }


def _frameworks() -> tuple[Any, Any]:
    try:
        import torch
        import transformers
    except ImportError as error:
        raise _missing() from error
    return torch, transformers


def _missing() -> MissingDependency:
    return MissingDependency(
        "measuring extraction needs torch, transformers, s3prl and the plugins of four encoders",
        hint='pip install "affekt-benchmark[extraction]"',
    )

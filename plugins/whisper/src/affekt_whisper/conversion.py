"""Turns the encoder of a CTranslate2 Whisper model into a transformers folder, once.

faster-whisper and transformers keep the same numbers under different names; converting them saves a second download.
"""

from pathlib import Path

import numpy as np
import torch
from affekt import WeightsError
from transformers import WhisperConfig
from transformers.models.whisper.modeling_whisper import WhisperEncoder

from affekt_whisper.ctranslate2_file import read_arrays

State = dict[str, torch.Tensor]


def convert(source: Path, target: Path) -> None:
    """Reads `source/model.bin` and writes the encoder into `target` as half-precision safetensors with its config."""
    arrays = read_arrays(source / "model.bin")
    try:
        config, state = _config(arrays), _encoder(arrays)
    except KeyError as error:
        raise WeightsError(
            f'"{source / "model.bin"}" lacks the array {error}: it was made by another version of CTranslate2',
            hint="a folder with model.safetensors instead, made by transformers",
        ) from error
    encoder = WhisperEncoder(config)
    encoder.load_state_dict(state)
    encoder.half().save_pretrained(target)


def _config(arrays: dict[str, np.ndarray]) -> WhisperConfig:
    width, mel_bins, _ = arrays["encoder/conv1/weight"].shape
    heads = int(arrays["encoder/num_heads"])
    layers = _layers(arrays)
    return WhisperConfig(
        d_model=width,
        num_mel_bins=mel_bins,
        encoder_layers=layers,
        encoder_attention_heads=heads,
        encoder_ffn_dim=arrays["encoder/layer_0/ffn/linear_0/weight"].shape[0],
        max_source_positions=arrays["encoder/position_encodings/encodings"].shape[0],
    )


def _layers(arrays: dict[str, np.ndarray]) -> int:
    return len({name.split("/")[1] for name in arrays if name.startswith("encoder/layer_") and name.count("/") > 2})


def _encoder(arrays: dict[str, np.ndarray]) -> State:
    state: State = {"embed_positions.weight": _tensor(arrays["encoder/position_encodings/encodings"])}
    for name in ("conv1", "conv2"):
        state |= _linear(arrays, f"encoder/{name}", name)
    state |= _norm(arrays, "encoder/layer_norm", "layer_norm")
    for index in range(_layers(arrays)):
        theirs, ours = f"encoder/layer_{index}", f"layers.{index}"
        state |= _norm(arrays, f"{theirs}/self_attention/layer_norm", f"{ours}.self_attn_layer_norm")
        state |= _attention(arrays, f"{theirs}/self_attention/linear_0", f"{ours}.self_attn")
        state |= _linear(arrays, f"{theirs}/self_attention/linear_1", f"{ours}.self_attn.out_proj")
        state |= _norm(arrays, f"{theirs}/ffn/layer_norm", f"{ours}.final_layer_norm")
        state |= _linear(arrays, f"{theirs}/ffn/linear_0", f"{ours}.fc1")
        state |= _linear(arrays, f"{theirs}/ffn/linear_1", f"{ours}.fc2")
    return state


def _attention(arrays: dict[str, np.ndarray], theirs: str, ours: str) -> State:
    """CTranslate2 stacks queries, keys and values in one matrix. Whisper's keys have no bias."""
    weights = _tensor(arrays[f"{theirs}/weight"]).chunk(3)
    biases = _tensor(arrays[f"{theirs}/bias"]).chunk(3)
    state = {f"{ours}.{name}_proj.weight": weight.clone() for name, weight in zip("qkv", weights, strict=True)}
    return state | {f"{ours}.q_proj.bias": biases[0].clone(), f"{ours}.v_proj.bias": biases[2].clone()}


def _linear(arrays: dict[str, np.ndarray], theirs: str, ours: str) -> State:
    return {f"{ours}.{part}": _tensor(arrays[f"{theirs}/{part}"]) for part in ("weight", "bias")}


def _norm(arrays: dict[str, np.ndarray], theirs: str, ours: str) -> State:
    return {
        f"{ours}.weight": _tensor(arrays[f"{theirs}/gamma"]),
        f"{ours}.bias": _tensor(arrays[f"{theirs}/beta"]),
    }


def _tensor(array: np.ndarray) -> torch.Tensor:
    return torch.from_numpy(array.astype(np.float32))

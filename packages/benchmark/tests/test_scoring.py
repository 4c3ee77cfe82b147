"""The benchmark of label scoring, on a tiny random model: what it compares is equal. Its times are for real models."""

import pytest
import torch

pytest.importorskip("affekt_emotion_llama")

from affekt_benchmark import scoring
from tokenizers import Tokenizer, decoders, models, pre_tokenizers
from transformers import LlamaConfig, LlamaForCausalLM, PreTrainedTokenizerFast


@pytest.fixture
def tiny(tmp_path):
    symbols = ["<s>", "</s>", *sorted(pre_tokenizers.ByteLevel.alphabet())]
    pairs = Tokenizer(models.BPE(vocab={symbol: index for index, symbol in enumerate(symbols)}, merges=[]))
    pairs.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    pairs.decoder = decoders.ByteLevel()
    PreTrainedTokenizerFast(tokenizer_object=pairs, bos_token="<s>", eos_token="</s>").save_pretrained(tmp_path)
    torch.manual_seed(0)
    sizes = {"hidden_size": 32, "intermediate_size": 64, "num_hidden_layers": 2, "num_attention_heads": 4}
    config = LlamaConfig(vocab_size=len(symbols), max_position_embeddings=4096, initializer_range=0.1, **sizes)
    LlamaForCausalLM(config).save_pretrained(tmp_path)
    return str(tmp_path)


def test_what_is_compared_is_equal(tiny):
    found = scoring.of_model(tiny, repeats=1)
    assert found.met["values"]
    assert 1 < found.arithmetic_limit < 5
    assert found.prompt_tokens > 260

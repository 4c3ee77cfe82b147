from types import SimpleNamespace

import pytest
import torch
from affekt import OptionsError, PipelineSpec, WeightsError
from affekt_emotion_llama.language import generation, int8
from affekt_emotion_llama.language.decoding import Decoder
from affekt_emotion_llama.model import EmotionLlama
from affekt_emotion_llama.reasoner import EmotionLlamaReasoner
from torch import nn
from transformers import DynamicCache, LlamaConfig, LlamaForCausalLM


def tiny():
    """A tiny random LLaMA in which two query heads share a key, as in SmolLM2."""
    torch.manual_seed(3)
    config = LlamaConfig(
        vocab_size=97, hidden_size=64, intermediate_size=96, num_hidden_layers=3, num_attention_heads=4,
        num_key_value_heads=2, initializer_range=0.2,
    )  # fmt: skip
    return LlamaForCausalLM(config).eval()


@pytest.fixture
def grouped():
    """The same with weights of one byte."""
    model = tiny()
    int8.quantise(model)
    return model


def test_a_row_and_a_batch_see_the_same_rounded_weights():
    torch.manual_seed(0)
    linear = nn.Linear(64, 32)
    rounded = int8.Int8Linear.of(linear)
    x = torch.randn(1, 64)
    assert rounded.weight.dtype == torch.int8
    torch.testing.assert_close(rounded(x), linear(x), atol=0.02, rtol=0.02)
    torch.testing.assert_close(rounded.of_row(x), rounded(x), atol=0.02, rtol=0.02)


def test_stacked_layers_keep_one_copy_of_their_weights():
    layers = [int8.Int8Linear.of(nn.Linear(64, out, bias=False)) for out in (32, 16)]
    x = torch.randn(1, 64)
    before = torch.cat([layer.of_row(x) for layer in layers], dim=1)
    joined = int8.stack(layers)
    torch.testing.assert_close(joined.of_row(x), before)
    assert layers[1].weight.untyped_storage().data_ptr() == joined.weight.untyped_storage().data_ptr()


@torch.inference_mode()
def test_token_by_token_gives_the_logits_of_the_whole_sequence(grouped):
    embeddings = grouped.get_input_embeddings()(torch.randint(0, 97, (12,), generator=torch.Generator().manual_seed(1)))
    expected = grouped(inputs_embeds=embeddings[None]).logits[0]
    cache = DynamicCache(config=grouped.config)
    grouped(inputs_embeds=embeddings[None, :5], past_key_values=cache, use_cache=True)
    decoder = Decoder(grouped)
    logits = torch.stack([decoder.next_logits(token, cache) for token in embeddings[5:]])
    error = (logits - expected[5:]).abs().max() / expected.std()
    assert error < 0.05
    assert cache.get_seq_length() == 12


def test_other_models_are_decoded_by_transformers(grouped):
    assert Decoder.fits(grouped)
    assert not Decoder.fits(LlamaForCausalLM(grouped.config))


@torch.inference_mode()
def test_the_shipped_model_expects_the_same_words_with_weights_of_one_byte():
    model = EmotionLlama.from_pretrained("emotion-llama-mini", merge=True)
    text = "The person feels sad. The inner brows rise and the voice is quiet, and the words tell of a loss."
    ids = torch.tensor(model.tokenizer(text).input_ids)
    embeddings = model.plain.get_input_embeddings()(ids)
    before = model.plain(inputs_embeds=embeddings[None]).logits[0].log_softmax(dim=-1)
    int8.quantise(model.plain)
    cache, decoder = DynamicCache(config=model.plain.config), Decoder(model.plain)
    after = torch.stack([decoder.next_logits(token, cache) for token in embeddings]).log_softmax(dim=-1)
    divergence = (before.exp() * (before - after)).sum(dim=-1)
    assert divergence.mean() < 0.01
    with pytest.raises(WeightsError, match="cannot be saved"):
        model.save_pretrained("unused")


def test_text_goes_on_the_same_way_where_the_decoder_fits(grouped, monkeypatch):
    prompt = grouped.get_input_embeddings()(torch.arange(4)).detach()
    direct = list(generation.tokens(grouped, prompt, most=8, ends=[]))
    monkeypatch.setattr(Decoder, "fits", staticmethod(lambda model: False))
    assert list(generation.tokens(grouped, prompt, most=8, ends=[])) == direct


def test_weights_are_not_quantised_in_two_ways():
    with pytest.raises(OptionsError, match="found both"):
        EmotionLlamaReasoner(dtype="int8", bits=8)


@pytest.mark.parametrize(("device", "quantised"), [("cpu", True), ("meta", False)])
def test_the_default_pipeline_moves_to_another_device_and_computes_in_floats_there(device, quantised, monkeypatch):
    moved = PipelineSpec.read("default").build().to(device).reasoner
    assert (moved.dtype, moved.device) == ("int8", device)

    def from_pretrained(model, **options):
        assert (options["device"], options["dtype"]) == (device, "float32")
        return SimpleNamespace(plain=tiny())

    monkeypatch.setattr(EmotionLlama, "from_pretrained", from_pretrained)
    assert int8.is_quantised(moved.loaded.plain) == quantised

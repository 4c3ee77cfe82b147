"""Full-size configurations on the meta device: shapes, parameters and tokens, without their weights."""

import pytest
import torch
from affekt_emotion_llama.conv_attention import ConvAttentionFuser
from affekt_emotion_llama.language.language_model import Lora, adapt
from affekt_emotion_llama.language.prompt import PromptForm
from affekt_emotion_llama.linear import LinearFuser
from transformers import LlamaConfig, LlamaForCausalLM

LLAMA_2_7B = {"vocab_size": 32000, "intermediate_size": 11008, "num_hidden_layers": 32, "num_attention_heads": 32}
LLAMA_3_8B = {
    "vocab_size": 128256,
    "intermediate_size": 14336,
    "num_hidden_layers": 32,
    "num_attention_heads": 32,
    "num_key_value_heads": 8,
    "rope_theta": 500000.0,
}
EVA_G = {"patches": 1024, "width": 1408}
"""EVA-CLIP ViT-g/14 at 448 pixels: 32 x 32 patches behind a CLS token."""


def model(sizes):
    with torch.device("meta"):
        return LlamaForCausalLM(LlamaConfig(hidden_size=4096, **sizes))


def counted(module, trainable=True):
    return sum(one.numel() for one in module.parameters() if one.requires_grad or not trainable)


@pytest.mark.parametrize(
    ("sizes", "whole", "adapters"),
    [(LLAMA_2_7B, 6_738_415_616, 33_554_432), (LLAMA_3_8B, 8_030_261_248, 27_262_976)],
    ids=["Llama-2-7B", "Llama-3-8B"],
)
def test_lora_of_rank_64_on_queries_and_values(sizes, whole, adapters):
    """33,554,432 on Llama-2-7B is the paper's "34 million, 0.495 %"; Llama 3 has narrower values."""
    plain = model(sizes)
    assert counted(plain) == whole
    adapted = adapt(plain, Lora())
    assert counted(adapted) == adapters
    assert adapters / (whole + adapters) < 0.005


def test_the_papers_model_trains_75_million_parameters_on_260_tokens():
    with torch.device("meta"):
        dims = {"image": EVA_G["width"], "mae": 1024, "videomae": 1024, "speech": 1024}
        fusion = LinearFuser().module(dims, 4096)
        rows = {"image": torch.zeros(2, 1 + EVA_G["patches"], 1408), "mae": torch.zeros(2, 60, 1024)}
        rows |= {"videomae": torch.zeros(2, 1, 1024), "speech": torch.zeros(2, 150, 1024)}
        tokens = torch.cat([getattr(fusion, one.name)(torch.zeros(2, one.tokens, one.width(dims[one.slot])))
                            for one in fusion.projections], dim=1)  # fmt: skip
    assert tokens.shape == (2, 260, 4096)
    assert counted(fusion) == 41_439_232
    assert counted(adapt(model(LLAMA_2_7B), Lora())) + counted(fusion) == 74_993_664
    assert PromptForm().tokens == fusion.tokens == 260


def test_v2_has_448_tokens():
    with torch.device("meta"):
        fusion = ConvAttentionFuser().module({"image": 1408, "video": 1408, "speech": 1280}, 4096)
    assert fusion.tokens == 448
    assert [one.tokens for one in fusion.own.projections] == [256, 64, 64]
    assert fusion.length == 64


def test_both_modules_turn_full_size_features_into_their_tokens():
    """On real tensors, narrow on the language model's side."""
    dims = {"image": 1408, "video": 1408, "mae": 1024, "videomae": 1024, "speech": 1024}
    rows = {slot: torch.zeros(1, 1025 if slot == "image" else 70, width) for slot, width in dims.items()}
    masks = {slot: torch.ones(one.shape[:2], dtype=torch.bool) for slot, one in rows.items()}
    for fuser, count in ((LinearFuser(), 260), (ConvAttentionFuser(), 448)):
        tokens, mask = fuser.module(dims, 8)(rows, masks)
        assert tokens.shape == (1, count, 8)
        assert mask.all()


def test_eva_g_at_448_pixels_has_1024_patches_of_1408():
    timm = pytest.importorskip("timm")
    with torch.device("meta"):
        eva = timm.create_model("eva_giant_patch14_224", img_size=448, num_classes=0)
        seen = eva.forward_features(torch.zeros(1, 3, 448, 448))
    assert tuple(seen.shape) == (1, 1 + EVA_G["patches"], EVA_G["width"])
    assert len(eva.blocks) == 40
    assert 1.0e9 < counted(eva) < 1.02e9

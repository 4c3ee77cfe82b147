"""Tiny random autoencoders, saved in each of the forms that real weights come in."""

import argparse

import pytest
import torch
from timm.models.vision_transformer import VisionTransformer
from transformers import ViTMAEConfig, ViTMAEForPreTraining


@pytest.fixture(scope="session")
def network():
    """Two blocks of width 128 for pictures of 32 pixels: a class token and four patches."""
    torch.manual_seed(0)
    made = VisionTransformer(
        img_size=32, patch_size=16, embed_dim=128, depth=2, num_heads=2, mlp_ratio=2, num_classes=0
    )
    with torch.no_grad():
        for weight in made.parameters():
            weight.normal_(std=0.1)
    return made.eval()


@pytest.fixture(scope="session")
def checkpoint(network, tmp_path_factory):
    """As MAE's own script saves it while it trains: a decoder, the optimiser and the settings beside the weights."""
    path = tmp_path_factory.mktemp("mae") / "checkpoint-340.pth"
    weights = {**network.state_dict(), "mask_token": torch.zeros(1, 1, 64), "decoder_norm.weight": torch.ones(64)}
    settings = argparse.Namespace(model="mae_vit_large_patch16", blr=1e-3)
    torch.save({"model": weights, "optimizer": {"state": {}}, "epoch": 340, "args": settings}, path)
    return path


@pytest.fixture(scope="session")
def folder(network, tmp_path_factory):
    """The same weights as transformers saves them, decoder included."""
    config = ViTMAEConfig(
        hidden_size=128,
        num_hidden_layers=2,
        num_attention_heads=2,
        intermediate_size=256,
        image_size=32,
        patch_size=16,
        layer_norm_eps=1e-6,
        decoder_hidden_size=32,
        decoder_num_hidden_layers=1,
        decoder_num_attention_heads=2,
        decoder_intermediate_size=32,
    )
    theirs = ViTMAEForPreTraining(config)
    weights = _renamed(network.state_dict())
    if hasattr(theirs.vit, "encoder"):  # an older release of transformers
        weights = {_old(name): weight for name, weight in weights.items()}
    theirs.vit.load_state_dict(weights)
    path = tmp_path_factory.mktemp("vit-mae")
    theirs.save_pretrained(path)
    return path


OLD = {
    "layers.": "encoder.layer.",
    "attention.o_proj": "attention.output.dense",
    "attention.q_proj": "attention.attention.query",
    "attention.k_proj": "attention.attention.key",
    "attention.v_proj": "attention.attention.value",
    "mlp.fc1": "intermediate.dense",
    "mlp.fc2": "output.dense",
}


def _old(name):
    for new, old in OLD.items():
        name = name.replace(new, old)
    return name


def _renamed(weights):
    names = {
        "cls_token": "embeddings.cls_token",
        "pos_embed": "embeddings.position_embeddings",
        "patch_embed.proj": "embeddings.patch_embeddings.projection",
        "attn.proj": "attention.o_proj",
        "blocks": "layers",
        "norm1": "layernorm_before",
        "norm2": "layernorm_after",
    }
    renamed = {}
    for name, weight in weights.items():
        name = name.replace("norm.", "layernorm.") if name.startswith("norm.") else name
        for ours, theirs in names.items():
            name = name.replace(ours, theirs)
        if ".attn.qkv." in name:
            for part, projection in zip(weight.chunk(3), ("q_proj", "k_proj", "v_proj"), strict=True):
                renamed[name.replace("attn.qkv", f"attention.{projection}")] = part
        else:
            renamed[name] = weight
    return renamed

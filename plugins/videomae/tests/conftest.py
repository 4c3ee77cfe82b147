"""A tiny random VideoMAE in both forms that real weights come in."""

import argparse
import re

import pytest
import torch
from affekt_videomae.networks import renamed
from transformers import VideoMAEConfig, VideoMAEForPreTraining


@pytest.fixture(scope="session")
def pretrained():
    """Two blocks of width 128, 16 frames of 32 pixels: 8 times 4 patches."""
    torch.manual_seed(0)
    config = VideoMAEConfig(
        hidden_size=128,
        num_hidden_layers=2,
        num_attention_heads=2,
        intermediate_size=256,
        image_size=32,
        layer_norm_eps=1e-6,
        use_mean_pooling=False,
        decoder_hidden_size=32,
        decoder_num_hidden_layers=1,
        decoder_num_attention_heads=2,
        decoder_intermediate_size=32,
    )
    made = VideoMAEForPreTraining(config)
    with torch.no_grad():
        for weight in made.parameters():
            weight.normal_(std=0.1)
    return made.eval()


@pytest.fixture(scope="session")
def folder(pretrained, tmp_path_factory):
    path = tmp_path_factory.mktemp("videomae")
    pretrained.save_pretrained(path)
    return path


@pytest.fixture(scope="session")
def checkpoint(pretrained, tmp_path_factory):
    """As VideoMAE's own script saves it: a decoder, the optimiser and the settings beside the weights."""
    own = {f"encoder.{name}": weight for name, weight in _own_names(pretrained.videomae.state_dict()).items()}
    assert set(renamed(own)) == set(pretrained.videomae.state_dict())
    own |= {"mask_token": torch.zeros(1, 1, 32), "decoder.norm.weight": torch.ones(32)}
    path = tmp_path_factory.mktemp("own") / "checkpoint-399.pth"
    torch.save({"model": own, "optimizer": {"state": {}}, "epoch": 399, "args": argparse.Namespace(lr=1e-3)}, path)
    return path


def _own_names(weights):
    patterns = (
        (r"^embeddings\.patch_embeddings\.projection", "patch_embed.proj"),
        (r"^layernorm\.", "norm."),
        (r"^encoder\.layer", "blocks"),
        (r"layernorm_before", "norm1"),
        (r"layernorm_after", "norm2"),
        (r"attention\.attention\.query\.bias", "attn.q_bias"),
        (r"attention\.attention\.value\.bias", "attn.v_bias"),
        (r"attention\.output\.dense", "attn.proj"),
        (r"intermediate\.dense", "mlp.fc1"),
        (r"output\.dense", "mlp.fc2"),
    )
    named = {}
    for name, weight in weights.items():
        if name.endswith("query.weight"):
            parts = [weights[name.replace("query", part)] for part in ("query", "key", "value")]
            name, weight = name.replace("attention.attention.query", "attn.qkv"), torch.cat(parts)
        elif name.endswith(("key.weight", "value.weight")):
            continue
        for pattern, replacement in patterns:
            name = re.sub(pattern, replacement, name)
        named[name] = weight
    return named

"""Tiny random EVAs in the forms that real weights come in."""

import json

import pytest
import timm
import torch
from safetensors.torch import save_file

EVA_CLIP = {"img_size": 56, "embed_dim": 64, "depth": 3, "num_heads": 1, "mlp_ratio": 2}
EVA_02 = {"img_size": 56, "embed_dim": 64, "depth": 2, "num_heads": 2}


def _made(architecture, arguments):
    torch.manual_seed(0)
    network = timm.create_model(architecture, num_classes=0, **arguments)
    with torch.no_grad():
        for weight in network.parameters():
            weight.normal_(std=0.1)
    return network.eval()


def _saved(folder, architecture, arguments, network):
    (folder / "config.json").write_text(json.dumps({"architecture": architecture, "model_args": arguments}))
    save_file(network.state_dict(), folder / "model.safetensors")
    return folder


@pytest.fixture(scope="session")
def network():
    """The class of EVA-CLIP g/14 with three blocks of width 64: pictures of 56 pixels, 4 times 4 patches."""
    return _made("eva_giant_patch14_clip_224", EVA_CLIP)


@pytest.fixture(scope="session")
def folder(network, tmp_path_factory):
    return _saved(tmp_path_factory.mktemp("eva"), "eva_giant_patch14_clip_224", EVA_CLIP, network)


@pytest.fixture(scope="session")
def checkpoint(network, tmp_path_factory):
    """As BLIP-2's eva_vit_g.pth: a plain table in half precision, with the head and without a decoder."""
    path = tmp_path_factory.mktemp("blip") / "eva_vit_g.pth"
    weights = {name: weight.half() for name, weight in network.state_dict().items()}
    torch.save(weights | {"head.weight": torch.zeros(4, 64)}, path)
    return path


@pytest.fixture(scope="session")
def eva_02(tmp_path_factory):
    """EVA-02's class: rotary positions, gated layers, and a norm after pooling only."""
    name = "eva02_large_patch14_224"
    return _saved(tmp_path_factory.mktemp("eva02"), name, EVA_02, _made(name, EVA_02))

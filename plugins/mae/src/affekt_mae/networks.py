"""The encoder half of a masked autoencoder from whichever form its weights are in, opened up for layers and norms."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import timm
import torch
from affekt import WeightsError
from affekt_encoding.checkpoints import load_pretrained, pretrained_folder
from affekt_encoding.devices import device_of, dtype_of
from affekt_encoding.torch_files import fill, is_weights_file, read_weights
from affekt_weights import fetch
from timm.models.vision_transformer import VisionTransformer
from torch import Tensor, nn
from transformers import ViTMAEModel

WIDE_HEADS = {1280: 16}
"""Widths whose attention heads are not 64 wide: ViT-H has 16."""


@dataclass(frozen=True, kw_only=True)
class Network:
    """A vision transformer of any library."""

    module: nn.Module
    blocks: nn.ModuleList | nn.Sequential
    norm: nn.Module
    size: int
    """Pixels of a picture's side."""
    run: Callable[[Tensor], object]
    """Pictures through all blocks, none of their patches hidden; what comes out is read from the blocks."""


def load(model: str, revision: str | None, device: str, dtype: str) -> Network:
    """The network of a checkpoint of MAE, of a folder or repository of timm, or of one of transformers.

    Raises:
        WeightsError: there are no such weights, or they are of another kind of model.
        OptionsError: this machine has no such device.
    """
    device_of(device)  # before a download
    if is_weights_file(model):
        return _on(from_timm(_from_checkpoint(model)), device, dtype)
    folder = fetch(model, revision=revision)
    config = _config(folder)
    if "architecture" in config:
        network = timm.create_model(config["architecture"], num_classes=0, **config.get("model_args", {}))
        if not isinstance(network, VisionTransformer):
            raise WeightsError(f'"{model}" is a {config["architecture"]}, no plain vision transformer', hint="use: eva")
        fill(network, read_weights(folder / "model.safetensors"), model)
        return _on(from_timm(network), device, dtype)
    if config.get("model_type") != "vit_mae":
        kind = config.get("model_type", "no model_type")
        raise WeightsError(f'"{model}" holds no masked autoencoder: {kind}', hint="facebook/vit-mae-large, or a .pth")
    folder = pretrained_folder(model, revision)
    return from_transformers(load_pretrained(ViTMAEModel, folder, device=device, dtype=dtype))


def from_transformers(network: ViTMAEModel) -> Network:
    """A ViTMAE of transformers that hides nothing and keeps the patches in their order."""
    network.config.mask_ratio = 0.0

    def run(pictures: Tensor) -> object:
        # The order of the noise is the order of the patches: rising numbers leave them where they are.
        patches = network.embeddings.patch_embeddings.num_patches
        noise = torch.arange(patches, device=pictures.device).expand(len(pictures), -1)
        return network(pictures, noise=noise)

    size = network.embeddings.patch_embeddings.image_size[0]
    # Older releases of transformers keep the blocks one level deeper.
    own: Any = network
    blocks: nn.ModuleList = own.layers if hasattr(own, "layers") else own.encoder.layer
    return Network(module=network, blocks=blocks, norm=network.layernorm, size=size, run=run)


def from_timm(network: VisionTransformer) -> Network:
    """A vision transformer of timm, MAE's own naming."""
    size = network.patch_embed.img_size[0]
    return Network(module=network, blocks=network.blocks, norm=network.norm, size=size, run=network.forward_features)


def _from_checkpoint(path: str) -> VisionTransformer:
    """MAE's own file, of pre-training or fine-tuning: its shapes say which architecture it is of."""
    weights = read_weights(path)
    try:
        width, _, patch, _ = weights["patch_embed.proj.weight"].shape
        side = round((weights["pos_embed"].shape[1] - 1) ** 0.5) * patch
        depth = 1 + max(int(name.split(".")[1]) for name in weights if name.startswith("blocks."))
        hidden = weights["blocks.0.mlp.fc1.weight"].shape[0]
    except (KeyError, ValueError) as error:
        raise WeightsError(
            f'"{path}" is no checkpoint of a masked autoencoder: {error} is missing; found {sorted(weights)[:4]}',
            hint="a file whose tensors are named patch_embed.proj.weight, blocks.0.attn.qkv.weight and so on",
        ) from error
    network = VisionTransformer(
        img_size=side,
        patch_size=patch,
        embed_dim=width,
        depth=depth,
        num_heads=WIDE_HEADS.get(width, max(1, width // 64)),
        mlp_ratio=hidden / width,
        num_classes=0,
        global_pool="token",
    )
    fill(network, weights, path)
    return network


def _config(folder: Path) -> dict[str, Any]:
    try:
        config = json.loads((folder / "config.json").read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise WeightsError(
            f'"{folder}" has no readable config.json: {error}', hint="a folder of transformers or timm, or a .pth file"
        ) from error
    return config if isinstance(config, dict) else {}


def _on(network: Network, device: str, dtype: str) -> Network:
    network.module.to(device=device_of(device), dtype=dtype_of(dtype)).eval()
    return network

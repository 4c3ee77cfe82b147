"""EVA out of a folder or repository of timm, or out of a checkpoint of EVA-CLIP, for pictures of any size."""

import json
from collections.abc import Mapping
from pathlib import Path

import timm
import torch
from affekt import WeightsError
from affekt_encoding.devices import device_of, dtype_of
from affekt_encoding.torch_files import fill, is_weights_file, read_weights
from affekt_weights import fetch
from timm.models.eva import Eva, checkpoint_filter_fn
from torch import Tensor, nn

WIDE_HEADS = {1408: 16}
"""Widths whose attention heads are not 64 wide: ViT-g has 16."""


def load(model: str, revision: str | None, size: int | None, device: str, dtype: str) -> Eva:
    """The network for pictures of `size` pixels, or of the size it was trained on.

    Raises:
        WeightsError: there are no such weights, or they are of another kind of model.
        OptionsError: this machine has no such device.
    """
    where, arithmetic = device_of(device), dtype_of(dtype)
    network = _from_checkpoint(model, size) if is_weights_file(model) else _from_timm(model, revision, size)
    return network.to(device=where, dtype=arithmetic).eval()


def last_norm(network: Eva) -> nn.Module | None:
    """The norm after the last block; of networks that norm only what they pooled, that one."""
    norms: tuple[nn.Module, ...] = (network.norm, network.fc_norm)
    for norm in norms:
        if not isinstance(norm, nn.Identity):
            return norm
    return None


def _from_timm(model: str, revision: str | None, size: int | None) -> Eva:
    folder = fetch(model, revision=revision)
    try:
        config = json.loads((folder / "config.json").read_text(encoding="utf-8"))
        architecture, arguments = config["architecture"], config.get("model_args", {})
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise WeightsError(
            f'"{folder}" has no config.json of timm: {error}',
            hint="a folder of timm, or a checkpoint of EVA-CLIP (.pth)",
        ) from error
    if size is not None:
        arguments = {**arguments, "img_size": size}
    try:
        network = timm.create_model(architecture, num_classes=0, **arguments)
    except (RuntimeError, TypeError, ValueError, AssertionError) as error:
        raise WeightsError(
            f'timm cannot build the "{architecture}" of "{model}": {error}',
            hint="size: a multiple of the patches' side",
        ) from error
    if not isinstance(network, Eva):
        raise WeightsError(f'"{model}" is a {architecture}, no EVA', hint="timm/eva_giant_patch14_clip_224.laion400m")
    return _filled(network, read_weights(folder / "model.safetensors"), model)


def _from_checkpoint(path: str, size: int | None) -> Eva:
    """A vision tower of EVA-CLIP as BLIP-2 and MiniGPT-4 save it: the shapes say which architecture it is of."""
    weights = _visual(read_weights(path))
    try:
        width, _, patch, _ = weights["patch_embed.proj.weight"].shape
        side = round((weights["pos_embed"].shape[1] - 1) ** 0.5) * patch
        hidden = weights["blocks.0.mlp.fc1.weight"].shape[0]
    except (KeyError, ValueError) as error:
        raise WeightsError(
            f'"{path}" is no vision tower of EVA-CLIP: {error}; found {sorted(weights)[:4]}',
            hint="eva_vit_g.pth; for EVA-02 a folder or repository of timm",
        ) from error
    network = Eva(
        img_size=size or side,
        patch_size=patch,
        embed_dim=width,
        depth=1 + max(int(name.split(".")[1]) for name in weights if name.startswith("blocks.")),
        num_heads=WIDE_HEADS.get(width, max(1, width // 64)),
        mlp_ratio=hidden / width,
        num_classes=0,
        global_pool="token",
    )
    if "norm.weight" not in weights:  # MiniGPT-4 cuts the tower before it
        network.norm = nn.Identity()
    return _filled(network, weights, path)


def _visual(weights: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """The vision tower alone, where the file holds a whole CLIP."""
    tower = {name.removeprefix("visual."): weight for name, weight in weights.items() if name.startswith("visual.")}
    return tower or dict(weights)


def _filled(network: Eva, weights: Mapping[str, Tensor], where: str | Path) -> Eva:
    # Upstream widens the table of positions by plain bicubic interpolation; timm would smooth it first.
    weights = checkpoint_filter_fn(dict(weights), network, interpolation="bicubic", antialias=False)
    with torch.no_grad():
        fill(network, weights, where)
    return network

"""VideoMAE out of a folder of transformers, or out of the checkpoint that its own scripts save."""

import re
from collections.abc import Mapping

from affekt import WeightsError
from affekt_encoding.checkpoints import load_pretrained
from affekt_encoding.devices import device_of, dtype_of
from affekt_encoding.torch_files import fill, is_weights_file, read_weights
from torch import Tensor
from transformers import VideoMAEConfig, VideoMAEModel

WIDE_HEADS = {1280: 16}
"""Widths whose attention heads are not 64 wide: ViT-H has 16."""

_NAMES = (
    (r"^encoder\.", ""),
    (r"^backbone\.", ""),
    (r"^patch_embed\.proj\.", "embeddings.patch_embeddings.projection."),
    (r"^norm\.", "layernorm."),
    (r"^blocks\.", "encoder.layer."),
    (r"\.norm1\.", ".layernorm_before."),
    (r"\.norm2\.", ".layernorm_after."),
    (r"\.attn\.q_bias$", ".attention.attention.query.bias"),
    (r"\.attn\.v_bias$", ".attention.attention.value.bias"),
    (r"\.attn\.proj\.", ".attention.output.dense."),
    (r"\.mlp\.fc1\.", ".intermediate.dense."),
    (r"\.mlp\.fc2\.", ".output.dense."),
)
"""VideoMAE's own names → those of transformers, applied in this order."""


def load(model: str, revision: str | None, size: int, device: str, dtype: str) -> VideoMAEModel:
    """The encoder of a folder or repository of transformers, or of one of VideoMAE's own checkpoints.

    Args:
        size: pixels of a picture's side, for files that do not say.

    Raises:
        WeightsError: there are no such weights, or they are of another kind of model.
        OptionsError: this machine has no such device.
    """
    if not is_weights_file(model):
        return load_pretrained(VideoMAEModel, model, revision=revision, device=device, dtype=dtype)
    weights = renamed(read_weights(model))
    network = VideoMAEModel(_config(model, weights, size))
    fill(network, weights, model)
    moved: VideoMAEModel = network.to(device=device_of(device), dtype=dtype_of(dtype)).eval()  # type: ignore[call-arg]
    return moved


def renamed(weights: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """The weights under the names of transformers; decoders and heads keep their own."""
    of_transformers = {}
    for name, weight in weights.items():
        if name.startswith(("decoder.", "encoder_to_decoder.")):
            continue
        for pattern, replacement in _NAMES:
            name = re.sub(pattern, replacement, name)
        if name.endswith(".attn.qkv.weight"):
            for part, kind in zip(weight.chunk(3), ("query", "key", "value"), strict=True):
                of_transformers[name.replace("attn.qkv", f"attention.attention.{kind}")] = part
        else:
            of_transformers[name] = weight
    return of_transformers


def _config(model: str, weights: Mapping[str, Tensor], size: int) -> VideoMAEConfig:
    """The architecture that the shapes tell. A fine-tuned network norms only after pooling: its file lacks the last."""
    try:
        width, _, tubelet, patch, _ = weights["embeddings.patch_embeddings.projection.weight"].shape
        hidden = weights["encoder.layer.0.intermediate.dense.weight"].shape[0]
    except (KeyError, ValueError) as error:
        raise WeightsError(
            f'"{model}" is no checkpoint of VideoMAE: {error}; found {sorted(weights)[:4]}',
            hint="a file whose tensors are named encoder.patch_embed.proj.weight, encoder.blocks.0.attn.qkv.weight …",
        ) from error
    depth = 1 + max(int(name.split(".")[2]) for name in weights if name.startswith("encoder.layer."))
    return VideoMAEConfig(
        hidden_size=width,
        num_hidden_layers=depth,
        num_attention_heads=WIDE_HEADS.get(width, max(1, width // 64)),
        intermediate_size=hidden,
        image_size=size,
        patch_size=patch,
        tubelet_size=tubelet,
        layer_norm_eps=1e-6,
        use_mean_pooling="layernorm.weight" not in weights,
    )

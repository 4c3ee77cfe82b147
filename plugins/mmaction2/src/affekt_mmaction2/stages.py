"""States of chosen layers of any backbone: of its blocks where it is a plain transformer, of its stages elsewhere."""

from collections.abc import Sequence
from contextlib import ExitStack
from typing import Any

from affekt import OptionsError
from affekt_encoding.layers import chosen_layers, states_of
from torch import Tensor, nn


def states(backbone: nn.Module, inputs: Tensor, layer: int | Sequence[int]) -> list[Any]:
    """Maps of each chosen layer; the last layer is what the backbone itself gives, after its own norms.

    Raises:
        OptionsError: there is no such layer, or nobody knows where in this backbone its layers are.
    """
    if layer == -1:
        return [backbone(inputs)]
    paths = pathways(backbone)
    count = len(paths[0])
    layers = chosen_layers(layer, count)
    with ExitStack() as stack:
        kept = [stack.enter_context(states_of(path, layers)) for path in paths]
        last = backbone(inputs)
    return [last if index == count else [path[index] for path in kept] for index in layers]


def pathways(backbone: nn.Module) -> list[list[nn.Module]]:
    """The layers of each pathway (SlowFast has two), in the order in which they run."""
    parts: Any = backbone
    if hasattr(parts, "slow_path"):
        return [path for part in (parts.slow_path, parts.fast_path) for path in pathways(part)]
    if hasattr(parts, "res_layers"):
        return [[getattr(parts, name) for name in parts.res_layers]]
    # Swin's stages; the blocks of vision transformers; and UniFormer's, which are held in four lists.
    for names in (("layers",), ("blocks",), ("blocks1", "blocks2", "blocks3", "blocks4")):
        if all(isinstance(getattr(parts, name, None), nn.ModuleList | nn.Sequential) for name in names):
            return [[block for name in names for block in getattr(parts, name)]]
    raise OptionsError(f"layer: nobody knows where the layers of {type(backbone).__name__} are", hint="layer: -1")

"""Keeps the states of chosen layers while a network runs; the others are freed as it goes."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import torch
from affekt import OptionsError
from torch import Tensor, nn


def chosen_layers(layer: int | Sequence[int], count: int) -> list[int]:
    """Layers counted from the front; a network of `count` blocks has the layers 0 to `count`.

    Raises:
        OptionsError: there is no such layer.
    """
    wanted = [layer] if isinstance(layer, int) else list(layer)
    if wrong := [index for index in wanted if not -count - 1 <= index <= count]:
        raise OptionsError(f"layer: the model has no layer {wrong}", hint=f"from 0 to {count}, or from -1 backwards")
    return [index % (count + 1) for index in wanted]


def cut_after(blocks: nn.ModuleList | nn.Sequential, layers: Sequence[int]) -> None:
    """Drops the blocks that none of the layers needs; the first stays, layer 0 is what enters it."""
    del blocks[max(1, *layers) :]


def cut_to(blocks: nn.ModuleList | nn.Sequential, layer: int | Sequence[int]) -> list[int]:
    """The chosen layers of a whole network, whose blocks above them are dropped.

    Raises:
        OptionsError: there is no such layer.
    """
    layers = chosen_layers(layer, len(blocks))
    cut_after(blocks, layers)
    return layers


@contextmanager
def states_of(
    blocks: Sequence[nn.Module] | nn.ModuleList | nn.Sequential, layers: Sequence[int]
) -> Iterator[dict[int, Tensor]]:
    """Fills a table layer → state while the network runs inside the `with`.

    Layer 0 is what enters the first block, layer n what leaves block n. A network that norms its last block's output
    gives its true last layer itself.
    """
    states: dict[int, Tensor] = {}

    def enters(block: nn.Module, args: tuple[Any, ...], kwargs: dict[str, Any]) -> None:
        states[0] = args[0] if args else kwargs["hidden_states"]

    def leaves(index: int) -> Any:
        def keep(block: nn.Module, args: Any, output: Any) -> None:
            states[index] = output[0] if isinstance(output, tuple) else output

        return keep

    hooks = [blocks[index - 1].register_forward_hook(leaves(index)) for index in layers if index > 0]
    if 0 in layers:
        hooks.append(blocks[0].register_forward_pre_hook(enters, with_kwargs=True))
    try:
        yield states
    finally:
        for hook in hooks:
            hook.remove()


def side_by_side(states: dict[int, Tensor], layers: Sequence[int]) -> Tensor:
    """The chosen states joined along their last dimension, in single precision."""
    return torch.cat([states[layer].float() for layer in layers], dim=-1)

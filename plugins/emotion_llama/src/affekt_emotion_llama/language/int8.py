"""Weights of one byte: linear layers whose weights are whole numbers with one scale a row, and which compute in floats.

Writing on a processor waits for memory, not for arithmetic: each token reads every weight once. A quarter of the bytes
is half of the time. Activations stay as they are; rounding those too changed the texts (decision 0340).
"""

import ctypes
import gc
import sys
from collections.abc import Sequence
from typing import Any, Self

import torch
from torch import Tensor, nn
from torch.nn import functional

LEVELS = 127
"""The largest whole number in a row."""


class Int8Linear(nn.Module):
    """A linear layer with symmetric int8 weights [out, in] and a scale for each output."""

    weight: Tensor
    scale: Tensor

    def __init__(self, weight: Tensor, scale: Tensor, bias: Tensor | None = None) -> None:
        super().__init__()
        self.register_buffer("weight", weight)
        self.register_buffer("scale", scale)
        self.bias = bias

    @classmethod
    def of(cls, linear: nn.Linear) -> Self:
        """One that rounds the weights of a layer with floats."""
        weight = linear.weight.detach().float()
        scale = (weight.abs().amax(dim=1).clamp_min(1e-12) / LEVELS).bfloat16()
        rounded = (weight / scale.float()[:, None]).round_().clamp_(-LEVELS, LEVELS).to(torch.int8)
        return cls(rounded, scale, None if linear.bias is None else linear.bias.detach())

    def forward(self, x: Tensor) -> Tensor:
        """Outputs [..., out] of inputs [..., in], both float32."""
        product = functional.linear(x, self.weight.float()) * self.scale.float()
        return product if self.bias is None else product + self.bias

    def of_row(self, row: Tensor) -> Tensor:
        """Outputs [1, out] of one input [1, in], float32, without ever making floats of the weights."""
        product = torch._weight_int8pack_mm(row.bfloat16(), self.weight, self.scale).float()
        return product if self.bias is None else product + self.bias


def quantise(model: nn.Module) -> None:
    """Replaces every linear layer of a model, in place, and gives the memory of their floats back to the system."""
    for module in list(model.modules()):
        for name, child in list(module.named_children()):
            if isinstance(child, nn.Linear):
                setattr(module, name, Int8Linear.of(child))
    give_back()


def give_back() -> None:
    """Hands memory that was freed to the system.

    glibc keeps it, here half a gigabyte; other C libraries have no such function and need none.
    """
    gc.collect()
    if sys.platform == "linux":
        getattr(ctypes.CDLL(None), "malloc_trim", int)(0)


def is_quantised(model: Any) -> bool:
    """Whether `quantise` was called on a language model."""
    return isinstance(model.get_output_embeddings(), Int8Linear)


def stack(layers: Sequence[Int8Linear]) -> Int8Linear:
    """Layers that read the same input as one, whose weights are theirs from then on: nothing is kept twice."""
    sizes = [len(layer.weight) for layer in layers]
    biases = [layer.bias for layer in layers if layer.bias is not None]
    joined = Int8Linear(
        torch.cat([layer.weight for layer in layers]),
        torch.cat([layer.scale for layer in layers]),
        torch.cat(biases) if biases else None,
    )
    for layer, weight, scale in zip(layers, joined.weight.split(sizes), joined.scale.split(sizes), strict=True):  # type: ignore[no-untyped-call]
        layer.weight, layer.scale = weight, scale
    return joined

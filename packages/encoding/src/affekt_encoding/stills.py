"""Encoders of single pictures: the pictures of all clips share batches, and the rows go back to their clips."""

from collections.abc import Callable, Sequence
from typing import Annotated, Any, Literal

import numpy as np
from affekt import Clip, Features, Missing
from jaxtyping import Float32, UInt8
from pydantic import Field
from torch import Tensor, nn
from torch.nn.functional import layer_norm

from affekt_encoding.batching import in_batches
from affekt_encoding.frames import SampledFrames
from affekt_encoding.pooling import pooled

Tokens = Annotated[
    Literal["cls", "mean", "patches", "all"],
    Field(
        description="Rows of a picture: its class token, the mean of its patches, its patches from left to right and "
        "top to bottom, or the class token and then the patches"
    ),
]
Norm = Annotated[
    Literal["own", "plain", "none"],
    Field(description="What the layer goes through: the network's last norm, one without weights, or nothing"),
]

Picture = UInt8[np.ndarray, "height width 3"]
Rows = Float32[np.ndarray, "row dim"]


def encode_stills(
    clips: Sequence[Clip],
    take: Callable[[Clip], SampledFrames | Missing],
    run: Callable[[list[Any]], Sequence[Rows]],
    *,
    most: int,
    pool: str,
    segments: int,
) -> list[Features | Missing]:
    """Features of every clip, or why it has none.

    Args:
        take: the pictures to look at.
        run: the rows of each picture; called with at most `most` pictures.
    """
    taken = [take(clip) for clip in clips]
    pictures = [picture for sampled in taken if isinstance(sampled, SampledFrames) for picture in sampled.pictures]
    rows = iter(in_batches(pictures, run, length=lambda picture: 1, most=most))
    return [
        sampled
        if isinstance(sampled, Missing)
        else pooled(_features(sampled, [next(rows) for _ in sampled.pictures]), pool, segments)
        for sampled in taken
    ]


def _features(sampled: SampledFrames, rows: list[Rows]) -> Features:
    return Features(values=np.concatenate(rows), spans=np.repeat(sampled.spans, len(rows[0]), axis=0))


def chosen_tokens(states: Tensor, tokens: Tokens, prefix: int = 1) -> Tensor:
    """The rows of the option `tokens` out of states of shape [picture, token, dim].

    Args:
        prefix: tokens before the patches; the first is the class token.
    """
    match tokens:
        case "cls":
            return states[:, :1]
        case "mean":
            return states[:, prefix:].mean(dim=1, keepdim=True)
        case "patches":
            return states[:, prefix:]
    return states


def normed(states: Tensor, norm: Norm, own: nn.Module | None) -> Tensor:
    """The states after the option `norm`. The plain one is LayerNorm as torch makes it, without trained weights.

    Args:
        own: the network's last norm, None where it has none.
    """
    match norm:
        case "own":
            return states if own is None else own(states)
        case "plain":
            return layer_norm(states, states.shape[-1:])
    return states

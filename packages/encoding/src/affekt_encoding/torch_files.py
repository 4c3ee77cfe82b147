"""Weights out of a single file: safetensors, or a training checkpoint of PyTorch that is read as tensors only."""

import argparse
import pickle
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from zipfile import is_zipfile

import torch
from affekt import WeightsError
from affekt_weights import UnsafeWeights, load_state
from torch import Tensor, nn

SUFFIXES = (".pth", ".pt", ".bin", ".ckpt", ".safetensors")
"""What a file of weights may end in."""

_TABLES = ("model", "module", "state_dict", "model_ema")
"""Where training scripts keep the weights beside their optimiser and settings."""


def is_weights_file(model: str) -> bool:
    """True where `model` is a file of weights rather than a folder, a repository or a name."""
    return model.endswith(SUFFIXES) and Path(model).expanduser().is_file()


def read_weights(path: str | Path) -> dict[str, Tensor]:
    """The table of tensors in a file; optimisers, epochs and settings beside it are left where they are.

    Raises:
        WeightsError: there is no such file, or it holds no table of tensors.
        UnsafeWeights: it could run code when loaded.
    """
    path = Path(path).expanduser()
    if not path.is_file():
        raise WeightsError(f'there is no file "{path}"', hint="the path of a checkpoint")
    if path.suffix == ".safetensors":
        return load_state(path)
    try:
        # Checkpoints of MAE and VideoMAE carry the script's arguments: a Namespace holds values and runs nothing.
        with torch.serialization.safe_globals([argparse.Namespace]):
            # Mapped, because an optimiser's state weighs twice as much as the weights and is not wanted.
            content: Any = torch.load(path, map_location="cpu", weights_only=True, mmap=is_zipfile(path))
    except (pickle.UnpicklingError, RuntimeError, EOFError, OSError) as error:
        raise UnsafeWeights(
            f'"{path}" holds more than tensors and could run code, or is damaged: {str(error).splitlines()[0][:200]}',
            hint="where you trust it, load it yourself and save its tensors as safetensors",
        ) from error
    return _table(path, content)


def _table(path: Path, table: Any) -> dict[str, Tensor]:
    for key in _TABLES:
        if isinstance(table, Mapping) and isinstance(table.get(key), Mapping):
            table = table[key]
    if not isinstance(table, Mapping) or not any(isinstance(value, Tensor) for value in table.values()):
        raise WeightsError(
            f'"{path}" holds no table of tensors; found {type(table).__name__}',
            hint=f"a file whose tensors lie at the top or under one of {', '.join(_TABLES)}",
        )
    return {str(name): value for name, value in table.items() if isinstance(value, Tensor)}


def fill(network: nn.Module, weights: Mapping[str, Tensor], where: str | Path) -> None:
    """Puts the weights into the network. What the file has beyond it, decoders and heads, is left out.

    Raises:
        WeightsError: weights are missing, or have another shape.
    """
    wanted = network.state_dict()
    missing = [name for name in wanted if name not in weights]
    if missing:
        raise WeightsError(
            f'"{where}" holds no whole {type(network).__name__}: {len(missing)} weights are missing, '
            f'such as "{missing[0]}"',
            hint="a checkpoint of this kind of model",
        )
    for name, tensor in wanted.items():
        if weights[name].shape != tensor.shape:
            raise WeightsError(
                f'"{where}": "{name}" has the shape {list(weights[name].shape)}; wanted {list(tensor.shape)}',
                hint="a checkpoint of this kind of model",
            )
    network.load_state_dict({name: weights[name] for name in wanted})

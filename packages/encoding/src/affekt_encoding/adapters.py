"""Adds LoRA matrices of a file to a network."""

from pathlib import Path

import torch
from affekt import WeightsError
from safetensors import SafetensorError, safe_open
from torch import nn


def add_adapter(network: nn.Module, path: Path) -> None:
    """Adds the adapter's `scale * B @ A` to every weight that it has matrices for (Hu et al. 2021).

    The file holds `layers.0.fc1.A` [rank, in] and `layers.0.fc1.B` [out, rank], and the scale as metadata; tensors of
    other names are passed over.

    Raises:
        WeightsError: the file is missing, or holds matrices of another network.
    """
    weights = dict(network.named_parameters())
    try:
        with safe_open(path, framework="pt") as file:
            scale = float((file.metadata() or {})["scale"])
            names = [name for name in file.keys() if name.endswith((".A", ".B"))]  # noqa: SIM118
            matrices = {name: file.get_tensor(name).float() for name in names}
        targets = sorted({name.rpartition(".")[0] for name in matrices})
        if not targets:
            raise ValueError("it holds none")
        with torch.no_grad():
            for target in targets:
                own = weights[f"{target}.weight"]
                own.add_(scale * (matrices[f"{target}.B"] @ matrices[f"{target}.A"]).to(own))
    except (OSError, KeyError, ValueError, RuntimeError, SafetensorError) as error:
        reason = str(error).splitlines()[0] if str(error) else type(error).__name__
        raise WeightsError(
            f'"{path}" holds no adapter of this network: {reason}',
            hint="adapter.safetensors that was trained for the same model",
        ) from error

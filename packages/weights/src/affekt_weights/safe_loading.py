"""Tensors out of a file without running what it contains."""

from pathlib import Path
from typing import TYPE_CHECKING

from affekt_weights.errors import UnsafeWeights

if TYPE_CHECKING:
    import torch

_TORCH = (".pt", ".pth", ".bin", ".ckpt")


def load_state(path: str | Path) -> "dict[str, torch.Tensor]":
    """The tensors of a safetensors file, or of a PyTorch checkpoint that holds nothing but tensors.

    Raises:
        UnsafeWeights: the file would run code when loaded, or is of a kind that can.
    """
    path = Path(path)
    if path.suffix == ".safetensors":
        from safetensors import SafetensorError
        from safetensors.torch import load_file

        try:
            return load_file(path)
        except SafetensorError as error:
            raise UnsafeWeights(f'"{path}" is no safetensors file: {error}', hint="pull or save it again") from error
    if path.suffix not in _TORCH:
        raise UnsafeWeights(
            f'"{path}" is loaded neither as safetensors nor as tensors of PyTorch',
            hint=f"a file that ends in .safetensors, or in one of {', '.join(_TORCH)} and holds only tensors",
        )
    import pickle

    import torch  # the caller's: whoever has weights for torch has torch

    try:
        state = torch.load(path, map_location="cpu", weights_only=True)
    except (pickle.UnpicklingError, RuntimeError, EOFError) as error:
        raise UnsafeWeights(
            f'"{path}" holds more than tensors and could run code: {str(error).splitlines()[0]}',
            hint="convert it to safetensors where you trust it",
        ) from error
    if not isinstance(state, dict) or not all(isinstance(value, torch.Tensor) for value in state.values()):
        raise UnsafeWeights(f'"{path}" holds no plain table of tensors', hint="save model.state_dict() as safetensors")
    return state

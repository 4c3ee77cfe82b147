"""Where a network runs, and in which arithmetic."""

import torch
from affekt import OptionsError


def device_of(name: str) -> torch.device:
    """The device of this name.

    Raises:
        OptionsError: torch knows no such device, or this machine has none.
    """
    try:
        device = torch.device(name)
        torch.empty(0, device=device)
    except (RuntimeError, AssertionError) as error:
        devices = [f"cuda:{index}" for index in range(torch.cuda.device_count())]
        raise OptionsError(
            f'device: "{name}" cannot be used: {str(error).splitlines()[0]}',
            hint=f"one of {', '.join(['cpu', *devices])}",
        ) from error
    return device


def dtype_of(name: str) -> torch.dtype:
    """torch.float32 of "float32"."""
    dtype = getattr(torch, name, None)
    if not isinstance(dtype, torch.dtype):
        raise OptionsError(f'dtype: torch has no "{name}"', hint="float32, float16 or bfloat16")
    return dtype

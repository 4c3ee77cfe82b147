"""What a head's file says of its training."""

import json
from contextlib import nullcontext
from importlib.resources import as_file, files
from pathlib import Path

from safetensors import SafetensorError, safe_open


def training_of(own: Path | None, shipped: str) -> tuple[str, ...]:
    """The data sets a head learnt from; "unknown (FILE)" where the file does not say."""
    with as_file(files("affekt_heads").joinpath(shipped)) if own is None else nullcontext(own) as path:
        try:
            with safe_open(path, framework="numpy") as tensors:
                card = json.loads((tensors.metadata() or {})["head"])
            return tuple(name.strip() for name in card["trained_on"].split(","))
        except (OSError, KeyError, ValueError, AttributeError, SafetensorError):
            return (f"unknown ({path.name})",)

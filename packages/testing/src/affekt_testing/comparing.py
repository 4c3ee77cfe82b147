"""Where two results differ first, within a tolerance for numbers."""

from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from typing import Any

import numpy as np


def difference(left: Any, right: Any, tolerance: float, where: str = "result") -> str | None:
    """The first difference in words, or None. Numbers may differ by `tolerance` of the largest value nearby."""
    if type(left) is not type(right):
        return f"{where} is {type(left).__name__} and {type(right).__name__}"
    if isinstance(left, np.ndarray):
        return _arrays(left, right, tolerance, where)
    if is_dataclass(left):
        names = [field.name for field in fields(left)]
        return _first([(f"{where}.{name}", getattr(left, name), getattr(right, name)) for name in names], tolerance)
    if isinstance(left, Mapping):
        if list(left) != list(right):
            return f"{where} has the keys {list(left)} and {list(right)}"
        return _first([(f"{where}[{key!r}]", left[key], right[key]) for key in left], tolerance)
    if isinstance(left, list | tuple):
        if len(left) != len(right):
            return f"{where} has {len(left)} and {len(right)} entries"
        return _first([(f"{where}[{i}]", *pair) for i, pair in enumerate(zip(left, right, strict=True))], tolerance)
    if isinstance(left, float) and abs(left - right) <= tolerance * max(1.0, abs(left)):
        return None
    return None if left == right else f"{where} is {_short(left)} and {_short(right)}"


def _first(parts: list[tuple[str, Any, Any]], tolerance: float) -> str | None:
    differences = (difference(left, right, tolerance, where) for where, left, right in parts)
    return next((what for what in differences if what is not None), None)


def _arrays(left: Any, right: Any, tolerance: float, where: str) -> str | None:
    if left.shape != right.shape or left.dtype != right.dtype:
        return f"{where} is {left.dtype} of shape {list(left.shape)} and {right.dtype} of shape {list(right.shape)}"
    if not left.size:
        return None
    apart = float(np.abs(left.astype(np.float64) - right.astype(np.float64)).max())
    scale = max(1.0, float(np.abs(left).max()))
    return f"{where} differs by up to {apart:.3g}" if apart > tolerance * scale else None


def _short(value: Any) -> str:
    text = repr(value)
    return text if len(text) < 120 else f"{text[:117]}..."

"""Values of affekt as plain JSON and raw buffers, and back: dataclasses by name, arrays by type and shape.

Only what is listed here crosses. Fields at their default are left out, so that cores of one series understand each
other; a field that the other core does not know is refused, never dropped.
"""

from collections.abc import Mapping
from dataclasses import MISSING, fields, is_dataclass
from typing import Any

import numpy as np
from affekt import DataError, answers, data, evidence, tracks

KINDS: dict[str, type] = {
    name: kind
    for module in (data, tracks, evidence, answers)
    for name, kind in vars(module).items()
    if isinstance(kind, type) and is_dataclass(kind) and kind.__module__ == module.__name__
}
"""The data classes that may cross: those of core."""
_PLAIN = (bool, int, float, str)
_NUMBERS = "biuf"
"""NumPy's kinds of numbers; objects, text and records never cross."""


def pack(value: Any) -> tuple[Any, list[Any]]:
    """A JSON tree, and the buffers that it refers to by their number.

    Raises:
        DataError: something in it may not cross.
    """
    buffers: list[Any] = []
    return _pack(value, buffers, ""), buffers


def _pack(value: Any, buffers: list[Any], where: str) -> Any:
    if value is None or type(value) in _PLAIN:
        return value
    if isinstance(value, np.ndarray) and value.dtype.kind in _NUMBERS:
        return _pack_array(value, buffers)
    if isinstance(value, np.generic) and value.dtype.kind in _NUMBERS:
        return value.item()
    if isinstance(value, str):
        return str.__str__(value)  # the word of an enumeration crosses as a word
    if isinstance(value, list):
        return [_pack(item, buffers, f"{where}[{i}]") for i, item in enumerate(value)]
    if isinstance(value, tuple):
        return {"$": "tuple", "of": _pack(list(value), buffers, where)}
    if isinstance(value, Mapping) and all(isinstance(key, str) for key in value):
        return {"$": "dict", "of": {key: _pack(item, buffers, f"{where}[{key!r}]") for key, item in value.items()}}
    if KINDS.get(type(value).__name__) is type(value):
        return {"$": type(value).__name__, "of": _pack_fields(value, buffers, where)}
    raise DataError(
        f"{where or 'the value'} is a {type(value).__name__}, which cannot cross to another interpreter or a file",
        hint="plain values, NumPy arrays of numbers, or affekt's data classes",
    )


def _pack_array(array: np.ndarray, buffers: list[Any]) -> Any:
    little = array.dtype.newbyteorder("<")
    buffers.append(np.ascontiguousarray(array, dtype=little).reshape(-1).view(np.uint8))
    return {"$": "array", "at": len(buffers) - 1, "dtype": little.str, "shape": list(array.shape)}


def _pack_fields(value: Any, buffers: list[Any], where: str) -> dict[str, Any]:
    where = f"{where}.{type(value).__name__}" if where else type(value).__name__
    values = {field.name: getattr(value, field.name) for field in fields(value)}
    return {
        field.name: _pack(values[field.name], buffers, f"{where}.{field.name}")
        for field in fields(value)
        if field.default is MISSING or values[field.name] is not field.default
    }


def unpack(tree: Any, buffers: list[bytearray]) -> Any:
    """The value again; arrays own their memory and can be written to.

    Raises:
        DataError: a data class or a field of the other side is unknown here, or the value breaks its own rules.
        ValueError: the tree makes no sense.
    """
    if isinstance(tree, list):
        return [unpack(item, buffers) for item in tree]
    if not isinstance(tree, dict):
        return tree
    kind, of = tree.get("$"), tree.get("of")
    if kind == "array":
        return _unpack_array(tree, buffers)
    if kind == "tuple" and isinstance(of, list):
        return tuple(unpack(of, buffers))
    if kind in ("dict", *KINDS) and isinstance(of, dict):
        values = {key: unpack(item, buffers) for key, item in of.items()}
        return values if kind == "dict" else _make(KINDS[kind], values)
    raise ValueError(f"no value: {str(tree)[:200]}")


def _unpack_array(tree: Any, buffers: list[bytearray]) -> np.ndarray:
    dtype = np.dtype(str(tree["dtype"]))
    if dtype.kind not in _NUMBERS:
        raise ValueError(f"no array of numbers: {dtype}")
    return np.frombuffer(buffers[tree["at"]], dtype=dtype).reshape(tree["shape"])


def _make(kind: type, values: dict[str, Any]) -> Any:
    unknown = values.keys() - {field.name for field in fields(kind)}
    if unknown:
        raise DataError(
            f"{kind.__name__}.{min(unknown)} is unknown to one of the two interpreters' affekt-core",
            hint="the same version of affekt-core in both",
        )
    return kind(**values)

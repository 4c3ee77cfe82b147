"""The mechanism behind `data` and `answers`: annotations that check arrays, mappings that cannot change, plain numbers.

`fingerprint` notices arrays that changed all the same.
"""

from collections.abc import Mapping
from dataclasses import fields
from functools import cache
from types import MappingProxyType
from typing import Any, get_type_hints

import numpy as np

from affekt.errors import DataError


class Checked:
    """Checks every array field against its jaxtyping annotation; dimension names are shared within one object.

    NumPy's numbers in other fields become Python's.
    """

    __slots__ = ()

    def __post_init__(self) -> None:
        make_plain(self)
        sizes: dict[str, int] = {}
        for name, annotation in _array_fields(type(self)).items():  # type: ignore[arg-type]  # mypy reads the instances' hash
            value = getattr(self, name)
            if value is not None:
                _check_array(f"{type(self).__name__}.{name}", value, annotation, sizes)

    def __getstate__(self) -> dict[str, Any]:
        return {f.name: _thaw(getattr(self, f.name)) for f in fields(self)}  # type: ignore[arg-type]

    def __setstate__(self, state: dict[str, Any]) -> None:
        for name, value in state.items():
            object.__setattr__(self, name, _frozen(value) if isinstance(value, dict) else value)


def make_plain(instance: Any) -> None:
    """Turns NumPy's scalars in a frozen dataclass into Python's: JSON takes no others, and `repr` writes them."""
    for each in fields(instance):
        value = getattr(instance, each.name)
        if isinstance(value, np.generic):
            object.__setattr__(instance, each.name, value.item())
        elif type(value) is tuple and any(isinstance(inner, np.generic) for inner in value):
            object.__setattr__(instance, each.name, tuple(map(_plain, value)))


def _plain(value: Any) -> Any:
    return value.item() if isinstance(value, np.generic) else value


@cache
def _array_fields(kind: Any) -> dict[str, Any]:
    arrays = {}
    for name, hint in get_type_hints(kind).items():
        for option in (hint, *getattr(hint, "__args__", ())):  # the parts of `array | None`
            if hasattr(option, "dim_str"):
                arrays[name] = option
    return arrays


def _check_array(where: str, value: Any, annotation: Any, sizes: dict[str, int]) -> None:
    wanted = f"{annotation.__name__.split('[')[0]} of shape [{annotation.dim_str}]"
    if not isinstance(value, np.ndarray):
        raise DataError(f"{where} should be a NumPy array, {wanted}; found {type(value).__name__}")
    actual = f"{value.dtype} of shape {list(value.shape)}"
    if not isinstance(value, annotation):
        raise DataError(f"{where} should be {wanted}; found {actual}", hint=f"array.astype({annotation.dtypes[0]!r})")
    for dimension, size in zip(annotation.dim_str.split(), value.shape, strict=True):
        if sizes.setdefault(dimension, size) != size:
            raise DataError(f'{where} has {size} along "{dimension}", but another field has {sizes[dimension]}')


def _frozen(mapping: Mapping[str, Any]) -> Mapping[str, Any]:
    return MappingProxyType({_plain(key): _plain(value) for key, value in mapping.items()})


def _thaw(value: Any) -> Any:
    return dict(value) if isinstance(value, MappingProxyType) else value


def fingerprint(value: Any) -> int:
    """Of every array inside, by about a thousand of its elements: enough to tell that it was worked on in place."""
    if isinstance(value, np.ndarray):
        return hash(value.flat[:: max(1, value.size // 1024)].tobytes())
    if isinstance(value, Mapping):
        return hash(tuple(fingerprint(inner) for inner in value.values()))
    if isinstance(value, Checked):
        return hash(tuple(fingerprint(getattr(value, each.name)) for each in fields(value)))  # type: ignore[arg-type]
    return 0


def counted(number: int, noun: str) -> str:
    """A number with its noun, for a repr: "1 row", "87 rows"."""
    return f"{number} {noun}{'' if number == 1 else 's'}"


def freeze(instance: object, *names: str) -> None:
    """Makes the named mappings of a frozen dataclass read-only."""
    for name in names:
        object.__setattr__(instance, name, _frozen(getattr(instance, name)))

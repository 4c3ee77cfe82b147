"""One entry: a safetensors file that any reader of safetensors opens, and whose every byte is under a checksum.

The checksum is xxh3-128 of the whole file with the checksum itself left out. It stands first in the header, at a fixed
place, so that it can be. The safetensors library orders metadata at random, so the header is written here: the same
features are the same bytes. Nothing in it depends on when, where or for whom they were computed.
"""

import json
from collections.abc import Callable
from typing import Any

import numpy as np
import xxhash
from affekt import Features, Missing

from affekt_features.errors import Corrupt

Bytes = np.ndarray[Any, np.dtype[np.uint8]]

FORMAT = "affekt-features-1"
_BEGIN = b'{"__metadata__":{"checksum":"'
_AT = 8 + len(_BEGIN)
_DIGITS = 32
_END = _AT + _DIGITS
_TENSORS: dict[str, tuple[str, Any]] = {"spans": ("F64", np.dtype("<f8")), "values": ("F32", np.dtype("<f4"))}


def pack(key: str, value: Features | Missing) -> bytes:
    """The bytes of an entry."""
    tensors: dict[str, np.ndarray[Any, Any]] = {}
    metadata = {"format": FORMAT, "key": key}
    if isinstance(value, Missing):
        metadata["missing"] = value.reason
    else:
        if value.spans is not None:
            tensors["spans"] = np.ascontiguousarray(value.spans, "<f8")
        else:
            metadata |= {"hop": repr(value.hop), "start": repr(value.start)}
        tensors["values"] = np.ascontiguousarray(value.values, "<f4")
        if value.names is not None:
            metadata["names"] = json.dumps(value.names, ensure_ascii=False)
        metadata["source"] = value.source
    header = _header(metadata, tensors)
    data = b"".join([header, *(array.tobytes() for array in tensors.values())])
    checksum = Checksum()
    checksum.feed(data)
    return b"".join([data[:_AT], checksum.digits(), data[_END:]])


def _header(metadata: dict[str, str], tensors: dict[str, np.ndarray[Any, Any]]) -> bytes:
    fields: dict[str, Any] = {"__metadata__": {"checksum": "0" * _DIGITS, **metadata}}
    end = 0
    for name, array in tensors.items():
        begin, end = end, end + array.nbytes
        fields[name] = {"dtype": _TENSORS[name][0], "shape": list(array.shape), "data_offsets": [begin, end]}
    text = json.dumps(fields, separators=(",", ":"), ensure_ascii=False).encode()
    text += b" " * (-len(text) % 8)
    return len(text).to_bytes(8, "little") + text


class Checksum:
    """Of a whole file, fed in parts; the first part reaches beyond the place of the checksum itself."""

    def __init__(self) -> None:
        self._state = xxhash.xxh3_128()
        self._feed: Callable[[memoryview | bytes], None] = self._first

    def feed(self, part: memoryview | bytes) -> None:
        """The next part of the file."""
        self._feed(part)

    def _first(self, part: memoryview | bytes) -> None:
        self._state.update(part[:_AT])
        self._state.update(part[_END:])
        self._feed = self._state.update

    def digits(self) -> bytes:
        """As they stand in the file."""
        return self._state.hexdigest().encode()


def unpack(key: str, data: Bytes, checksum: Checksum | None) -> Features | Missing:
    """What an entry holds; arrays are views of `data`.

    Args:
        checksum: that all of `data` was fed to; None where it is known to be what was verified before.

    Raises:
        Corrupt: a byte has changed, the end is missing, or it is the entry of another key.
    """
    view = data.data
    if checksum is not None and (len(view) < _END or view[_AT:_END] != checksum.digits()):
        raise Corrupt(f"the entry {key} has changed since it was written, or was never whole")
    try:
        return _parsed(key, data)
    except (KeyError, ValueError, TypeError) as error:
        raise Corrupt(f"the entry {key} has another form than was written: {error!r}") from error


def _parsed(key: str, data: Bytes) -> Features | Missing:
    length = int.from_bytes(data.data[:8], "little")
    fields = json.loads(bytes(data.data[8 : 8 + length]))
    metadata = fields.pop("__metadata__")
    if metadata.get("format") != FORMAT or metadata.get("key") != key:
        raise Corrupt(f"in the place of the entry {key} lies {metadata.get('format')} {metadata.get('key')}")
    if "missing" in metadata:
        return Missing(reason=metadata["missing"])
    arrays = {name: _array(name, field, data, 8 + length) for name, field in fields.items()}
    regular = "hop" in metadata
    return _unchecked(
        {
            "values": arrays["values"],
            "hop": float(metadata["hop"]) if regular else None,
            "start": float(metadata["start"]) if regular else 0.0,
            "spans": arrays.get("spans"),
            "names": tuple(json.loads(metadata["names"])) if "names" in metadata else None,
            "source": metadata["source"],
        }
    )


def _array(name: str, field: dict[str, Any], data: Bytes, begin: int) -> np.ndarray[Any, Any]:
    code, dtype = _TENSORS[name]
    if field["dtype"] != code:
        raise Corrupt(f"{name} is {field['dtype']}, not {code}")
    first, _ = field["data_offsets"]
    return np.ndarray(field["shape"], dtype=dtype, buffer=data.data, offset=begin + first)


def _unchecked(state: dict[str, Any]) -> Features:
    """Features without the checks of shape and finiteness: they passed when they were packed, and nothing changed."""
    found = Features.__new__(Features)
    found.__setstate__(state)
    return found

"""One entry: a safetensors file that any reader of safetensors opens, and whose every byte is under a checksum.

The checksum is StringZilla's 64-bit hash of the whole file with the checksum itself left out, a part of 512 KiB after
the other, the hash of each the seed of the next: a part is hashed while it still lies in the processor's cache, for a
fifth of what a bare read costs. It stands first in the header, at a fixed place, so that it can be left out. The
safetensors library orders metadata at random, so the header is written here: the same features are the same bytes.
Nothing in it depends on when, where or for whom they were computed.
"""

import json
from typing import Any

import numpy as np
import stringzilla  # type: ignore[import-not-found, unused-ignore]
from affekt import Features, Missing
from pydantic_core import from_json

from affekt_features.errors import Corrupt

Bytes = np.ndarray[Any, np.dtype[np.uint8]]

FORMAT = "affekt-features-2"
PART = 1 << 19
"""Bytes hashed at once. Part of the format: other parts give another checksum."""
_BEGIN = b'{"__metadata__":{"checksum":"'
_AT = 8 + len(_BEGIN)
_DIGITS = 16
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
    """Of a whole file, fed in its order."""

    def __init__(self) -> None:
        self._hash: int | None = None

    def feed(self, data: memoryview | bytes) -> None:
        """More of the file: so many parts, or what is left of it."""
        if self._hash is not None and len(data) <= PART:
            self._hash = stringzilla.hash(data, self._hash)
            return
        for begin in range(0, len(data), PART):
            part = data[begin : begin + PART]
            if self._hash is None:
                self._hash, part = stringzilla.hash(part[:_AT]), part[_END:]
            self._hash = stringzilla.hash(part, self._hash)

    def digits(self) -> bytes:
        """As they stand in the file."""
        return b"%016x" % (self._hash or 0)


def unpack(key: str, data: Bytes, checksum: Checksum | None) -> Features | Missing:
    """What an entry holds; arrays are views of `data`.

    Args:
        checksum: that all of `data` was fed to; None where it is known to be what was verified before.

    Raises:
        Corrupt: a byte has changed, the end is missing, or it is the entry of another key.
    """
    view = data.data
    begin = 8 + int.from_bytes(view[:8], "little")
    header = bytes(view[8:begin])
    if checksum is not None and (len(view) < begin or header[_AT - 8 : _END - 8] != checksum.digits()):
        other = b'"format":"affekt-features' in header and FORMAT.encode() not in header
        why = "is in the form of another version" if other else "has changed since it was written, or was never whole"
        raise Corrupt(f"the entry {key} {why}")
    try:
        return _parsed(key, data, header, begin)
    except (KeyError, ValueError, TypeError) as error:
        raise Corrupt(f"the entry {key} has another form than was written: {error!r}") from error


def _parsed(key: str, data: Bytes, header: bytes, begin: int) -> Features | Missing:
    fields = from_json(header)
    metadata = fields.pop("__metadata__")
    if metadata.get("format") != FORMAT or metadata.get("key") != key:
        raise Corrupt(f"in the place of the entry {key} lies {metadata.get('format')} {metadata.get('key')}")
    if "missing" in metadata:
        return Missing(reason=metadata["missing"])
    found: dict[str, Any] = {name: _array(name, field, data, begin) for name, field in fields.items()}
    # Without the checks of shape and finiteness: they passed when it was packed, and nothing changed.
    features = Features.__new__(Features)
    vars(features).update(
        values=found["values"],
        hop=float(metadata["hop"]) if "hop" in metadata else None,
        start=float(metadata["start"]) if "start" in metadata else 0.0,
        spans=found.get("spans"),
        names=tuple(from_json(metadata["names"])) if "names" in metadata else None,
        source=metadata["source"],
    )
    return features


def _array(name: str, field: dict[str, Any], data: Bytes, begin: int) -> np.ndarray[Any, Any]:
    code, dtype = _TENSORS[name]
    if field["dtype"] != code:
        raise Corrupt(f"{name} is {field['dtype']}, not {code}")
    first, _ = field["data_offsets"]
    return np.ndarray(field["shape"], dtype=dtype, buffer=data.data, offset=begin + first)

"""One entry: a safetensors file that any reader of safetensors opens, and whose every byte is under a checksum.

The checksum is StringZilla's 64-bit hash of the whole file with the checksum itself left out, a part of 512 KiB after
the other, the hash of each the seed of the next: a part is hashed while it still lies in the processor's cache, for a
fifth of what a bare read costs. It stands first in the header, at a fixed place, so that it can be left out. The
safetensors library orders metadata at random, so the header is written here: the same features are the same bytes.
Nothing in it depends on when, where or for whom they were computed.
"""

import json
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import stringzilla  # type: ignore[import-not-found, unused-ignore]
from affekt import DataError, Features, Missing
from pydantic_core import from_json

from affekt_features.errors import Corrupt

Bytes = np.ndarray[Any, np.dtype[np.uint8]]
Precision = Literal["float32", "float16"]
"""The type in which the values of an entry are stored."""

FORMAT = "affekt-features-2"
PART = 1 << 19
"""Bytes hashed at once. Part of the format: other parts give another checksum."""
_BEGIN = b'{"__metadata__":{"checksum":"'
_AT = 8 + len(_BEGIN)
_DIGITS = 16
_END = _AT + _DIGITS
_TYPES: dict[str, dict[str, Any]] = {
    "spans": {"F64": np.dtype("<f8")},
    "values": {"F32": np.dtype("<f4"), "F16": np.dtype("<f2")},
}
_CODES = {np.dtype("<f8"): "F64", np.dtype("<f4"): "F32", np.dtype("<f2"): "F16"}


@dataclass(frozen=True, kw_only=True)
class Header:
    """What an entry says of its values before they are read."""

    shape: tuple[int, int]
    """Rows and columns."""
    dtype: np.dtype[Any]
    hop: float | None
    start: float
    names: tuple[str, ...] | None
    source: str


def pack(key: str, value: Features | Missing, precision: Precision = "float32") -> bytes:
    """The bytes of an entry.

    Raises:
        DataError: a value is too large for half precision.
    """
    tensors: dict[str, np.ndarray[Any, Any]] = {}
    metadata = {"format": FORMAT, "key": key}
    if isinstance(value, Missing):
        metadata["missing"] = value.reason
    else:
        if value.spans is not None:
            tensors["spans"] = np.ascontiguousarray(value.spans, "<f8")
        else:
            metadata |= {"hop": repr(value.hop), "start": repr(value.start)}
        tensors["values"] = _rounded(value, precision)
        if value.names is not None:
            metadata["names"] = json.dumps(value.names, ensure_ascii=False)
        metadata["source"] = value.source
    header = _header(metadata, tensors)
    data = b"".join([header, *(array.tobytes() for array in tensors.values())])
    checksum = Checksum()
    checksum.feed(data)
    return b"".join([data[:_AT], checksum.digits(), data[_END:]])


def _rounded(value: Features, precision: Precision) -> np.ndarray[Any, Any]:
    if precision == "float32":
        return np.ascontiguousarray(value.values, "<f4")
    with np.errstate(over="ignore"):
        halved = np.ascontiguousarray(value.values, "<f2")
    if not np.isfinite(halved).all():
        raise DataError(
            f"features of {value.source or 'an encoder'} reach {np.abs(value.values).max():.3g}, and half precision "
            f"ends at {np.finfo(np.float16).max:.0f}",
            hint="without `half`",
        )
    return halved


def _header(metadata: dict[str, str], tensors: dict[str, np.ndarray[Any, Any]]) -> bytes:
    fields: dict[str, Any] = {"__metadata__": {"checksum": "0" * _DIGITS, **metadata}}
    end = 0
    for name, array in tensors.items():
        begin, end = end, end + array.nbytes
        fields[name] = {"dtype": _CODES[array.dtype], "shape": list(array.shape), "data_offsets": [begin, end]}
    text = json.dumps(fields, separators=(",", ":"), ensure_ascii=False).encode()
    text += b" " * (-len(text) % 8)
    return len(text).to_bytes(8, "little") + text


class Checksum:
    """The checksum of a whole file, fed in its order."""

    def __init__(self) -> None:
        self._hash: int | None = None

    def feed(self, data: memoryview | bytes) -> None:
        """Feeds more of the file: so many parts, or what is left of it."""
        if self._hash is not None and len(data) <= PART:
            self._hash = stringzilla.hash(data, self._hash)
            return
        for begin in range(0, len(data), PART):
            part = data[begin : begin + PART]
            if self._hash is None:
                self._hash, part = stringzilla.hash(part[:_AT]), part[_END:]
            self._hash = stringzilla.hash(part, self._hash)

    def digits(self) -> bytes:
        """The digits as they stand in the file."""
        return b"%016x" % (self._hash or 0)


def unpack(key: str, data: Bytes, checksum: Checksum | None) -> Features | Missing:
    """What an entry holds; arrays are views of `data`, except that half precision becomes single.

    Args:
        checksum: that all of `data` was fed to; None where it is known to be what was verified before.

    Raises:
        Corrupt: a byte has changed, the end is missing, or it is the entry of another key.
    """
    begin, header = _split(data)
    view = data.data
    if checksum is not None and (len(view) < begin or header[_AT - 8 : _END - 8] != checksum.digits()):
        other = b'"format":"affekt-features' in header and FORMAT.encode() not in header
        why = "is in the form of another version" if other else "has changed since it was written, or was never whole"
        raise Corrupt(f"the entry {key} {why}")
    try:
        return _parsed(key, data, header, begin)
    except (KeyError, ValueError, TypeError) as error:
        raise Corrupt(f"the entry {key} has another form than was written: {error!r}") from error


def read_header(key: str, data: Bytes) -> Header | Missing:
    """What the beginning of an entry says; nothing of it is verified.

    Raises:
        Corrupt: it is no beginning of this key's entry.
    """
    try:
        metadata, fields = _fields(key, _split(data)[1])
        if "missing" in metadata:
            return Missing(reason=metadata["missing"])
        rows, columns = fields["values"]["shape"]
        return Header(
            shape=(int(rows), int(columns)),
            dtype=_TYPES["values"][fields["values"]["dtype"]],
            hop=float(metadata["hop"]) if "hop" in metadata else None,
            start=float(metadata["start"]) if "start" in metadata else 0.0,
            names=tuple(from_json(metadata["names"])) if "names" in metadata else None,
            source=metadata["source"],
        )
    except (KeyError, ValueError, TypeError) as error:
        raise Corrupt(f"the entry {key} has another form than was written: {error!r}") from error


def length_of_header(data: Bytes) -> int:
    """The bytes before the arrays, from the first eight of an entry."""
    return 8 + int.from_bytes(data.data[:8], "little")


def values_of(key: str, data: Bytes) -> np.ndarray[Any, Any]:
    """The values of an entry in the type they are stored in, a view of `data`.

    Raises:
        Corrupt: the file has another form.
    """
    begin, header = _split(data)
    try:
        return _array("values", _fields(key, header)[1]["values"], data, begin)
    except (KeyError, ValueError, TypeError) as error:
        raise Corrupt(f"the entry {key} has another form than was written: {error!r}") from error


def _split(data: Bytes) -> tuple[int, bytes]:
    """Where the arrays begin, and the header before them."""
    begin = length_of_header(data)
    return begin, bytes(data.data[8:begin])


def _fields(key: str, header: bytes) -> tuple[dict[str, str], dict[str, Any]]:
    fields = from_json(header)
    metadata = fields.pop("__metadata__")
    if metadata.get("format") != FORMAT or metadata.get("key") != key:
        raise Corrupt(f"in the place of the entry {key} lies {metadata.get('format')} {metadata.get('key')}")
    return metadata, fields


def _parsed(key: str, data: Bytes, header: bytes, begin: int) -> Features | Missing:
    metadata, fields = _fields(key, header)
    if "missing" in metadata:
        return Missing(reason=metadata["missing"])
    arrays: dict[str, Any] = {name: _array(name, field, data, begin) for name, field in fields.items()}
    # Without the checks of shape and finiteness: they passed when it was packed, and nothing changed.
    features = Features.__new__(Features)
    vars(features).update(
        values=arrays["values"].astype(np.float32, copy=False),
        hop=float(metadata["hop"]) if "hop" in metadata else None,
        start=float(metadata["start"]) if "start" in metadata else 0.0,
        spans=arrays.get("spans"),
        names=tuple(from_json(metadata["names"])) if "names" in metadata else None,
        source=metadata["source"],
    )
    return features


def _array(name: str, field: dict[str, Any], data: Bytes, begin: int) -> np.ndarray[Any, Any]:
    dtype = _TYPES[name].get(field["dtype"])
    if dtype is None:
        raise Corrupt(f"{name} is {field['dtype']}, not {' or '.join(_TYPES[name])}")
    first, last = field["data_offsets"]
    if last - first != int(np.prod(field["shape"])) * dtype.itemsize:
        raise Corrupt(f"{name} takes {last - first} bytes, which is not its shape {field['shape']} in {field['dtype']}")
    return np.ndarray(field["shape"], dtype=dtype, buffer=data.data, offset=begin + first)

"""Reads `model.bin`, the file of CTranslate2: a header, then named arrays. It holds data only, no code.

Layout (little endian), as `ctranslate2/specs/model_spec.py` writes version 6: version, specification's name and
revision, the number of arrays; for each its name, rank, shape, type and bytes. Aliases follow; Whisper needs none.
"""

import struct
from pathlib import Path
from typing import BinaryIO

import numpy as np
from affekt import WeightsError

_TYPES = {0: np.float32, 1: np.int8, 2: np.int16, 3: np.int32, 4: np.float16}
_MOST_DIMENSIONS = 8


def read_arrays(path: Path) -> dict[str, np.ndarray]:
    """Every array of the file by name.

    Raises:
        WeightsError: the file is no CTranslate2 model, or is cut short.
    """
    try:
        with path.open("rb") as file:
            _number(file, "<I")
            specification = _text(file)
            _number(file, "<I")
            if not specification.startswith("Whisper"):
                raise ValueError(f'it holds a "{specification[:40]}", not a Whisper model')
            return dict(_array(file) for _ in range(_number(file, "<I")))
    except (OSError, ValueError, struct.error, UnicodeDecodeError) as error:
        raise WeightsError(
            f'"{path}" cannot be read as a CTranslate2 Whisper model: {error}',
            hint="`affekt weights verify whisper-base`, or a folder with model.safetensors",
        ) from error


def _array(file: BinaryIO) -> tuple[str, np.ndarray]:
    name = _text(file)
    rank = _number(file, "<B")
    if rank > _MOST_DIMENSIONS:
        raise ValueError(f'"{name}" has {rank} dimensions')
    shape = [_number(file, "<I") for _ in range(rank)]
    kind = _number(file, "<B")
    if kind not in _TYPES:
        raise ValueError(f'"{name}" has the unknown type {kind}')
    size = _number(file, "<I")
    content = file.read(size)
    if len(content) != size:
        raise ValueError(f'it ends inside "{name}"')
    return name, np.frombuffer(content, dtype=_TYPES[kind]).reshape(shape)


def _text(file: BinaryIO) -> str:
    return file.read(_number(file, "<H")).rstrip(b"\0").decode()


def _number(file: BinaryIO, layout: str) -> int:
    (value,) = struct.unpack(layout, file.read(struct.calcsize(layout)))
    return int(value)

"""Windows as bytes, without pickle: JSON and arrays in NumPy's own archive, without sound and pictures."""

import json
from collections.abc import Sequence
from io import BytesIO
from typing import BinaryIO

import numpy as np
from affekt import DataError, EmotionPrediction, Evidence
from affekt_isolation.packing import pack, unpack

from affekt_recordings.windows import Part

TREE = "tree"
"""The name in the archive of what is no array."""


def to_bytes(parts: Sequence[Part]) -> bytes:
    """The windows, lightened: see `Part.lighten`."""
    tree, buffers = pack([[part.evidence, part.prediction] for part in map(Part.lighten, parts)])
    arrays = {f"b{number}": np.asarray(buffer) for number, buffer in enumerate(buffers)}
    archive = BytesIO()
    np.savez(archive, **{TREE: np.frombuffer(json.dumps(tree).encode(), np.uint8)}, **arrays)  # type: ignore[arg-type]
    return archive.getvalue()


def from_file(file: BinaryIO) -> list[Part]:
    """The windows again.

    Raises:
        OSError, ValueError, KeyError, zipfile.BadZipFile: the file is cut off, or something else.
        DataError: it was written with another version of affekt.
    """
    with np.load(file, allow_pickle=False) as archive:
        buffers = [bytearray(archive[f"b{number}"].tobytes()) for number in range(len(archive.files) - 1)]
        pairs = unpack(json.loads(archive[TREE].tobytes()), buffers)
    for pair in pairs:
        if [type(value) for value in pair] != [Evidence, EmotionPrediction]:
            raise DataError("the file holds no windows", hint="analyze the recording again")
    return [Part(evidence=evidence, prediction=prediction) for evidence, prediction in pairs]

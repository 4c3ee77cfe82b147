"""Features that others computed: folders of .npy files named after the clips, as MER2023's HL-UTT and mae_340_UTT.

Importing checks every file and puts it into the store; the encoders `imported-…` then give each clip, by its name, what
was imported for it. They are as good as their makers: no key says what they were computed from.
"""

import hashlib
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from affekt import DataError, Features, Missing

from affekt_features.errors import StoreError
from affekt_features.keys import digest
from affekt_features.store import FeatureStore

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,99}")


@dataclass
class Imported:
    """What an import found."""

    name: str
    clips: int = 0
    width: int = 0
    refused: dict[str, str] = field(default_factory=dict)
    """File → why it was left out."""
    absent: list[str] = field(default_factory=list)
    """Clips that have no file."""


def import_folder(
    store: FeatureStore, folder: Path, *, name: str | None = None, hop: float | None = None, clips: Iterable[str] = ()
) -> Imported:
    """Puts a folder of .npy files into the store, as [dim] or [1, dim] a clip, or [time, dim] with a `hop`.

    Args:
        name: under which they are found; the folder's when None.
        hop: seconds from row to row. Without it a row stands for the whole clip, whose length nobody knows: 1 s.
        clips: whose features are expected; those without a file are listed.

    Raises:
        StoreError: the folder holds no .npy file, or the name is none.
        StoreFull: there is no room; what was imported stays.
    """
    name = name or folder.name
    if not _NAME.fullmatch(name):
        raise StoreError(f'"{name}" is no name for imported features', hint="letters, digits, dots and hyphens")
    files = sorted(folder.glob("*.npy"))
    if not files:
        raise StoreError(f'"{folder}" holds no .npy files', hint="a folder such as HL-UTT")
    found, keys = Imported(name=name), {}
    for file in files:
        try:
            values = _values(file, hop)
            if found.width not in (0, values.shape[1]):
                raise ValueError(f"{values.shape[1]} columns, where others have {found.width}")
        except (OSError, ValueError, DataError) as error:
            found.refused[file.name] = str(error)
            continue
        found.width = values.shape[1]
        keys[file.stem] = _put(store, name, file, values, hop)
        found.clips += 1
    found.absent = [clip for clip in clips if clip not in keys]
    store.note(_manifest(name), keys)
    return found


def _values(file: Path, hop: float | None) -> np.ndarray[Any, Any]:
    values = np.load(file, allow_pickle=False)
    if values.dtype.kind != "f":
        raise ValueError(f"it holds {values.dtype}, not floating point numbers")
    if values.ndim == 1:
        values = values[None]
    if values.ndim != 2 or not values.size or (hop is None and len(values) != 1):
        raise ValueError(f"its shape is {list(values.shape)}; without a hop it should be [dim] or [1, dim]")
    if not np.isfinite(values).all():
        raise ValueError("it holds NaN or infinity")
    return values.astype(np.float32)


def _put(store: FeatureStore, name: str, file: Path, values: np.ndarray[Any, Any], hop: float | None) -> str:
    key = digest({"imported": name, "hop": hop, "npy": hashlib.sha256(file.read_bytes()).hexdigest()})
    store.put(key, Features(values=values, hop=hop or 1.0, source=f"imported {name}"))
    return key


def _manifest(name: str) -> str:
    return f"imports/{name}.json"


def imported(store: FeatureStore, name: str, clips: Sequence[str]) -> list[Features | Missing]:
    """What was imported for these clips.

    Raises:
        StoreError: nothing was imported under this name, or an entry has become corrupt.
    """
    keys = store.noted(_manifest(name))
    if not isinstance(keys, dict):
        raise StoreError(f'"{store.url}" holds no imported features "{name}"', hint="affekt features import FOLDER")
    return [_one(store, name, clip, keys.get(clip)) for clip in clips]


def _one(store: FeatureStore, name: str, clip: str, key: str | None) -> Features | Missing:
    if key is None:
        return Missing(reason=f'"{clip}" is not among the imported {name}')
    found = store.get(key)
    if found is None:
        raise StoreError(f'the imported {name} of "{clip}" are gone or corrupt', hint="importing the folder again")
    return found

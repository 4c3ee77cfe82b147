"""Features that others computed: folders of .npy files named after the clips, as MER2023's HL-UTT, and tables.

Importing checks every file and puts it into the store; the encoders `imported-…` then give each clip, by its name, what
was imported for it. They are as good as their makers: no key says what they were computed from.
"""

import hashlib
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from affekt import DataError, Features, Missing

from affekt_features.entry import Precision
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
    imported, keys = Imported(name=name), {}
    for file in files:
        try:
            values = _values(file, hop)
            if imported.width not in (0, values.shape[1]):
                raise ValueError(f"{values.shape[1]} columns, where others have {imported.width}")
        except (OSError, ValueError, DataError) as error:
            imported.refused[file.name] = str(error)
            continue
        imported.width = values.shape[1]
        features = Features(values=values.astype(np.float32, copy=False), hop=hop or 1.0, source=f"imported {name}")
        keys[file.stem] = put(store, name, features, _precision(values))
        imported.clips += 1
    imported.absent = [clip for clip in clips if clip not in keys]
    list_imported(store, name, keys)
    return imported


def _values(file: Path, hop: float | None) -> np.ndarray[Any, Any]:
    values: np.ndarray[Any, Any] = np.load(file, allow_pickle=False)
    if values.dtype.kind != "f":
        raise ValueError(f"it holds {values.dtype}, not floating point numbers")
    if values.ndim == 1:
        values = values[None]
    if values.ndim != 2 or not values.size or (hop is None and len(values) != 1):
        raise ValueError(f"its shape is {list(values.shape)}; without a hop it should be [dim] or [1, dim]")
    if not np.isfinite(values).all():
        raise ValueError("it holds NaN or infinity")
    return values


def _precision(values: np.ndarray[Any, Any]) -> Precision:
    """Half precision stays half precision; anything else becomes single."""
    return "float16" if values.dtype == np.float16 else "float32"


def put(store: FeatureStore, name: str, features: Features, precision: Precision) -> str:
    """Stores what others computed, and returns its key.

    Raises:
        StoreFull: there is no room.
    """
    held = hashlib.sha256(features.values.astype(precision).tobytes()).hexdigest()
    clock = features.clock().tolist() if features.spans is not None else [features.start, features.hop]
    facts = {"shape": list(features.values.shape), "precision": precision, "clock": clock, "names": features.names}
    key = digest({"imported": name, "values": held, **facts})
    store.put(key, features, precision)
    return key


def keys_of(store: FeatureStore, name: str) -> dict[str, str]:
    """Clip → key of what was imported under a name.

    Raises:
        StoreError: nothing was.
    """
    keys = store.noted(_manifest(name))
    if not isinstance(keys, dict):
        raise StoreError(f'"{store.url}" holds no imported features "{name}"', hint="affekt features import FOLDER")
    return keys


def list_imported(store: FeatureStore, name: str, keys: Mapping[str, str]) -> None:
    """Names the clips of an import."""
    store.note(_manifest(name), dict(keys))


def names(store: FeatureStore) -> list[str]:
    """Everything that was imported."""
    return [path.removeprefix("imports/").removesuffix(".json") for path in store.backend.names("imports")]


def _manifest(name: str) -> str:
    return f"imports/{name}.json"


def imported(store: FeatureStore, name: str, clips: Sequence[str]) -> list[Features | Missing]:
    """What was imported for these clips.

    Raises:
        StoreError: nothing was imported under this name, or an entry has become corrupt.
    """
    keys = keys_of(store, name)
    return [_of_clip(store, name, clip, keys.get(clip)) for clip in clips]


def _of_clip(store: FeatureStore, name: str, clip: str, key: str | None) -> Features | Missing:
    if key is None:
        return Missing(reason=f'"{clip}" is not among the imported {name}')
    features = store.get(key)
    if features is None:
        raise StoreError(f'the imported {name} of "{clip}" are gone or corrupt', hint="importing the folder again")
    return features

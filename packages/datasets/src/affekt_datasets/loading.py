"""From a sample's media to a clip: a media file, a folder of pictures, or a row of an array file or an archive."""

import csv
import os
import zipfile
from collections import OrderedDict
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
from affekt import Clip, MissingDependency, VideoFrames
from jaxtyping import UInt8

from affekt_datasets.errors import DatasetError

PICTURES = frozenset({".jpg", ".jpeg", ".png", ".bmp"})
"""Suffixes of pictures."""
PICTURES_A_SECOND = 25.0
"""Assumed of a folder of pictures, which does not say; noted in the clip."""
_arrays: "OrderedDict[tuple[Path, int], UInt8[np.ndarray, 'row height width']]" = OrderedDict()


def load(name: str, media: Path | None, row: int | None = None, **decode: Any) -> Clip:
    """The decoded clip of a sample.

    Args:
        row: of an array file.
        decode: as for `affekt_media.load`.

    Raises:
        DatasetError: the sample has no media.
        MediaError: they cannot be read.
    """
    if media is None:
        raise DatasetError(f'"{name}" has no media', hint="`affekt datasets check` lists what is missing")
    if row is not None and media.suffix.lower() == ".zip":
        return _from_archive(name, media, row)
    if row is not None:
        return _picture(name, pictures(media)[row])
    if media.is_dir() or media.suffix.lower() in PICTURES:
        return _frames(name, media)
    from affekt_media import load as load_media

    return load_media(media, **decode)


def archived(path: Path) -> list[str]:
    """The names of the pictures in an archive, in their order.

    Raises:
        DatasetError: it is no archive.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            return sorted(name for name in archive.namelist() if Path(name).suffix.lower() in PICTURES)
    except (OSError, zipfile.BadZipFile) as error:
        raise DatasetError(
            f'"{path}" is no archive of pictures: {error}', hint="the file as its makers hand it out"
        ) from error


@lru_cache(maxsize=2)
def _opened(path: Path, modified: int, process: int) -> tuple[zipfile.ZipFile, list[str]]:
    """An archive that stays open, since reading the list of its members takes longer than reading one of them.

    Every process opens its own: a file that was opened before a fork has one position for both.
    """
    members = archived(path)
    return zipfile.ZipFile(path), members


def _from_archive(name: str, media: Path, row: int) -> Clip:
    """One picture of an archive, in colour."""
    try:
        from PIL import Image
    except ImportError as error:
        raise MissingDependency(
            f'"{media}" is made of pictures, which needs Pillow', hint='pip install "affekt-datasets[frames]"'
        ) from error
    archive, members = _opened(media, media.stat().st_mtime_ns, os.getpid())
    member = members[row]
    try:
        with archive.open(member) as file:
            frame = np.asarray(Image.open(file).convert("RGB"))
    except (OSError, zipfile.BadZipFile, Image.DecompressionBombError) as error:
        raise DatasetError(f'"{member}" in "{media}" cannot be read: {error}') from error
    return Clip(id=name, video=VideoFrames(frames=frame[None], fps=1.0), missing={"audio": "a picture has no sound"})


def pictures(path: Path) -> UInt8[np.ndarray, "row height width"]:
    """The pictures of an array file, or of FER2013's table; the last two files read are kept.

    Raises:
        DatasetError: the table holds something else.
    """
    key = (path, path.stat().st_mtime_ns)
    if key not in _arrays and path.suffix == ".csv":
        _arrays[key] = _from_table(path)
    elif key not in _arrays:
        with np.load(path, allow_pickle=False) as arrays:
            _arrays[key] = arrays["images"]
        while len(_arrays) > 2:
            _arrays.popitem(last=False)
    return _arrays[key]


def _from_table(path: Path) -> UInt8[np.ndarray, "row height width"]:
    """Of the column `pixels`: 48 by 48 numbers a row."""
    try:
        with path.open(newline="") as file:
            rows = [np.array(row["pixels"].split(), dtype=np.uint8) for row in csv.DictReader(file)]
        return np.stack(rows).reshape(len(rows), 48, 48)
    except (KeyError, ValueError, AttributeError, OverflowError) as error:
        raise DatasetError(f'"{path}" should hold 48 × 48 pixels from 0 to 255 a row: {error}') from error


def _picture(name: str, picture: UInt8[np.ndarray, "height width"]) -> Clip:
    frames = np.repeat(picture[None, :, :, None], 3, axis=3)
    video = VideoFrames(frames=frames, fps=1.0)
    return Clip(id=name, video=video, missing={"audio": "a picture has no sound"})


def _frames(name: str, media: Path) -> Clip:
    try:
        from PIL import Image
    except ImportError as error:
        raise MissingDependency(
            f'"{media}" is made of pictures, which needs Pillow', hint='pip install "affekt-datasets[frames]"'
        ) from error
    held = media.iterdir() if media.is_dir() else [media]
    paths = sorted((p for p in held if p.suffix.lower() in PICTURES), key=lambda path: (len(path.stem), path.stem))
    try:
        frames = np.stack([np.asarray(Image.open(path).convert("RGB")) for path in paths])
    except (OSError, ValueError, Image.DecompressionBombError) as error:
        raise DatasetError(f'"{media}" holds a picture that cannot be read, or of another size: {error}') from error
    return Clip(
        id=name,
        video=VideoFrames(frames=frames, fps=PICTURES_A_SECOND),
        missing={"audio": "pictures have no sound"},
        notes=(f"{len(paths)} pictures, taken as {PICTURES_A_SECOND:g} a second",) if media.is_dir() else (),
    )

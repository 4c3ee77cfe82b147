"""Labelled faces for training and measuring the expression network: FER2013's and RAF-DB's, with what is held out."""

import csv
import hashlib
import zipfile
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from affekt import DataError
from jaxtyping import Bool, Int64, UInt8

from affekt_face.network import CLASSES, SIDE

FER2013 = {"disgust": "disgusted", "fear": "fearful", "surprise": "surprised"}
"""FER2013's words that are not the project's."""
RAFDB = {"1": "surprised", "2": "fearful", "3": "disgusted", "4": "happy", "5": "sad", "6": "angry", "7": "neutral"}
"""RAF-DB's codes (Li et al., 2017)."""
HELD_OUT = {"fer2013": 0.1, "rafdb": 0.2}
"""Share of the different pictures that is kept from training."""


@dataclass(frozen=True, kw_only=True, eq=False)
class FaceSet:
    """Grey faces of one size, their labels as columns of `CLASSES`, and which of them are held out."""

    images: UInt8[np.ndarray, "face side side"]
    labels: Int64[np.ndarray, "face"]
    held_out: Bool[np.ndarray, "face"]
    left_out: int = 0
    """Blank faces, and copies of test faces."""


def fer2013_test(folder: Path) -> FaceSet:
    """The public test split; all of it is held out.

    Raises:
        DataError: the file is missing, or is not FER2013.
    """
    images, labels = _archive(folder / "public_test.npz")
    return FaceSet(images=images, labels=labels, held_out=np.ones(len(labels), dtype=bool))


def fer2013(folder: Path) -> FaceSet:
    """The training split without blank faces and without those whose pixels occur in the public test split.

    Raises:
        DataError: a file is missing, or is not FER2013.
    """
    images, labels = _archive(folder / "train.npz")
    test = {fingerprint(image) for image in fer2013_test(folder).images}
    pictures = np.array([fingerprint(image) for image in images])
    blank = images.reshape(len(images), -1).std(axis=1) < 1
    keep = ~blank & np.array([picture not in test for picture in pictures])
    held_out = _chosen(pictures[keep], HELD_OUT["fer2013"])
    return FaceSet(images=images[keep], labels=labels[keep], held_out=held_out, left_out=int((~keep).sum()))


def rafdb(folder: Path) -> FaceSet:
    """RAF-DB's aligned training faces of 100 pixels in grey, from `train.zip` and `train.csv` (image, label).

    Raises:
        DataError: a file is missing or damaged, or a label is none of RAF-DB's.
    """
    try:
        with (folder / "train.csv").open(newline="", encoding="utf-8") as table:
            rows = [(row["image"], CLASSES.index(RAFDB[row["label"]])) for row in csv.DictReader(table)]
        with zipfile.ZipFile(folder / "train.zip") as archive:
            images = np.stack([_grey(archive.read(name)) for name, _ in rows])
    except (OSError, KeyError, ValueError, zipfile.BadZipFile, cv2.error) as error:
        raise DataError(f'"{folder}" is no RAF-DB: {error}', hint="a folder of train.zip and train.csv") from error
    pictures = np.array([fingerprint(image) for image in images])
    labels = np.array([label for _, label in rows], dtype=np.int64)
    return FaceSet(images=images, labels=labels, held_out=_chosen(pictures, HELD_OUT["rafdb"]))


def at_side(images: UInt8[np.ndarray, "face side side"], side: int = SIDE) -> UInt8[np.ndarray, "face 48 48"]:
    """The faces at the network's size."""
    if images.shape[1] == side:
        return images
    return np.stack([cv2.resize(image, (side, side), interpolation=cv2.INTER_AREA) for image in images])


def fingerprint(image: np.ndarray) -> str:
    """The sha256 of its pixels."""
    return hashlib.sha256(image.tobytes()).hexdigest()


def _chosen(pictures: np.ndarray, share: float) -> Bool[np.ndarray, "face"]:
    """Which are held out: a share of the different pictures, the same for every run; copies stay on one side."""
    chosen = np.random.default_rng(0).permutation(np.unique(pictures))
    return np.isin(pictures, chosen[: round(len(chosen) * share)])


def _grey(encoded: bytes) -> UInt8[np.ndarray, "side side"]:
    image = cv2.imdecode(np.frombuffer(encoded, np.uint8), cv2.IMREAD_GRAYSCALE)
    if image is None:
        raise ValueError("a picture cannot be decoded")
    return image.astype(np.uint8)


def _archive(path: Path) -> tuple[UInt8[np.ndarray, "face 48 48"], Int64[np.ndarray, "face"]]:
    try:
        with np.load(path, allow_pickle=False) as archive:
            images, labels, names = archive["images"], archive["labels"], archive["names"]
        columns = np.array([CLASSES.index(FER2013.get(str(name), str(name))) for name in names])
        return images, columns[labels]
    except (OSError, KeyError, ValueError, IndexError) as error:
        raise DataError(f'"{path}" is no split of FER2013: {error}', hint="the folder of public_test.npz") from error

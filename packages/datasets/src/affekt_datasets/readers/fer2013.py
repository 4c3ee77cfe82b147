"""FER2013 (Goodfellow et al. 2013): 48×48 grey faces.

fer2013.csv                                     emotion, pixels, Usage: the competition's table
train.npz public_test.npz private_test.npz      or array files of its splits: images, labels, names of the labels
"""

import csv
import zipfile
from pathlib import Path

import numpy as np

from affekt_datasets.errors import DatasetError
from affekt_datasets.problems import Report
from affekt_datasets.sample import Sample
from affekt_datasets.vocabulary import vocabulary

SPLITS = {"train": "train.npz", "public_test": "public_test.npz", "private_test": "private_test.npz"}

TABLE = "fer2013.csv"
USAGES = {"Training": "train", "PublicTest": "public_test", "PrivateTest": "private_test"}


def fer2013(root: Path, report: Report) -> list[Sample]:
    """Every picture of the splits that are there; a picture is a clip of one frame."""
    if not any((root / file).is_file() for file in SPLITS.values()) and (root / TABLE).is_file():
        return _table(root / TABLE, report)
    words = vocabulary("fer2013")
    samples: list[Sample] = []
    for split, file in SPLITS.items():
        path = root / file
        if not path.is_file():
            if split != "private_test":
                report.add("missing", file, root)
            continue
        labels, names = _labels(path)
        unknown = [name for name in names if name not in words.labels]
        for name in unknown:
            report.add("unknown label", f'"{name}"', path)
        samples += [
            Sample(id=f"{split}-{row:05d}", media=path, row=row, label=names[code], split=split)
            for row, code in enumerate(labels)
            if code < len(names) and names[code] not in unknown
        ]
        for row in np.flatnonzero(labels >= len(names)):
            report.add("unknown label", int(labels[row]), f"{file}, row {row}")
    return samples


def _table(path: Path, report: Report) -> list[Sample]:
    words, samples = vocabulary("fer2013"), []
    with path.open(newline="") as file:
        for row, cells in enumerate(csv.DictReader(file)):
            label, split = words.codes.get(cells.get("emotion") or ""), USAGES.get(cells.get("Usage") or "")
            if label is None:
                report.add("unknown label", f'"{cells.get("emotion")}"', f"{TABLE}, row {row}")
            elif split is None:
                report.add("bad row", f'the Usage "{cells.get("Usage")}"', f"{TABLE}, row {row}")
            else:
                samples.append(Sample(id=f"{split}-{row:05d}", media=path, row=row, label=label, split=split))
    return samples


def _labels(path: Path) -> tuple[np.ndarray, list[str]]:
    try:
        with np.load(path, allow_pickle=False) as arrays:
            labels, names = arrays["labels"], [str(name) for name in arrays["names"]]
            with arrays.zip.open("images.npy") as file:  # its heading only: the pictures are read when asked for
                version = np.lib.format.read_magic(file)
                read = {(1, 0): np.lib.format.read_array_header_1_0, (2, 0): np.lib.format.read_array_header_2_0}
                shape, _, dtype = read[version](file)
    except (OSError, KeyError, ValueError, zipfile.BadZipFile) as error:
        raise DatasetError(f'"{path}" holds no arrays images, labels and names: {error}') from error
    if shape[:1] != labels.shape or len(shape) != 3 or dtype != np.uint8:
        raise DatasetError(
            f'"{path}" should hold images uint8 [n, height, width] and labels [n]; '
            f"found {dtype} {list(shape)} and {list(labels.shape)}"
        )
    return labels, names

"""FER2013's pictures: labelled faces of 48×48 grey pixels, from the splits' npz files or the competition's CSV."""

import csv
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from affekt import DataError
from jaxtyping import Int64, UInt8

from affekt_heads.face import LABELS
from affekt_heads.scored import Scored

NAMES = {"fear": "fearful", "disgust": "disgusted", "surprise": "surprised"}
"""The data set's names that differ from ours."""
OFFICIAL = ("angry", "disgust", "fear", "happy", "sad", "surprise", "neutral")
"""The classes of the competition's CSV, in order of their numbers."""
SPLITS = {"PublicTest": "public_test", "PrivateTest": "private_test"}


@dataclass(frozen=True, kw_only=True, eq=False)
class Pictures:
    """One test split."""

    images: UInt8[np.ndarray, "picture 48 48"]
    labels: Int64[np.ndarray, "picture"]
    """Index into `face.LABELS`."""


def read(folder: Path) -> Mapping[str, Pictures]:
    """The test splits in a folder: `public_test.npz`, `private_test.npz`, or those of `fer2013.csv`.

    Raises:
        DataError: there are none.
    """
    found = {path.stem: _from_npz(path) for path in sorted(folder.glob("*_test.npz"))}
    if not found and (folder / "fer2013.csv").is_file():
        found = _from_csv(folder / "fer2013.csv")
    if not found:
        raise DataError(f'"{folder}" holds no test split of FER2013', hint="--data FOLDER, with public_test.npz")
    return found


def _from_npz(path: Path) -> Pictures:
    with np.load(path, allow_pickle=False) as file:
        names = [str(name) for name in file["names"]]
        return _pictures(file["images"], [names[int(label)] for label in file["labels"]])


def _from_csv(path: Path) -> dict[str, Pictures]:
    images: dict[str, list[np.ndarray]] = {split: [] for split in SPLITS}
    names: dict[str, list[str]] = {split: [] for split in SPLITS}
    with path.open(newline="") as opened:
        for row in csv.DictReader(opened):
            if row["Usage"] in SPLITS:
                images[row["Usage"]].append(np.array(row["pixels"].split(), dtype=np.uint8).reshape(48, 48))
                names[row["Usage"]].append(OFFICIAL[int(row["emotion"])])
    return {SPLITS[split]: _pictures(np.stack(images[split]), names[split]) for split in SPLITS if images[split]}


def _pictures(images: UInt8[np.ndarray, "picture 48 48"], names: list[str]) -> Pictures:
    return Pictures(images=images, labels=np.array([LABELS.index(NAMES.get(name, name)) for name in names]))


def score(pictures: Pictures) -> Scored:
    """What the classifier of affekt-face says of every picture, after the temperature that calibrates it."""
    import torch
    from affekt_face.classifier import Classifier
    from affekt_face.network import CLASSES

    classifier = Classifier.packaged()
    parts = torch.from_numpy(pictures.images).split(256)
    probabilities = torch.cat([classifier(part) for part in parts]).numpy().astype(np.float64)
    ids = tuple(str(index) for index in range(len(pictures.images)))
    return Scored(
        labels=LABELS,
        probabilities=probabilities[:, [CLASSES.index(label) for label in LABELS]],
        truth=pictures.labels,
        groups=ids,
        ids=ids,
    )

"""FER2013's pictures, labelled faces of 48×48 grey pixels, and what the face's classifier says of them."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import affekt_datasets as datasets
import numpy as np
from affekt import DataError
from affekt_clues.expression import LABELS
from affekt_datasets import default_folder, vocabulary
from affekt_datasets.loading import pictures
from jaxtyping import Int64, UInt8

from affekt_training.heads.scored import Scored


@dataclass(frozen=True, kw_only=True, eq=False)
class Pictures:
    """The pictures of one test split and their labels."""

    images: UInt8[np.ndarray, "picture 48 48"]
    labels: Int64[np.ndarray, "picture"]
    """Index into `face.LABELS`."""


def read(folder: Path | None) -> Mapping[str, Pictures]:
    """The test splits that are there; None for `$AFFEKT_SHARED/data/fer2013`.

    Raises:
        DataError: there are none.
    """
    folder = folder or default_folder("fer2013")
    dataset, words = datasets.read("fer2013", folder, allow=("missing",)), vocabulary("fer2013").common
    samples_of = {split: list(dataset.split(split)) for split in dataset.splits() if split.endswith("_test")}
    if not samples_of:
        raise DataError(f'"{folder}" holds no test split of FER2013', hint="--data FOLDER, with public_test.npz")
    return {
        split: Pictures(
            images=np.stack([pictures(sample.media)[sample.row] for sample in samples if sample.media is not None]),
            labels=np.array([LABELS.index(words[sample.label]) for sample in samples if sample.label is not None]),
        )
        for split, samples in samples_of.items()
    }


def score(pictures: Pictures) -> Scored:
    """What the classifier of affekt-face says of every picture, after the temperature that calibrates it."""
    import torch
    from affekt_face.classifier import Classifier
    from affekt_face.network import CLASSES

    classifier = Classifier.packaged()
    parts = torch.from_numpy(pictures.images).split(256)  # type: ignore[no-untyped-call]
    probabilities = torch.cat([classifier(part) for part in parts]).numpy().astype(np.float64)
    ids = tuple(str(index) for index in range(len(pictures.images)))
    return Scored(
        labels=LABELS,
        probabilities=probabilities[:, [CLASSES.index(label) for label in LABELS]],
        truth=pictures.labels,
        groups=ids,
        ids=ids,
    )

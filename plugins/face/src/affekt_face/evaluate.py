"""Measures the expression classifier on FER2013's public test split.

    python -m affekt_face.evaluate FER2013_DIR

FER2013_DIR holds `public_test.npz`: images uint8 [n, 48, 48], labels and their names. Prints accuracy, unweighted
average recall (UAR) and expected calibration error (ECE), each with a 95% bootstrap interval over the faces.
"""

import argparse
import json
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import torch
from affekt import AffektError, DataError
from jaxtyping import Float64, Int64, UInt8

from affekt_face.classifier import Classifier
from affekt_face.network import CLASSES

WORDS = {"disgust": "disgusted", "fear": "fearful", "surprise": "surprised"}
"""FER2013's words that are not the project's."""

BINS = 15
"""Of the calibration error: equally wide bins of the probability of the answer (Guo et al., 2017)."""

DRAWS = 1000
"""Bootstrap samples."""

Measure = Callable[[Float64[np.ndarray, "face 7"], Int64[np.ndarray, "face"]], float]


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=Path, help="folder of public_test.npz")
    parser.add_argument("--weights", type=Path, help="a file of networks to measure instead of the packaged one")
    parser.add_argument("--json", action="store_true", help="print JSON")
    options = parser.parse_args(arguments)
    try:
        images, labels = read(options.data / "public_test.npz")
        classifier = Classifier.read(options.weights) if options.weights else Classifier.packaged()
    except AffektError as error:
        print(error, file=sys.stderr)
        return 1
    faces = torch.from_numpy(images)
    probabilities = torch.cat([classifier(part) for part in faces.split(256)]).double().numpy()
    report = measured(probabilities, labels)
    print(json.dumps(report) if options.json else "\n".join(_lines(report, len(labels))))
    return 0


def read(path: Path) -> tuple[UInt8[np.ndarray, "face 48 48"], Int64[np.ndarray, "face"]]:
    """Faces, and their labels as columns of `CLASSES`.

    Raises:
        DataError: the file is missing, or is not FER2013.
    """
    try:
        with np.load(path, allow_pickle=False) as archive:
            images, labels, names = archive["images"], archive["labels"], archive["names"]
        columns = np.array([CLASSES.index(WORDS.get(str(name), str(name))) for name in names])
        return images, columns[labels]
    except (OSError, KeyError, ValueError, IndexError) as error:
        raise DataError(f'"{path}" is no split of FER2013: {error}', hint="the folder of public_test.npz") from error


def measured(
    probabilities: Float64[np.ndarray, "face 7"], labels: Int64[np.ndarray, "face"], seed: int = 0
) -> dict[str, dict[str, float]]:
    """Every measure with its value and the ends of its interval; the recall of each class."""
    measures: dict[str, Measure] = {"accuracy": accuracy, "uar": uar, "ece": calibration_error}
    draws = np.random.default_rng(seed).integers(len(labels), size=(DRAWS, len(labels)))
    report: dict[str, dict[str, float]] = {}
    for name, measure in measures.items():
        sampled = [measure(probabilities[rows], labels[rows]) for rows in draws]
        low, high = np.percentile(sampled, [2.5, 97.5])
        report[name] = {"value": measure(probabilities, labels), "low": float(low), "high": float(high)}
    report["recall"] = dict(zip(CLASSES, recalls(probabilities, labels).tolist(), strict=True))
    return report


def accuracy(probabilities: Float64[np.ndarray, "face 7"], labels: Int64[np.ndarray, "face"]) -> float:
    """Share of the faces whose likeliest class is the labelled one."""
    return float((probabilities.argmax(axis=1) == labels).mean())


def recalls(
    probabilities: Float64[np.ndarray, "face 7"], labels: Int64[np.ndarray, "face"]
) -> Float64[np.ndarray, "7"]:
    """Share of each class's faces that are found; NaN for a class without faces."""
    right = probabilities.argmax(axis=1) == labels
    total = np.bincount(labels, minlength=len(CLASSES)).astype(np.float64)
    found = np.bincount(labels, weights=right, minlength=len(CLASSES))
    return np.divide(found, total, out=np.full(len(CLASSES), np.nan), where=total > 0)


def uar(probabilities: Float64[np.ndarray, "face 7"], labels: Int64[np.ndarray, "face"]) -> float:
    """Unweighted average recall: rare classes count as much as frequent ones."""
    return float(np.nanmean(recalls(probabilities, labels)))


def calibration_error(probabilities: Float64[np.ndarray, "face 7"], labels: Int64[np.ndarray, "face"]) -> float:
    """Expected calibration error of the likeliest class."""
    confidence = probabilities.max(axis=1)
    right = probabilities.argmax(axis=1) == labels
    bins = np.minimum((confidence * BINS).astype(int), BINS - 1)
    gaps = np.bincount(bins, weights=confidence - right, minlength=BINS)
    return float(np.abs(gaps).sum() / len(labels))


def _lines(report: dict[str, dict[str, float]], faces: int) -> list[str]:
    names = {"accuracy": "accuracy", "uar": "UAR", "ece": "ECE"}
    lines = [f"FER2013 public test, {faces} faces (95% bootstrap interval)"]
    lines += [
        f"{title:<10}{report[name]['value']:.3f}  [{report[name]['low']:.3f}, {report[name]['high']:.3f}]"
        for name, title in names.items()
    ]
    return [*lines, "recall    " + ", ".join(f"{name} {value:.2f}" for name, value in report["recall"].items())]


if __name__ == "__main__":
    sys.exit(main())

"""Measures the expression classifier on faces that were held out of its training.

    python -m affekt_face.evaluate FER2013_DIR
    python -m affekt_face.evaluate FER2013_DIR --rafdb RAFDB_DIR

FER2013_DIR holds `train.npz` and `public_test.npz` (images uint8 [n, 48, 48], labels, names), RAFDB_DIR `train.zip` and
`train.csv`. Prints accuracy, unweighted average recall (UAR) and expected calibration error (ECE), each with a 95%
bootstrap interval over the faces.
"""

import argparse
import json
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import torch
from affekt import AffektError
from jaxtyping import Float64, Int64

from affekt_face import face_sets
from affekt_face.classifier import Classifier
from affekt_face.face_sets import FaceSet, at_side
from affekt_face.network import CLASSES

BINS = 15
"""The bins of the calibration error: equally wide bins of the probability of the answer (Guo et al., 2017)."""

DRAWS = 1000
"""The number of bootstrap samples."""

Measure = Callable[[Float64[np.ndarray, "face 7"], Int64[np.ndarray, "face"]], float]


def main(arguments: list[str] | None = None) -> int:
    """Prints the measures of the data sets that the command line names."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=Path, help="FER2013's folder: public_test.npz, train.npz")
    parser.add_argument("--rafdb", type=Path, help="RAF-DB's folder: train.zip and train.csv")
    parser.add_argument("--weights", type=Path, help="a file of train_expression.py in place of the packaged one")
    parser.add_argument("--json", action="store_true", help="print JSON")
    options = parser.parse_args(arguments)
    try:
        sets = {"FER2013 public test": face_sets.fer2013_test(options.data)}
        if (options.data / "train.npz").is_file():
            sets["FER2013 held out of training"] = face_sets.fer2013(options.data)
        if options.rafdb:
            sets["RAF-DB held out of training"] = face_sets.rafdb(options.rafdb)
        classifier = Classifier.read(options.weights) if options.weights else Classifier.packaged()
    except AffektError as error:
        print(error, file=sys.stderr)
        return 1
    reports = {name: judged(classifier, faces) for name, faces in sets.items()}
    lines = [line for name, report in reports.items() for line in _lines(name, report)]
    print(json.dumps(reports) if options.json else "\n".join(lines))
    return 0


def judged(classifier: Classifier, faces: FaceSet) -> dict[str, dict[str, float]]:
    """The report of a set's held-out faces."""
    images = torch.from_numpy(at_side(faces.images[faces.held_out]))
    probabilities = torch.cat([classifier(part) for part in images.split(256)]).double().numpy()  # type: ignore[no-untyped-call]
    return measured(probabilities, faces.labels[faces.held_out])


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
    report["faces"] = {"count": len(labels)}
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
    recognised = np.bincount(labels, weights=right, minlength=len(CLASSES))
    shares: Float64[np.ndarray, "7"] = np.divide(recognised, total, out=np.full(len(CLASSES), np.nan), where=total > 0)
    return shares


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


def _lines(title: str, report: dict[str, dict[str, float]]) -> list[str]:
    names = {"accuracy": "accuracy", "uar": "UAR", "ece": "ECE"}
    lines = [f"{title}, {report['faces']['count']:.0f} faces (95% bootstrap interval)"]
    lines += [
        f"{title:<10}{report[name]['value']:.3f}  [{report[name]['low']:.3f}, {report[name]['high']:.3f}]"
        for name, title in names.items()
    ]
    return [*lines, "recall    " + ", ".join(f"{name} {value:.2f}" for name, value in report["recall"].items())]


if __name__ == "__main__":
    sys.exit(main())

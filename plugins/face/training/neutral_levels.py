"""Prints how high action units are in neutral faces, and how often other faces pass that level.

    python neutral_levels.py RAFDB_DIR [--faces 400]

The levels of `affekt_clues.facs.HIGH` are its column "98 %". RAF-DB (Li et al., 2017) is for research only.
"""

import argparse
import csv
import zipfile
from pathlib import Path

import cv2
import numpy as np
from affekt_face.action_units import MIXING
from affekt_face.blendshapes import ACTION_UNITS
from affekt_face.landmarker import Landmarker
from affekt_weights import fetch
from jaxtyping import Float32

EMOTIONS = ("surprised", "fearful", "disgusted", "happy", "sad", "angry", "neutral")
"""RAF-DB's labels 1 to 7."""
PRESENCE = 0.5


def main() -> None:
    """Measures as many faces of each emotion, drawn with a fixed seed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--faces", type=int, default=400)
    asked = parser.parse_args()
    with (asked.folder / "train.csv").open(newline="") as table:
        labels = {row["image"]: EMOTIONS[int(row["label"]) - 1] for row in csv.DictReader(table)}
    landmarker, random = Landmarker(fetch("face-landmarker"), threads=1), np.random.default_rng(0)
    levels = {}
    with zipfile.ZipFile(asked.folder / "train.zip") as pictures:
        members = {Path(name).name: name for name in pictures.namelist()}
        for emotion in EMOTIONS:
            own = [name for name, label in labels.items() if label == emotion and name in members]
            chosen = random.choice(own, min(asked.faces, len(own)), replace=False)
            units = [_units(landmarker, pictures.read(members[name])) for name in chosen]
            levels[emotion] = np.stack([found for found in units if found is not None])
            print(f"{emotion}: {len(levels[emotion])} faces")
    for column, unit in enumerate(ACTION_UNITS):
        half, most, high = np.percentile(levels["neutral"][:, column], [50, 95, 98])
        passing = ", ".join(f"{emotion} {np.mean(own[:, column] >= high):.2f}" for emotion, own in levels.items())
        print(f"{unit} neutral faces 50 % {half:.2f}, 95 % {most:.2f}, 98 % {high:.2f}; above: {passing}")


def _units(landmarker: Landmarker, picture: bytes) -> Float32[np.ndarray, "unit"] | None:
    """Action units of the face of an aligned picture, which is framed too tightly for the detector."""
    pixels = cv2.imdecode(np.frombuffer(picture, np.uint8), cv2.IMREAD_COLOR)[:, :, ::-1]
    framed = cv2.copyMakeBorder(cv2.resize(pixels, (200, 200)), 60, 60, 60, 60, cv2.BORDER_REPLICATE)
    for detection in landmarker.detect(framed, 0.4)[:1]:
        landmarks, presence = landmarker.mesh(framed, detection)
        if presence >= PRESENCE:
            return landmarker.blendshapes(landmarks) @ MIXING  # type: ignore[no-any-return]
    return None


if __name__ == "__main__":
    main()

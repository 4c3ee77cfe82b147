"""Prints which share of the rows with a pitch counts as speech, a line a folder of recordings.

    python speech_kept.py FOLDER [FOLDER ...] [--files 30]

In recordings of speech nearly all should; in music none.
"""

import argparse
import random
from pathlib import Path

import affekt_media
import numpy as np
from affekt import Features
from affekt_prosody.encoder import ProsodyEncoder

SOUND = (".wav", ".flac", ".ogg", ".opus", ".mp3")


def main() -> None:
    """Measures every folder on the same number of files, drawn with a fixed seed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folders", nargs="+", type=Path)
    parser.add_argument("--files", type=int, default=30)
    asked = parser.parse_args()
    encoder = ProsodyEncoder()
    for folder in asked.folders:
        paths = sorted(path for path in folder.rglob("*") if path.suffix in SOUND)
        paths = random.Random(0).sample(paths, min(asked.files, len(paths)))
        kept, voiced = [], []
        for path in paths:
            (found,) = encoder.encode([affekt_media.load(path)])
            if isinstance(found, Features):
                rows = found.column("voicing") > 0.5
                voiced.append(rows.mean())
                kept.append(found.column("speech")[rows].mean() if rows.any() else np.nan)
        print(f"{folder.name}: {len(kept)} files, {np.mean(voiced):.2f} voiced, of these speech {np.nanmean(kept):.3f}")


if __name__ == "__main__":
    main()

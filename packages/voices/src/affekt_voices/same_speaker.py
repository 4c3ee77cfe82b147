"""Measures how alike voices are, within people and between them: `python -m affekt_voices.same_speaker FOLDER…`.

Each folder holds recordings of one person. Passages of `--seconds` are put together from whole recordings; the table
gives percentiles of the similarity of passages of the same and of different people, and what a threshold would let
pass. The thresholds of `enrolment` were chosen on its output for RAVDESS, whose actors speak in eight emotions.
"""

import argparse
from itertools import combinations, product
from pathlib import Path

import numpy as np
import soundfile  # type: ignore[import-untyped]
from affekt import AudioSignal

from affekt_voices.speaker_identity import embedding, parts


def passages(folder: Path, seconds: float) -> list[AudioSignal]:
    """Recordings of one person put together, each passage at least so long."""
    sounds: list[AudioSignal] = []
    gathered: list[np.ndarray] = []
    rate = 0
    for path in sorted(path for path in folder.iterdir() if path.suffix in (".wav", ".flac")):
        samples, rate = soundfile.read(path, dtype="float32")
        gathered.append(samples)
        if sum(map(len, gathered)) >= seconds * rate:
            sounds.append(AudioSignal(samples=np.concatenate(gathered), sample_rate=rate))
            gathered = []
    return sounds


def main() -> None:
    """Runs the command."""
    parser = argparse.ArgumentParser(prog="python -m affekt_voices.same_speaker", description=__doc__)
    parser.add_argument("folders", nargs="+", type=Path)
    parser.add_argument("--seconds", type=float, default=8)
    parser.add_argument("--each", type=int, default=6, help="passages a person, spread over what there is")
    options = parser.parse_args()
    people = []
    within = []
    for folder in options.folders:
        all_of_them = passages(folder, options.seconds)
        chosen = all_of_them[:: max(1, len(all_of_them) // options.each)][: options.each]
        people.append([embedding(sound) for sound in chosen])
        within += [spread(sound) for sound in chosen]
    same = [float(a @ b) for person in people for a, b in combinations(person, 2)]
    other = [float(a @ b) for first, second in combinations(people, 2) for a, b in product(first, second)]
    mixed = mixtures([passages(folder, options.seconds / 2)[0] for folder in options.folders])
    for name, values in (
        ("same person", same),
        ("different people", other),
        ("two halves, one person", within),
        ("two halves, two people", mixed),
    ):
        print(
            f"{name:24} n={len(values):6}  "
            + "  ".join(f"p{p} {np.percentile(values, p):.3f}" for p in (1, 5, 50, 95, 99))
        )
    for threshold in np.arange(0.60, 0.86, 0.05):
        print(f"at {threshold:.2f}: {np.mean(np.array(same) >= threshold):.3f} of the same, "
              f"{np.mean(np.array(other) >= threshold):.3f} of different people pass")  # fmt: skip


def spread(sound: AudioSignal) -> float:
    """How alike the two most different groups of parts of a recording are, see `enrolment.voices_apart`."""
    from affekt_voices.enrolment import voices_apart

    return voices_apart(parts(sound))


def mixtures(halves: list[AudioSignal]) -> list[float]:
    """The same for recordings of which every half is another person's."""
    return [
        spread(AudioSignal(samples=np.concatenate([first.samples, second.samples]), sample_rate=first.sample_rate))
        for first, second in combinations(halves, 2)
    ]


if __name__ == "__main__":
    main()

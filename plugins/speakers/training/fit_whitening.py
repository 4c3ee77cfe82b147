"""Fits the whitening of voices on acted emotions of people who are not measured on.

    python fit_whitening.py DATA --out ../src/affekt_speakers/whitening.safetensors [--cache voices.npz]

DATA holds ravdess/, emodb/, ased/, nemo/ and javanese_voice/. Of RAVDESS (Livingstone and Russo, 2018) and EmoDB
(Burkhardt et al., 2005) only the people of `affekt_speakers.measure.TUNING` are taken.
"""

import argparse
import random
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import soundfile
import torch
from affekt_speakers.campplus import CamPlusPlus, voices
from affekt_speakers.measure import TUNING
from affekt_speakers.networks import load
from affekt_speakers.segmentation import SAMPLE_RATE
from affekt_speakers.staging import utterances
from affekt_speakers.whitening import fit
from jaxtyping import Float32

MOST = 4
"""Seconds of a recording that are heard."""
LEAST = 0.5
"""Seconds below which a recording is left out."""


def main() -> None:
    """Fits and writes."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("data", type=Path)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--cache", type=Path, help="voices that were computed are kept here")
    parser.add_argument("--each", type=int, default=40, help="recordings of a person, at most")
    parser.add_argument("--each-ased", type=int, default=12, help="recordings of a person of ASED, at most")
    parser.add_argument("--shrinkage", type=float, default=0.5)
    parser.add_argument("--size", type=int, default=192)
    chosen = parser.parse_args()
    torch.set_num_threads(1)
    network = load("speaker-networks").embedding
    people = dict(recordings(chosen.data))
    kept: dict[str, Float32[np.ndarray, "192"]] = {}
    if chosen.cache is not None and chosen.cache.exists():
        with np.load(chosen.cache) as archive:
            kept = dict(archive)
    rows, owners = [], []
    for person, paths in sorted(people.items()):
        most = chosen.each_ased if person.startswith("ased") else chosen.each
        for path in random.Random(person).sample(sorted(paths), min(most, len(paths))):
            name = str(path.relative_to(chosen.data))
            if name not in kept:
                kept[name] = voice(network, path)
            if kept[name].any():
                rows.append(kept[name])
                owners.append(person)
        if chosen.cache is not None:
            np.savez(chosen.cache, **kept)
        print(f"{person}: {len(rows)} recordings", flush=True)
    fit(np.array(rows), np.array(owners), shrinkage=chosen.shrinkage, size=chosen.size).save(chosen.out)


def recordings(folder: Path) -> Iterator[tuple[str, list[Path]]]:
    """Person → recordings."""
    for person, own in utterances(folder).items():
        if person in TUNING:
            yield person, [each.path for each in own]
    names = {"ased": lambda stem: stem.split("-")[-1], "nemo": lambda stem: stem.split("_")[0]}
    names["javanese_voice"] = lambda stem: stem[:2]
    for corpus, person_of in names.items():
        people: dict[str, list[Path]] = {}
        for path in sorted((folder / corpus).glob("*.opus")):
            people.setdefault(f"{corpus}-{person_of(path.stem)}", []).append(path)
        yield from people.items()


def voice(network: CamPlusPlus, path: Path) -> Float32[np.ndarray, "192"]:
    """The voice of a recording without the silence at its ends; zeros where it is too short."""
    samples, rate = soundfile.read(path, dtype="float32")
    power = np.convolve(np.square(samples), np.full(400, 1 / 400), "same")
    loud = np.flatnonzero(power > 1e-3 * power.max())
    sound = samples[loud[0] : loud[-1] + 1][: MOST * SAMPLE_RATE]
    if rate != SAMPLE_RATE or len(sound) < LEAST * SAMPLE_RATE:
        return np.zeros(192, np.float32)
    return voices(network, [sound])[0]


if __name__ == "__main__":
    main()

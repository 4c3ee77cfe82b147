"""Fits the probe that tells voices from music and noise where nobody says words; affekt-heads ships it.

    python -m affekt_training.heads.vocal SOUNDS -o vocal_probe.safetensors

SOUNDS holds a folder a source, each with sound files without voices: music, effects, noise. Voices are the corpora of
`corpora.SPEECH`, from $AFFEKT_SHARED/data: bursts without words as often as speech. It prints, of sources and people
that were left out in turn, how many windows are taken for a voice.
"""

import argparse
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import soundfile  # type: ignore[import-untyped]
import soxr  # type: ignore[import-untyped]
from affekt import DataError
from affekt_datasets import default_folder, read
from affekt_heads.vocal import VocalProbe
from affekt_heads.voice import LAYERS, LoudnessProbe
from jaxtyping import Bool, Float32, Float64
from safetensors.numpy import save_file
from sklearn.linear_model import LogisticRegression  # type: ignore[import-untyped]
from sklearn.model_selection import GroupKFold  # type: ignore[import-untyped]
from sklearn.preprocessing import StandardScaler  # type: ignore[import-untyped]
from tqdm import tqdm  # type: ignore[import-untyped]

from affekt_training.heads.corpora import SPEECH
from affekt_training.heads.distortion import SAMPLE_RATE, distort
from affekt_training.heads.voice_statistics import encoded, gather
from affekt_training.heads.voice_statistics import read as sound_of

BURSTS = "emogator"
A_CORPUS = 400
"""Recordings of speech that are taken of a corpus, at most."""
A_FILE = 6
"""Windows of a sound file, at most,"""
A_SOURCE = 60
"""files of a source, at most,"""
LONGEST = 120.0
"""and seconds of a file that are read."""
WINDOW = (1.0, 3.2)
"""Seconds of a window, drawn between these."""
PEAKS = (-30.0, -3.0)
"""dB of full scale that the loudest sample of a window is brought to, drawn between these."""
SOUNDS = {".wav", ".ogg", ".oga", ".flac", ".mp3", ".opus"}
MADE = 90
"""Windows of noise, tones and clicks that are made."""
STRENGTH = 1e-3
"""Inverse of the penalty of the squared weights."""
FOLDS = 5


@dataclass(frozen=True, kw_only=True, eq=False)
class Windows:
    """Pooled statistics of windows of sound, and who or what they are of."""

    values: Float32[np.ndarray, "window statistic"]
    vocal: Bool[np.ndarray, "window"]
    groups: tuple[str, ...]
    """The speaker or source of each window."""
    kinds: tuple[str, ...]
    """"speech", "bursts" or "others"."""

    def __add__(self, other: "Windows") -> "Windows":
        return Windows(
            values=np.concatenate([self.values, other.values]),
            vocal=np.concatenate([self.vocal, other.vocal]),
            groups=self.groups + other.groups,
            kinds=self.kinds + other.kinds,
        )


def voices(folder: Path | None = None) -> Windows:
    """Recordings of the corpora of speech, and all bursts without words whatever they express, clean and distorted."""
    random, probe = np.random.default_rng(0), LoudnessProbe.shipped()
    spoken = [corpus for corpus in SPEECH if corpus != BURSTS]
    speech = gather({corpus: folder / corpus if folder else None for corpus in spoken}, copies=("clean", "alone"))
    chosen = np.concatenate([random.permutation(np.flatnonzero(speech.of(corpus)))[:A_CORPUS] for corpus in spoken])
    values, groups = [copy[chosen] for copy in speech.copies], [*2 * [speech.speakers[index] for index in chosen]]
    kinds = ["speech"] * len(groups)
    for sample in tqdm(read(BURSTS, folder / BURSTS if folder else default_folder(BURSTS)), desc=BURSTS, leave=False):
        if sample.media is None:
            continue
        clean = sound_of(sample.media)
        for sound in (clean, distort(clean, random, speed=True)):
            values.append(probe.pool(encoded(sound, LAYERS, str(sample.media)).values)[None])
            groups.append(f"{BURSTS} {sample.speaker}")
            kinds.append("bursts")
    return Windows(
        values=np.concatenate(values),
        vocal=np.ones(len(groups), dtype=bool),
        groups=tuple(groups),
        kinds=tuple(kinds),
    )


def others(folder: Path) -> Windows:
    """Windows of sounds without a voice; a source is a folder.

    Raises:
        DataError: there are fewer than two sources.
    """
    random, probe = np.random.default_rng(0), LoudnessProbe.shipped()
    sources = [source for source in sorted(folder.iterdir()) if source.is_dir() and _files(source)]
    if len(sources) < 2:
        raise DataError(f'"{folder}" should hold a folder a source of sounds; found {len(sources)}', hint="two or more")
    values, groups = [], []
    for source in sources:
        files = _files(source)
        if len(files) > A_SOURCE:
            files = [files[index] for index in sorted(random.choice(len(files), A_SOURCE, replace=False))]
        for path in tqdm(files, desc=source.name, leave=False):
            for window in _windows(path, random):
                for sound in (window, distort(window, random, speed=True)):
                    values.append(probe.pool(encoded(sound, LAYERS, str(path)).values))
                    groups.append(source.name)
    for number in range(MADE):
        values.append(probe.pool(encoded(synthetic(number, random), LAYERS, "made").values))
        groups.append("made")
    return Windows(
        values=np.stack(values),
        vocal=np.zeros(len(values), dtype=bool),
        groups=tuple(groups),
        kinds=("others",) * len(values),
    )


def synthetic(number: int, random: np.random.Generator) -> Float32[np.ndarray, "time"]:
    """White, pink or brown noise, a tone, a sweep or clicks, from near silence to loud."""
    size = int(random.uniform(*WINDOW) * SAMPLE_RATE)
    time, white = np.arange(size) / SAMPLE_RATE, random.standard_normal(size)
    kind = number % 6
    if kind in (1, 2):  # 3 and 6 dB an octave
        spectrum = np.fft.rfft(white) / np.maximum(1, np.arange(size // 2 + 1)) ** (kind / 2)
        sound = np.fft.irfft(spectrum, size)
    elif kind in (3, 4):
        slope = random.uniform(-200, 400) if kind == 4 else 0.0
        sound = np.sin(2 * np.pi * (random.uniform(80, 2000) * time + slope * time**2))
    else:
        sound = white if kind == 0 else white * (random.random(size) < 1e-3)
    level = 10 ** (random.uniform(-70, -3) / 20) / max(1e-9, float(np.abs(sound).max()))
    return (sound * level).astype(np.float32)


def _files(source: Path) -> list[Path]:
    return sorted(path for path in source.rglob("*") if path.suffix.lower() in SOUNDS and path.is_file())


def _windows(path: Path, random: np.random.Generator) -> Iterator[Float32[np.ndarray, "time"]]:
    try:
        with soundfile.SoundFile(path) as file:
            sample_rate = file.samplerate
            sound = file.read(int(LONGEST * sample_rate), dtype="float32", always_2d=True).mean(axis=1)
    except soundfile.LibsndfileError:
        return  # a format that libsndfile does not read
    sound = soxr.resample(sound, sample_rate, SAMPLE_RATE)
    for _ in range(min(A_FILE, 1 + len(sound) // (5 * SAMPLE_RATE))):
        size = int(random.uniform(*WINDOW) * SAMPLE_RATE)
        begin = int(random.integers(0, max(1, len(sound) - size)))
        window = sound[begin : begin + size]
        if len(window) < SAMPLE_RATE // 2 or (peak := float(np.abs(window).max())) < 1e-3:
            continue
        yield (window / peak * 10 ** (random.uniform(*PEAKS) / 20)).astype(np.float32)


def fit(windows: Windows) -> VocalProbe:
    """A logistic regression over the statistics; speech, bursts and everything else weigh the same."""
    scaler = StandardScaler().fit(windows.values)
    kinds = np.array(windows.kinds)
    weights = np.select([kinds == kind for kind in ("speech", "bursts")],
                        [0.5 / max(1, (kinds == kind).sum()) for kind in ("speech", "bursts")],
                        1.0 / max(1, (kinds == "others").sum()))  # fmt: skip
    model = LogisticRegression(C=STRENGTH, max_iter=500)
    model.fit(scaler.transform(windows.values), windows.vocal, sample_weight=weights * len(kinds))
    weight = model.coef_[0] / scaler.scale_
    return VocalProbe(weight=weight.astype(np.float32), bias=float(model.intercept_[0] - scaler.mean_ @ weight))


def left_out(windows: Windows) -> Float64[np.ndarray, "window"]:
    """The probability of a voice in each window, by probes that knew neither its speaker nor its source."""
    probabilities = np.empty(len(windows.vocal))
    for learnt, asked in GroupKFold(FOLDS).split(windows.values, windows.vocal, windows.groups):
        probe = fit(_part(windows, learnt))
        probabilities[asked] = probe(windows.values[asked])
    return probabilities


def _part(windows: Windows, rows: Sequence[int] | np.ndarray) -> Windows:
    return Windows(
        values=windows.values[rows],
        vocal=windows.vocal[rows],
        groups=tuple(windows.groups[row] for row in rows),
        kinds=tuple(windows.kinds[row] for row in rows),
    )


def report(windows: Windows, level: float = 0.5) -> dict[str, float]:
    """The share of windows that are taken for a voice, of each kind, and the same in the worst source."""
    taken, kinds, groups = left_out(windows) >= level, np.array(windows.kinds), np.array(windows.groups)
    shares = {kind: float(taken[kinds == kind].mean()) for kind in ("speech", "bursts", "others")}
    sources = {name: float(taken[groups == name].mean()) for name in sorted(set(groups[kinds == "others"]))}
    return {
        **shares,
        "worst source": max(sources.values()),
        **{f"source {name}": share for name, share in sources.items()},
    }


def main(command: Sequence[str] | None = None) -> None:
    """Fits, prints the report as JSON and writes the probe."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("sounds", type=Path, help="a folder a source of sounds without voices")
    parser.add_argument("--data", type=Path, help="folder of the corpora; else $AFFEKT_SHARED/data")
    parser.add_argument("-o", "--out", type=Path, required=True)
    asked = parser.parse_args(command)
    windows = voices(asked.data) + others(asked.sounds)
    counts = {kind: windows.kinds.count(kind) for kind in ("speech", "bursts", "others")}
    print(json.dumps({"windows": counts, "taken for a voice": report(windows)}, indent=2))
    probe = fit(windows)
    save_file({"weight": probe.weight, "bias": np.array([probe.bias], np.float32)}, asked.out)


if __name__ == "__main__":
    main()

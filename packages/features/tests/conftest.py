"""Clips that decode in no time, and everything that can be compared about a store."""

import wave
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from affekt import Use
from affekt_datasets import Sample
from affekt_features.job import Job

NAMES = np.array(["angry", "disgust", "fear", "happy", "neutral", "sad", "surprise"])


@pytest.fixture
def faces(tmp_path: Path) -> Callable[[int], list[Sample]]:
    """So many different pictures, as rows of an array file."""

    def make(count: int) -> list[Sample]:
        path = tmp_path / f"faces-{count}.npz"
        images = np.random.default_rng(0).integers(0, 256, (count, 12, 12), dtype=np.uint8)
        np.savez(path, images=images, labels=np.zeros(count, np.uint8), names=NAMES)
        return [Sample(id=f"face-{row:04d}", media=path, row=row) for row in range(count)]

    return make


@pytest.fixture
def voices(tmp_path: Path) -> Callable[[int], list[Sample]]:
    """So many different tones, as WAV files."""

    def make(count: int) -> list[Sample]:
        samples = []
        for number in range(count):
            path = tmp_path / "voices" / f"{number}.wav"
            path.parent.mkdir(exist_ok=True)
            tone = 8000 * np.sin(2 * np.pi * (150 + 20 * number) * np.arange(8000) / 16_000)
            with wave.open(str(path), "wb") as file:
                file.setparams((1, 2, 16_000, 0, "NONE", "NONE"))
                file.writeframes(tone.astype(np.int16).tobytes())
            samples.append(Sample(id=f"voice-{number}", media=path))
        return samples

    return make


@pytest.fixture
def job(tmp_path: Path) -> Callable[..., Job]:
    """An extraction with these encoders into this store."""

    def make(*encoders: str, store: str = "store", **more: object) -> Job:
        uses = {name: Use(use=name) for name in encoders}
        return Job(store=str(tmp_path / store), encoders=uses, **more)  # type: ignore[arg-type]

    return make


def files(store: str | Path) -> dict[str, bytes]:
    """Every file of a store with its bytes, those of unfinished work included."""
    root = Path(store)
    return {p.relative_to(root).as_posix(): p.read_bytes() for p in sorted(root.rglob("*")) if p.is_file()}


@pytest.fixture(name="files")
def _files() -> Callable[[str | Path], dict[str, bytes]]:
    return files

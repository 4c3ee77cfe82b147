"""A small corpus of tones in RAVDESS's layout, louder where a rule is to find excitement."""

import wave

import numpy as np
import pytest

PIPELINE = "name: loud\nencoders: {speech: loudness}\nreasoner: loud-is-excited\n"
CODES = {"01": 0.02, "03": 0.5, "04": 0.03, "05": 0.8}


def write_tone(path, level, seconds=0.6, pitch=0.1):
    path.parent.mkdir(parents=True, exist_ok=True)
    samples = (level * 32_000 * np.sin(np.arange(int(16_000 * seconds)) * pitch)).astype("<i2")
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(16_000)
        file.writeframes(samples.tobytes())


@pytest.fixture(scope="session")
def corpus(tmp_path_factory):
    folder = tmp_path_factory.mktemp("ravdess")
    for actor in range(1, 4):
        for code, level in CODES.items():
            name = f"03-01-{code}-01-01-01-{actor:02d}.wav"
            write_tone(folder / f"Actor_{actor:02d}" / name, level * (0.6 + 0.1 * actor), pitch=0.05 + 0.02 * actor)
    return folder


@pytest.fixture(scope="session")
def pipeline(tmp_path_factory):
    path = tmp_path_factory.mktemp("pipeline") / "loud.yaml"
    path.write_text(PIPELINE)
    return path

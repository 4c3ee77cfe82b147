"""Two people of RAVDESS in turn, each calm and strong; the networks loaded once."""

import os
from pathlib import Path

import numpy as np
import pytest
import soundfile
from affekt_speakers.networks import Networks, load

ROOT = Path(__file__).resolve().parents[3]
LINES = [("11", "02-01"), ("12", "02-01"), ("11", "05-02"), ("12", "05-02"), ("11", "03-01"), ("12", "02-02")]
"""(actor, emotion and intensity) of each turn."""


@pytest.fixture(scope="session")
def networks() -> Networks:
    return load("speaker-networks")


@pytest.fixture(scope="session")
def shared() -> Path:
    folder = Path(os.environ.get("AFFEKT_SHARED", ROOT.parent / "shared"))
    if not (folder / "data" / "ravdess").is_dir():
        pytest.skip("needs the research data: AFFEKT_SHARED names no folder with data/ravdess")
    return folder


@pytest.fixture(scope="session")
def dialogue(shared: Path) -> tuple[np.ndarray, list[tuple[float, float, str]]]:
    """Sound at 16 kHz, and (start, end, actor) of each turn, roughly."""
    pieces, turns, at = [], [], 0.0
    for actor, acted in LINES:
        sound, rate = soundfile.read(
            shared / f"data/ravdess/Actor_{actor}/03-01-{acted}-01-01-{actor}.flac", dtype="float32"
        )
        loud = np.flatnonzero(np.abs(sound) > 0.05 * np.abs(sound).max())
        sound = sound[loud[0] : loud[-1]]
        sound = 0.3 * sound / np.abs(sound).max()
        pieces += [sound, np.zeros(rate // 3, np.float32)]
        turns.append((at, at + len(sound) / rate, actor))
        at += len(sound) / rate + 1 / 3
    return np.concatenate(pieces).astype(np.float32), turns

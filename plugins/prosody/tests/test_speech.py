"""When somebody speaks: in speech of any level, and not in music, noise or silence that has a pitch and a loudness."""

import os
from pathlib import Path

import affekt_media
import numpy as np
import pytest
from affekt import AudioSignal, Clip
from affekt_prosody.encoder import ProsodyEncoder

RATE = 16_000
SAMPLES = Path(os.environ.get("AFFEKT_SHARED", Path(__file__).resolve().parents[4] / "shared")) / "samples"
MELODY = (0, 4, 7, 12, 7, 9, 5, 0, 2, 4)
"""Semitones above the first note."""


def column(samples: np.ndarray, name: str) -> np.ndarray:
    sound = AudioSignal(samples=samples.astype(np.float32), sample_rate=RATE)
    (features,) = ProsodyEncoder().encode([Clip(id="a", audio=sound)])
    return features.column(name) > 0.5  # type: ignore[union-attr]


def note(hertz: float, overtones: int, attack: float, decay: float, vibrato: float) -> np.ndarray:
    """Four tenths of a second of an instrument."""
    time = np.arange(int(0.4 * RATE)) / RATE
    phase = 2 * np.pi * hertz * (time + vibrato * np.sin(2 * np.pi * 5.5 * time) / (2 * np.pi * 5.5))
    tone = sum(np.sin(n * phase) / n for n in range(1, overtones + 1) if n * hertz < RATE / 2)
    return tone * np.minimum(1, time / attack) * np.exp(-time * decay)


def melody(first: float, chords: bool, **instrument: float) -> np.ndarray:
    notes = []
    for step in MELODY:
        heights = (step, step + 4, step + 7) if chords else (step,)
        notes.append(sum(note(first * 2 ** (height / 12), **instrument) for height in heights))  # type: ignore[arg-type]
    sound = np.concatenate(notes)
    return 0.3 * sound / np.abs(sound).max()


INSTRUMENTS = {
    "organ": {"overtones": 6, "attack": 0.02, "decay": 0.0, "vibrato": 0.0},
    "piano": {"overtones": 10, "attack": 0.005, "decay": 5.0, "vibrato": 0.0},
    "violin": {"overtones": 20, "attack": 0.06, "decay": 0.0, "vibrato": 0.01},
    "flute": {"overtones": 2, "attack": 0.05, "decay": 1.0, "vibrato": 0.01},
    "harpsichord": {"overtones": 30, "attack": 0.002, "decay": 8.0, "vibrato": 0.0},
}


@pytest.mark.parametrize("instrument", INSTRUMENTS)
@pytest.mark.parametrize("chords", [False, True])
@pytest.mark.parametrize("first", [110.0, 261.6])
def test_a_melody_has_a_pitch_and_is_no_speech(instrument: str, chords: bool, first: float) -> None:
    sound = melody(first, chords, **INSTRUMENTS[instrument])
    assert column(sound, "voicing").mean() > 0.3
    assert not column(sound, "speech").any()


@pytest.mark.parametrize("gain", [1.0, 0.03, 0.002])
def test_speech_is_found_at_any_level(gain: float) -> None:
    clip = affekt_media.load(sample("white_house_statement_2015.mp4"))
    speech = column(clip.audio.samples * gain, "speech")  # type: ignore[union-attr]
    assert 0.6 < speech.mean() < 0.95
    assert not speech[:30].any(), "he has not begun to speak"


def test_speech_is_found_between_music_and_nowhere_else() -> None:
    spoken = affekt_media.load(sample("white_house_statement_2015.mp4")).audio.samples  # type: ignore[union-attr]
    music = melody(220.0, True, **INSTRUMENTS["piano"])
    speech = column(np.concatenate([music, spoken, music]), "speech")
    edge = round(len(music) / RATE / 0.01)
    assert not speech[:edge].any()
    assert speech[edge:-edge].mean() > 0.6
    assert not speech[50 - edge :].any()


def test_the_music_behind_a_silent_man_is_no_speech() -> None:
    clip = affekt_media.load(sample("failing/face_noface.mov"))
    samples = clip.audio.samples  # type: ignore[union-attr]
    assert column(samples, "voicing").mean() > 0.3
    assert not column(samples, "speech").any()


@pytest.mark.parametrize("seed", range(3))
def test_noise_is_no_speech_however_it_swells(seed: int) -> None:
    noise = np.random.default_rng(seed).standard_normal(4 * RATE)
    swell = 0.5 + 0.5 * np.sin(2 * np.pi * (seed + 1) * np.arange(len(noise)) / RATE)
    assert not column(0.1 * noise * swell, "speech").any()


def sample(name: str) -> Path:
    path = SAMPLES / name
    if not path.is_file():
        pytest.skip(f"needs {path}: set AFFEKT_SHARED to the folder that holds samples/")
    return path

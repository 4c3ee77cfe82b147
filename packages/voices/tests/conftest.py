"""Speech-like sound made on the spot: voiced syllables with pauses, a falling pitch and a few formants."""

import numpy as np
import pytest
from affekt import AudioSignal, WeightsError
from affekt_voices.weights import PERTH
from affekt_weights import fetch


@pytest.fixture(scope="session", autouse=True)
def weights() -> None:
    try:
        fetch(PERTH)
    except WeightsError as error:
        pytest.skip(f"needs the weights of Perth: {error}")


def syllables(seconds: float, rate: int = 24_000, seed: int = 0) -> AudioSignal:
    """Not speech, but with its bands, dynamics and pauses."""
    time = np.arange(round(seconds * rate)) / rate
    pitch = 180 - 40 * (time % 1.2) + 6 * np.sin(2 * np.pi * 4 * time)
    phase = 2 * np.pi * np.cumsum(pitch) / rate
    vowels = 700 + 500 * np.sin(2 * np.pi * 1.7 * time)
    sound = sum(
        np.sin(k * phase) * (1 / k) * (0.2 + np.exp(-(((k * pitch - vowels) / 250) ** 2)))
        for k in range(1, 20)
        if k * 190 < rate / 2
    )
    sound = sound * np.clip(np.sin(2 * np.pi * 3.1 * time), 0, 1) ** 0.5
    sound = sound + 0.002 * np.random.default_rng(seed).standard_normal(len(time))
    return AudioSignal(samples=(0.3 * sound / np.abs(sound).max()).astype(np.float32), sample_rate=rate)


@pytest.fixture(scope="session")
def speech() -> AudioSignal:
    return syllables(2.0)


@pytest.fixture(scope="session")
def marked(speech: AudioSignal) -> AudioSignal:
    from affekt_voices import mark

    return mark(speech)

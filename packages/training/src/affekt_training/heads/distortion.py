"""Makes copies of recordings as other voices, rooms, microphones and codecs would have left them, for training."""

import io

import numpy as np
import soundfile  # type: ignore[import-untyped]
import soxr  # type: ignore[import-untyped]
from jaxtyping import Float32, Float64

SAMPLE_RATE = 16_000
Samples = Float64[np.ndarray, "time"]


def distort(
    samples: Float32[np.ndarray, "time"], random: np.random.Generator, speed: bool
) -> Float32[np.ndarray, "time"]:
    """One copy: speed, colour, echo, noise, level and MP3, each by chance.

    Args:
        samples: at 16 kHz.
        speed: also play it up to 12 % faster or slower, which moves pitch and formants like another speaker's.
    """
    sound = samples.astype(np.float64)
    if speed:
        sound = soxr.resample(sound, SAMPLE_RATE, SAMPLE_RATE * random.uniform(0.88, 1.12))
    if random.random() < 0.4:
        sound = _coloured(sound, random)
    if random.random() < 0.3:
        sound = _echoing(sound, random)
    if random.random() < 0.5:
        sound = _noisy(sound, random)
    if random.random() < 0.7:
        sound = sound * 10 ** (random.uniform(-12, 8) / 20)
    sound = np.clip(sound, -1, 1)
    if random.random() < 0.15:
        sound = _through_mp3(sound)
    return sound.astype(np.float32)


def _coloured(sound: Samples, random: np.random.Generator) -> Samples:
    """A telephone's or a cheap microphone's frequency response."""
    spectrum = np.fft.rfft(sound)
    frequency = np.maximum(np.fft.rfftfreq(len(sound), 1 / SAMPLE_RATE), 1.0)
    match random.integers(3):
        case 0:
            response = 1 / (1 + (frequency / random.uniform(2500, 7000)) ** 8)
        case 1:
            response = 1 / (1 + (random.uniform(80, 350) / frequency) ** 6)
        case _:
            octaves = np.log2(np.maximum(frequency, 50.0) / 1000)
            response = 10 ** (random.uniform(-3, 3) * octaves / 20)
    return np.fft.irfft(spectrum * response, len(sound))


def _echoing(sound: Samples, random: np.random.Generator) -> Samples:
    """A room: noise that dies away by 60 dB in 0.1 to 0.5 s."""
    seconds = random.uniform(0.1, 0.5)
    length = int(seconds * SAMPLE_RATE)
    tail = random.standard_normal(length) * np.exp(-6.9 * np.arange(length) / length)
    tail[0] = 0.0
    tail *= random.uniform(0.1, 0.5) / np.linalg.norm(tail)
    tail[0] = 1.0
    size = len(sound) + length
    return np.fft.irfft(np.fft.rfft(sound, size) * np.fft.rfft(tail, size), size)[: len(sound)]


def _noisy(sound: Samples, random: np.random.Generator) -> Samples:
    """White to brown noise, 8 to 35 dB below the sound."""
    spectrum = np.fft.rfft(random.standard_normal(len(sound)))
    noise = np.fft.irfft(spectrum / (np.arange(len(spectrum)) + 1.0) ** random.choice([0.0, 0.5, 1.0]), len(sound))
    level = np.sqrt(np.mean(sound**2)) * 10 ** (-random.uniform(8, 35) / 20)
    noisy: Samples = sound + noise * level / np.sqrt(np.mean(noise**2))
    return noisy


def _through_mp3(sound: Samples) -> Samples:
    packed = io.BytesIO()
    soundfile.write(packed, sound, SAMPLE_RATE, format="MP3", subtype="MPEG_LAYER_III")
    packed.seek(0)
    samples: Samples = soundfile.read(packed)[0]
    return samples

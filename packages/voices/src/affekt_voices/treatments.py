"""What happens to sound files on their way: coded again, resampled, cut, made louder or quieter."""

import os
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import soundfile  # type: ignore[import-untyped]
import soxr  # type: ignore[import-untyped]
from affekt import AudioSignal

from affekt_voices.errors import SpeechFileError

Change = Callable[[AudioSignal], AudioSignal]
SUFFIXES = (".flac", ".mp3", ".ogg", ".wav")
"""The suffixes of recordings that libsndfile reads."""


def resampled(rate: int) -> Change:
    """Converts to another sample rate and back."""

    def change(audio: AudioSignal) -> AudioSignal:
        there = soxr.resample(audio.samples, audio.sample_rate, rate)
        back = soxr.resample(there, rate, audio.sample_rate).astype(np.float32)
        return replace(audio, samples=back)

    return change


def noisy(decibels: float) -> Change:
    """Adds white noise so many decibels below the speech."""

    def change(audio: AudioSignal) -> AudioSignal:
        noise = np.random.default_rng(1).standard_normal(len(audio.samples)) * 10 ** (-decibels / 20)
        samples = audio.samples + noise * np.sqrt(np.mean(audio.samples**2))
        return replace(audio, samples=samples.astype(np.float32))

    return change


def louder(decibels: float) -> Change:
    """Amplified, and clipped where it no longer fits."""

    def change(audio: AudioSignal) -> AudioSignal:
        return replace(audio, samples=np.clip(audio.samples * 10 ** (decibels / 20), -1, 1).astype(np.float32))

    return change


def part(begin: float, end: float) -> Change:
    """A piece, given in shares of the whole."""

    def change(audio: AudioSignal) -> AudioSignal:
        first, last = (round(share * len(audio.samples)) for share in (begin, end))
        return replace(audio, samples=audio.samples[first:last])

    return change


def same(audio: AudioSignal) -> AudioSignal:
    """Encoded again and otherwise left alone."""
    return audio


TREATMENTS: dict[str, tuple[str, Change]] = {
    "WAV": (".wav", same),
    "FLAC": (".flac", same),
    "MP3": (".mp3", same),
    "Ogg Vorbis": (".ogg", same),
    "16 kHz and back": (".wav", resampled(16_000)),
    "8 kHz and back": (".wav", resampled(8_000)),
    "first half": (".wav", part(0, 0.5)),
    "middle half": (".wav", part(0.25, 0.75)),
    "12 dB quieter": (".wav", louder(-12)),
    "12 dB louder, clipped": (".wav", louder(12)),
    "noise at 30 dB": (".wav", noisy(30)),
    "noise at 20 dB": (".wav", noisy(20)),
}
"""Name → suffix of the file that somebody makes of another, and what they do to the sound."""


def treated(audio: AudioSignal, name: str, folder: Path) -> Path:
    """The file that a treatment makes."""
    suffix, change = TREATMENTS[name]
    path = folder / f"treated{suffix}"
    changed = change(audio)
    soundfile.write(path, changed.samples, changed.sample_rate)
    return path


def read(path: str | os.PathLike[str]) -> AudioSignal:
    """A recording, mono.

    Raises:
        SpeechFileError: libsndfile cannot read it.
    """
    try:
        samples, rate = soundfile.read(path, dtype="float32", always_2d=True)
    except (OSError, soundfile.SoundFileError) as error:
        raise SpeechFileError(f'"{path}" cannot be read: {error}', hint=f"one of {', '.join(SUFFIXES)}") from error
    return AudioSignal(samples=samples.mean(axis=1), sample_rate=rate)

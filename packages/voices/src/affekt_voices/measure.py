"""Marks speech, damages it, listens for the mark, and prints the table: `python -m affekt_voices.measure FILE…`.

Takes recordings that libsndfile reads. The columns are scores, about 1 where the mark is heard and 0 where not; from
`watermark.THRESHOLD` on it counts as found. The same damage is done to the unmarked recording, to see false alarms.
"""

import argparse
import io
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import soundfile
import soxr
from affekt import AudioSignal

from affekt_voices.watermark import THRESHOLD, detect, mark

Damage = Callable[[AudioSignal], AudioSignal]


def coded(container: str, encoding: str) -> Damage:
    """Encoded and decoded again."""

    def damage(audio: AudioSignal) -> AudioSignal:
        file = io.BytesIO()
        soundfile.write(file, audio.samples, audio.sample_rate, format=container, subtype=encoding)
        file.seek(0)
        samples, rate = soundfile.read(file, dtype="float32")
        return AudioSignal(samples=samples, sample_rate=rate)

    return damage


def resampled(rate: int) -> Damage:
    """At another sample rate."""

    def damage(audio: AudioSignal) -> AudioSignal:
        samples = soxr.resample(audio.samples, audio.sample_rate, rate).astype(np.float32)
        return AudioSignal(samples=samples, sample_rate=rate)

    return damage


def noisy(decibels: float) -> Damage:
    """With white noise so many decibels below the speech."""

    def damage(audio: AudioSignal) -> AudioSignal:
        noise = np.random.default_rng(1).standard_normal(len(audio.samples)) * 10 ** (-decibels / 20)
        samples = audio.samples + noise * np.sqrt(np.mean(audio.samples**2))
        return AudioSignal(samples=samples.astype(np.float32), sample_rate=audio.sample_rate)

    return damage


def louder(decibels: float) -> Damage:
    """Amplified, and clipped where it no longer fits."""

    def damage(audio: AudioSignal) -> AudioSignal:
        samples = np.clip(audio.samples * 10 ** (decibels / 20), -1, 1).astype(np.float32)
        return AudioSignal(samples=samples, sample_rate=audio.sample_rate)

    return damage


def middle(seconds: float) -> Damage:
    """A piece cut out of the middle."""

    def damage(audio: AudioSignal) -> AudioSignal:
        length = min(len(audio.samples), round(seconds * audio.sample_rate))
        start = (len(audio.samples) - length) // 2
        return AudioSignal(samples=audio.samples[start : start + length], sample_rate=audio.sample_rate)

    return damage


DAMAGES: dict[str, Damage] = {
    "none": lambda audio: audio,
    "16 bit": coded("WAV", "PCM_16"),
    "mp3": coded("MP3", "MPEG_LAYER_III"),
    "ogg": coded("OGG", "VORBIS"),
    "16 kHz": resampled(16_000),
    "8 kHz": resampled(8_000),
    "noise 30": noisy(30),
    "noise 20": noisy(20),
    "+12 dB": louder(12),
    "1 s": middle(1),
}
"""Name → what is done between marking and listening."""


def scores(audio: AudioSignal) -> Iterator[tuple[str, float, float]]:
    """Damage, score of the marked and of the unmarked recording."""
    marked = mark(audio)
    for name, damage in DAMAGES.items():
        yield name, detect(damage(marked)).score, detect(damage(audio)).score


def main() -> int:
    """The command; 1 when a mark is lost, or heard where there is none."""
    parser = argparse.ArgumentParser(prog="python -m affekt_voices.measure", description=__doc__)
    parser.add_argument("files", nargs="+", type=Path)
    wrong = False
    print(f"{'file':20} {'':8} " + " ".join(f"{name:>8}" for name in DAMAGES))
    for path in parser.parse_args().files:
        samples, rate = soundfile.read(path, dtype="float32", always_2d=True)
        rows = list(scores(AudioSignal(samples=samples.mean(axis=1), sample_rate=rate)))
        for label, column in (("marked", 1), ("unmarked", 2)):
            print(f"{path.stem[:20]:20} {label:8} " + " ".join(f"{row[column]:8.2f}" for row in rows), flush=True)
        wrong |= any(with_mark < THRESHOLD or without >= THRESHOLD for _, with_mark, without in rows)
    return int(wrong)


if __name__ == "__main__":
    sys.exit(main())

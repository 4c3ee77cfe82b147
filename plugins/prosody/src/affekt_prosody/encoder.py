"""The encoder: one clip's sound in, named columns out."""

from collections.abc import Sequence
from typing import ClassVar

import numpy as np
import soxr
from affekt import AudioSignal, Clip, Component, Features, Missing, Modality

from affekt_prosody import tracks

NAMES = ("pitch", "voicing", "loudness", "harmonicity", "tilt", "rate", "pause")
QUIET = -60.0
"""Decibels re full scale: a sound whose loudest 25 ms stay below it is silence."""


class ProsodyEncoder(Component):
    """Seven columns, a row every 10 ms.

    | column | unit |
    |---|---|
    | `pitch` | semitones above 27.5 Hz; drawn straight through where nothing is voiced |
    | `voicing` | 1 where the voice has a pitch, else 0 |
    | `loudness` | dB re full scale |
    | `harmonicity` | dB, harmonics to noise: low is breathy or rough |
    | `tilt` | dB, energy below over above 1 kHz: low is pressed or bright |
    | `rate` | syllables a second, over 2 s |
    | `pause` | 1 inside a pause of 0.25 s or more, else 0 |
    """

    modality: ClassVar[Modality] = "audio"
    sample_rate: ClassVar[int] = tracks.SAMPLE_RATE
    stride: ClassVar[int] = tracks.HOP

    def encode(self, clips: Sequence[Clip]) -> list[Features | Missing]:
        return [
            self._one(clip.audio) if clip.audio else Missing(reason=clip.why_missing("audio"))
            for clip in clips
        ]  # fmt: skip

    def _one(self, audio: AudioSignal) -> Features | Missing:
        samples = audio.samples
        if audio.sample_rate != self.sample_rate:
            samples = soxr.resample(samples, audio.sample_rate, self.sample_rate).astype(np.float32)
        rows = len(samples) // self.stride
        if len(samples) < tracks.FRAME:
            return Missing(reason=f"the sound lasts {audio.duration:.3f} s, too short for a pitch")
        level = tracks.loudness(samples, rows)
        if level.max() < QUIET:
            return Missing(reason=f"the sound is silent: nothing above {QUIET:.0f} dB")
        semitones, voiced = tracks.pitch(samples, rows)
        voiced = voiced & (level > level.max() - 45)
        if not voiced.any():
            return Missing(reason=f"no voice in {audio.duration:.1f} s: no pitch from {tracks.LOWEST:.0f} Hz upwards")
        columns = (
            semitones,
            voiced.astype(np.float32),
            level,
            tracks.harmonicity(samples, semitones),
            tracks.tilt(samples, rows),
            tracks.rate(level, voiced),
            tracks.pauses(level, voiced),
        )
        return Features(values=np.stack(columns, axis=1), hop=self.stride / self.sample_rate, names=NAMES)

"""What can be measured on speech: pitch, its range, time and level. Needs librosa: `affekt-kokoro[measure]`."""

from dataclasses import dataclass

import librosa
import numpy as np
from affekt import AudioSignal

from affekt_kokoro.level import speech_level, trimmed

LOWEST, HIGHEST = 35.0, 700.0
"""Hertz, between which pitch is looked for. A man's voice that is lowered ends sentences below 50 Hz."""
_RATE = 16_000


@dataclass(frozen=True, kw_only=True)
class Voice:
    """How a sentence sounds."""

    pitch: float
    """Mean over voiced frames, in semitones above 55 Hz."""
    span: float
    """From the 10th to the 90th percentile of the pitch, in semitones."""
    seconds: float
    """From the first sound to the last."""
    level: float
    """RMS while there is speech, in decibels of full scale."""


def heard(audio: AudioSignal) -> Voice:
    """Measures one recording. Pitch by pYIN (Mauch & Dixon, 2014), which knows nothing of what was asked for."""
    samples = librosa.resample(audio.samples, orig_sr=audio.sample_rate, target_sr=_RATE)
    hertz, voiced, _ = librosa.pyin(samples, fmin=LOWEST, fmax=HIGHEST, sr=_RATE, frame_length=2048, hop_length=160)
    semitones = 12 * np.log2(hertz[voiced] / 55)
    low, high = np.percentile(semitones, [10, 90])
    return Voice(
        pitch=float(semitones.mean()),
        span=float(high - low),
        seconds=len(trimmed(audio.samples, audio.sample_rate, 0, 0)) / audio.sample_rate,
        level=speech_level(audio.samples, audio.sample_rate),
    )

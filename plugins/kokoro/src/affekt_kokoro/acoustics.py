"""What can be measured on speech: pitch, its range, time and level. Needs librosa: `affekt-kokoro[measure]`."""

from dataclasses import dataclass

import librosa
import numpy as np
from affekt import AudioSignal

from affekt_kokoro.level import speech_level, trimmed

LOWEST, HIGHEST = 50.0, 700.0
"""Hertz, between which pitch is looked for."""
SPEECH = 25.0
"""Decibels below the loudest frame at which pitch is no longer counted: in fading sounds a tracker hears hum."""
_RATE, _FRAME, _HOP = 16_000, 1024, 160


@dataclass(frozen=True, kw_only=True)
class Voice:
    """How a sentence sounds."""

    pitch: float
    """Median over voiced frames, in semitones above 55 Hz."""
    span: float
    """From the 20th to the 80th percentile of the pitch, in semitones: the range of eGeMAPS (Eyben et al., 2016)."""
    seconds: float
    """From the first sound to the last."""
    level: float
    """RMS while there is speech, in decibels of full scale."""


def heard(audio: AudioSignal) -> Voice:
    """Measures one recording. Pitch by pYIN (Mauch & Dixon, 2014), which knows nothing of what was asked for."""
    samples = librosa.resample(audio.samples, orig_sr=audio.sample_rate, target_sr=_RATE)
    hertz, voiced, _ = librosa.pyin(samples, fmin=LOWEST, fmax=HIGHEST, sr=_RATE, frame_length=_FRAME, hop_length=_HOP)
    power = librosa.feature.rms(y=samples, frame_length=_FRAME, hop_length=_HOP)[0]
    counted = voiced & (power > power.max() * 10 ** (-SPEECH / 20))
    semitones = 12 * np.log2(hertz[counted] / 55)
    low, middle, high = np.percentile(semitones, [20, 50, 80])
    return Voice(
        pitch=float(middle),
        span=float(high - low),
        seconds=len(trimmed(audio.samples, audio.sample_rate, 0, 0)) / audio.sample_rate,
        level=speech_level(audio.samples, audio.sample_rate),
    )

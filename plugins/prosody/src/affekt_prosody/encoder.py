"""The encoder `prosody`: how something is said, in columns that mean something."""

from collections.abc import Sequence
from functools import cached_property
from typing import ClassVar, Self

import numpy as np
import soxr  # type: ignore[import-untyped]
from affekt import Clip, Component, Features, Missing, Modality
from affekt_weights import fetch
from jaxtyping import Float64
from pydantic import Field, model_validator
from scipy.fft import rfftfreq  # type: ignore[import-untyped]

from affekt_prosody import rhythm, spectrum
from affekt_prosody.pitch import Pitch, track
from affekt_prosody.speech import MODEL, SpeechDetector

SAMPLE_RATE = 16_000
HOP = 0.01
"""The seconds of a row."""
FFT = 1024
REFERENCE = 27.5
"""Hertz of 0 semitones: the lowest A of a piano."""
SILENT = 1e-4
"""Peak amplitude, −80 dB re full scale."""
COLUMNS = (
    "pitch",
    "voicing",
    "loudness",
    "effort",
    "centroid",
    "harmonicity",
    "cepstral_peak",
    "rate",
    "pause",
    "speech",
)


class ProsodyEncoder(Component):
    """Ten columns, 10 ms a row; no row is NaN.

    * pitch: semitones above 27.5 Hz; between voiced rows interpolated, so look at voicing
    * voicing: above 0.5 where there is a voice with a pitch, 0 to 1
    * loudness: dB re full scale
    * effort: energy above over below 1 kHz, dB
    * centroid: of the spectrum, Hz
    * harmonicity: harmonics-to-noise ratio, dB; cepstral_peak: its prominence, dB
    * rate: syllables a second in the two seconds around
    * pause: 1 where the speaker pauses for a quarter of a second or more
    * speech: 1 where somebody speaks; music has a pitch as well
    """

    modality: ClassVar[Modality] = "audio"
    sample_rate: ClassVar[int] = SAMPLE_RATE

    lowest: float = Field(default=65.0, ge=40, le=200, description="Hertz of the lowest pitch looked for")
    highest: float = Field(default=600.0, ge=200, le=1200, description="Hertz of the highest pitch looked for")

    weights: str = Field(default="silero-vad", description=f"Weights by name, or a folder that holds {MODEL}")

    @model_validator(mode="after")
    def _wide_enough(self) -> Self:
        if self.highest < 2 * self.lowest:
            raise ValueError("highest should be at least an octave above lowest")
        return self

    @cached_property
    def _detector(self) -> SpeechDetector:
        return SpeechDetector(fetch(self.weights))

    def encode(self, clips: Sequence[Clip]) -> list[Features | Missing]:
        """Measures the voice of each clip, or says why it has none."""
        return [self._one(clip) for clip in clips]

    def _one(self, clip: Clip) -> Features | Missing:
        if clip.audio is None:
            return Missing(reason=clip.why_missing("audio"))
        if clip.audio.duration < 3 / self.lowest:
            return Missing(reason=f"the sound lasts only {clip.audio.duration:.3f} s")
        if np.abs(clip.audio.samples).max() < SILENT:
            return Missing(reason=f"the sound is silent throughout its {clip.audio.duration:.1f} s")
        samples = clip.audio.samples.astype(np.float64)
        if clip.audio.sample_rate != SAMPLE_RATE:
            samples = soxr.resample(samples, clip.audio.sample_rate, SAMPLE_RATE)
        return Features(values=self._columns(samples).astype(np.float32), hop=HOP, names=COLUMNS)

    def _columns(self, samples: Float64[np.ndarray, "time"]) -> Float64[np.ndarray, "row 10"]:
        pitch = track(_frames(samples, 3 / self.lowest), SAMPLE_RATE, self.lowest, self.highest)
        frames = _frames(samples, 0.04)
        loudness = spectrum.loudness(frames)
        power = spectrum.power_spectrum(frames, FFT)
        frequencies = rfftfreq(FFT, 1 / SAMPLE_RATE)
        peaks = rhythm.syllables(loudness, pitch.voiced, HOP)
        return np.stack(
            [
                _semitones(pitch),
                _voicing(pitch),
                loudness,
                spectrum.alpha_ratio(power, frequencies),
                spectrum.centroid(power, frequencies),
                spectrum.harmonicity(pitch.periodicity),
                spectrum.cepstral_peak(power, SAMPLE_RATE),
                rhythm.rate(peaks, len(frames), HOP),
                rhythm.pauses(loudness, pitch.voiced, HOP).astype(np.float64),
                self._detector.rows(samples, len(frames), HOP).astype(np.float64),
            ],
            axis=1,
        )


def _frames(samples: Float64[np.ndarray, "time"], seconds: float) -> Float64[np.ndarray, "frame sample"]:
    """Overlapping frames, centred on the middle of each row; the ends are padded with silence."""
    hop, size = round(HOP * SAMPLE_RATE), 2 * round(seconds * SAMPLE_RATE / 2)
    count = max(1, len(samples) // hop)
    padded = np.pad(samples, (size // 2, size))
    return np.lib.stride_tricks.sliding_window_view(padded, size)[hop // 2 :: hop][:count]


def _semitones(pitch: Pitch) -> Float64[np.ndarray, "row"]:
    """Interpolated where there is no voice; 0 throughout where there never is one, and voicing says so."""
    if not pitch.voiced.any():
        return np.zeros(len(pitch.hertz))
    rows = np.arange(len(pitch.hertz))
    semitones = 12 * np.log2(pitch.hertz[pitch.voiced] / REFERENCE)
    interpolated: Float64[np.ndarray, "row"] = np.interp(rows, rows[pitch.voiced], semitones)
    return interpolated


def _voicing(pitch: Pitch) -> Float64[np.ndarray, "row"]:
    """0.5 to 1 where the tracker decided for a voice, below 0.5 elsewhere."""
    return np.where(pitch.voiced, 0.51 + 0.49 * pitch.periodicity, 0.49 * pitch.periodicity)

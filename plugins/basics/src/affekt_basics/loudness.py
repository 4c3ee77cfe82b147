"""Loudness, the simplest encoder of a voice."""

from collections.abc import Sequence
from typing import ClassVar

import numpy as np
from affekt import AudioSignal, Clip, Component, Features, Missing, Modality
from pydantic import Field


class Loudness(Component):
    """Root-mean-square level in dB re full scale, one row a hop, column "loudness"."""

    modality: ClassVar[Modality] = "audio"

    hop: float = Field(default=0.1, gt=0, description="Seconds a row")

    def encode(self, clips: Sequence[Clip]) -> list[Features | Missing]:
        """Measures the loudness of each clip, or says why it has none."""
        return [
            self._one(clip.audio) if clip.audio else Missing(reason=clip.why_missing("audio"))
            for clip in clips
        ]  # fmt: skip

    def _one(self, audio: AudioSignal) -> Features | Missing:
        size = max(1, round(self.hop * audio.sample_rate))
        rows = audio.samples[: len(audio.samples) // size * size].reshape(-1, size)
        if not len(rows):
            return Missing(reason=f"the sound lasts {audio.duration:.3f} s, less than one row of {self.hop} s")
        level = 10 * np.log10(np.mean(np.square(rows, dtype=np.float64), axis=1, keepdims=True) + 1e-10)
        return Features(values=level.astype(np.float32), hop=size / audio.sample_rate, names=("loudness",))

"""Parameters of a voice that openSMILE measures."""

from collections.abc import Sequence
from functools import cached_property
from typing import ClassVar, Literal

import numpy as np
import opensmile  # type: ignore[import-untyped]
from affekt import AudioSignal, Clip, Component, Features, Missing, Modality
from pydantic import Field

SHORTEST = 0.1
"""Seconds. Pitch and formants take windows of 60 ms and some neighbours to be smoothed with."""
SILENT = 1e-4
"""Peak amplitude, −80 dB re full scale: below it is what an unplugged input records."""

LEVELS = {
    "functionals": opensmile.FeatureLevel.Functionals,
    "descriptors": opensmile.FeatureLevel.LowLevelDescriptors,
}


class OpenSmileEncoder(Component):
    """Named parameters of openSMILE's standard sets; by default eGeMAPS v02 (Eyben et al., 2016).

    Functionals are statistics over the clip, one row; descriptors are their values over time, 10 ms a row. openSMILE's
    licence forbids commercial use, of what it computes for a product as well.
    """

    modality: ClassVar[Modality] = "audio"
    sample_rate: ClassVar[int] = 16_000

    parameters: Literal["eGeMAPSv02", "GeMAPSv01b", "ComParE_2016"] = Field(
        default="eGeMAPSv02", description="The set: eGeMAPSv02 has 88 functionals, GeMAPSv01b 62, ComParE_2016 6373"
    )
    level: Literal["functionals", "descriptors"] = Field(
        default="functionals", description="Statistics over the clip, or their values every 10 ms"
    )

    @cached_property
    def _smile(self) -> opensmile.Smile:
        return opensmile.Smile(
            feature_set=getattr(opensmile.FeatureSet, self.parameters),
            feature_level=LEVELS[self.level],
            sampling_rate=self.sample_rate,
            resample=True,
        )

    def encode(self, clips: Sequence[Clip]) -> list[Features | Missing]:
        """Measures the sound of each clip, or says why it has none."""
        return [
            self._one(clip.audio) if clip.audio is not None else Missing(reason=clip.why_missing("audio"))
            for clip in clips
        ]

    def _one(self, audio: AudioSignal) -> Features | Missing:
        if audio.duration < SHORTEST:
            return Missing(reason=f"the sound lasts only {audio.duration:.3f} s")
        if np.abs(audio.samples).max() < SILENT:
            return Missing(reason=f"the sound is silent throughout its {audio.duration:.1f} s")
        table = self._smile.process_signal(audio.samples, audio.sample_rate)
        begins = table.index.get_level_values("start").total_seconds().to_numpy(dtype=np.float64)
        ends = np.append(begins[1:], audio.duration)
        return Features(
            values=table.to_numpy(dtype=np.float32),
            spans=np.stack([begins, ends], axis=1),
            names=tuple(table.columns),
        )

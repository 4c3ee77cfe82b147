"""The encoder `voice-statistics`: what the voice head sees of a stretch of speech, as features for other reasoners."""

from collections.abc import Sequence
from functools import cached_property
from typing import ClassVar

import numpy as np
from affekt import Clip, Component, Encoder, Features, Missing, Modality, plugins
from affekt_clues.speech import ENOUGH, spoken
from jaxtyping import Float32
from pydantic import Field

from affekt_heads.moments import inside, moments, windows
from affekt_heads.speech import heard
from affekt_heads.voice import LAYERS, LoudnessProbe


class VoiceStatistics(Component):
    """Mean and standard deviation of Whisper's layers 1 to 4 over the rows that are not pauses, one row a window.

    A clip that is hardly longer than a window is one row.
    """

    modality: ClassVar[Modality] = "audio"
    sample_rate: ClassVar[int] = 16_000

    model: str = Field(default="whisper-base", description="Of the encoder `whisper`")
    window: float = Field(default=3.0, gt=0, description="Seconds of a window; the voice head learnt from about 3")
    hop: float = Field(default=1.5, gt=0, description="Seconds from one window to the next")

    @property
    def weights_in_use(self) -> tuple[str, ...]:
        """Names of `affekt weights list` for provenance, when `model` is one of them."""
        return (*((self.model,) if self.model in plugins().weights else ()), "loudness-probe")

    @cached_property
    def _encoder(self) -> Encoder:
        made: Encoder = plugins().create("encoder", "whisper", model=self.model, layers=LAYERS)
        return made

    @cached_property
    def _probe(self) -> LoudnessProbe:
        return LoudnessProbe.shipped()

    def encode(self, clips: Sequence[Clip]) -> list[Features | Missing]:
        """A row a window in which somebody speaks, 4,096 columns; without a transcript all windows count."""
        return [
            self._pooled(found, clip) if isinstance(found, Features) else found
            for clip, found in zip(clips, self._encoder.encode(clips), strict=True)
        ]

    def _pooled(self, found: Features, clip: Clip) -> Features | Missing:
        if not clip.words and (why := clip.missing.get("text")):
            return Missing(reason=why)  # music and noise are no voice
        clock = found.clock()
        duration = float(clock[-1, 1])
        spans = np.unique(windows(moments(duration, self.hop), self.window, duration), axis=0)
        rows = [found.values[inside(clock, begin, end)] for begin, end in spans]
        voiced = heard(spans, spoken(clip, None), ENOUGH)
        kept = [index for index, own in enumerate(rows) if len(own) and voiced[index]]
        if not kept:
            return Missing(reason="the voice is too short to be judged")
        pooled: list[Float32[np.ndarray, "statistic"]] = [self._probe.pool(rows[index]) for index in kept]
        return Features(values=np.stack(pooled), spans=spans[kept])

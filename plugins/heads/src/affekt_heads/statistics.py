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
from affekt_heads.vocal import VocalProbe
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
    wordless: float | None = Field(
        default=0.5,
        gt=0,
        lt=1,
        description="Where nobody says words: how likely a window must be a voice to count, as a laugh or a scream; "
        "null counts none",
    )

    @property
    def weights_in_use(self) -> tuple[str, ...]:
        """Names of `affekt weights list` for provenance, when `model` is one of them."""
        own = ("loudness-probe",) if self.wordless is None else ("loudness-probe", "vocal-probe")
        return (*((self.model,) if self.model in plugins().weights else ()), *own)

    @cached_property
    def _encoder(self) -> Encoder:
        encoder: Encoder = plugins().create("encoder", "whisper", model=self.model, layers=LAYERS)
        return encoder

    @cached_property
    def _probe(self) -> LoudnessProbe:
        return LoudnessProbe.shipped()

    @cached_property
    def _vocal(self) -> VocalProbe:
        return VocalProbe.shipped()

    def encode(self, clips: Sequence[Clip]) -> list[Features | Missing]:
        """A row a window in which somebody speaks, 4,096 columns; without a transcript all windows count.

        Where nobody says words, those count that sound like a voice all the same.
        """
        return [
            self._pooled(features, clip) if isinstance(features, Features) else features
            for clip, features in zip(clips, self._encoder.encode(clips), strict=True)
        ]

    def _pooled(self, features: Features, clip: Clip) -> Features | Missing:
        unsaid = None if clip.words else clip.missing.get("text")
        if unsaid and self.wordless is None:
            return Missing(reason=unsaid)
        clock = features.clock()
        duration = float(clock[-1, 1])
        spans = np.unique(windows(moments(duration, self.hop), self.window, duration), axis=0)
        rows = [features.values[inside(clock, begin, end)] for begin, end in spans]
        voiced = heard(spans, spoken(clip, None), ENOUGH)
        kept = [index for index, own in enumerate(rows) if len(own) and voiced[index]]
        if not kept:
            return Missing(reason="the voice is too short to be judged")
        pooled: Float32[np.ndarray, "window statistic"] = np.stack([self._probe.pool(rows[index]) for index in kept])
        if unsaid:
            vocal = self._vocal(pooled) >= self.wordless
            if not vocal.any():
                return Missing(reason=unsaid)  # music and noise are no voice
            return Features(values=pooled[vocal], spans=spans[kept][vocal])
        return Features(values=pooled, spans=spans[kept])

"""An encoder and a reasoner of one's own, composed as plain objects.

python examples/own_encoder.py [clip.mp4]
"""

import sys
from collections.abc import Sequence
from importlib.resources import files
from typing import ClassVar

import numpy as np
from affekt import AudioSignal, Clip, Component, EmotionPrediction, Evidence, Features, Missing, Modality, Pipeline


class Crossings(Component):
    """Zero crossings a second: a crude measure of how bright a voice is."""

    modality: ClassVar[Modality] = "audio"
    hop: float = 0.1

    def encode(self, clips: Sequence[Clip]) -> list[Features | Missing]:
        return [self._rows(clip.audio) if clip.audio else Missing(reason=clip.why_missing("audio")) for clip in clips]

    def _rows(self, audio: AudioSignal) -> Features:
        size = round(self.hop * audio.sample_rate)
        rows = audio.samples[: len(audio.samples) // size * size].reshape(-1, size)
        crossings = np.diff(np.signbit(rows), axis=1).sum(axis=1, keepdims=True) / self.hop
        return Features(values=crossings.astype(np.float32), hop=self.hop, names=("crossings",))


class BrightIsExcited(Component):
    """A reasoner in one rule."""

    threshold: float = 2000.0

    def reason(self, evidence: Sequence[Evidence]) -> list[EmotionPrediction]:
        return [self._prediction(known) for known in evidence]

    def _prediction(self, known: Evidence) -> EmotionPrediction:
        if "voice" in known.missing:
            return EmotionPrediction(scores={"excited": 0.5, "calm": 0.5}, abstained=known.missing["voice"])
        rate = float(np.mean(known.features["voice"]))
        excited = rate / (rate + self.threshold)
        return EmotionPrediction(scores={"excited": excited, "calm": 1 - excited}, rationale=f"{rate:.0f} crossings/s")


clip = sys.argv[1] if len(sys.argv) > 1 else str(files("affekt_cli") / "sample/white_house_statement_2015.mp4")
pipeline = Pipeline(name="mine", encoders={"voice": Crossings(hop=0.2)}, reasoner=BrightIsExcited())
print(pipeline)
print(pipeline.analyze(clip).prediction)

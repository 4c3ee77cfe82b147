"""A baseline in one rule, and the shortest reasoner there can be."""

from collections.abc import Sequence

import numpy as np
from affekt import Clue, Component, EmotionPrediction, Evidence
from pydantic import Field


class LoudIsExcited(Component):
    """Splits calm from excited by the mean level of one slot; abstains without it. A baseline, not an opinion."""

    slot: str = Field(default="speech", description="The slot of an encoder with a column `loudness`")
    threshold: float = Field(default=-25.0, description="Decibels at which both are equally likely")
    width: float = Field(default=6.0, gt=0, description="Decibels from 50 % to 73 %")

    def reason(self, evidence: Sequence[Evidence]) -> list[EmotionPrediction]:
        """Judges each clip by its mean level."""
        return [self._one(clip_evidence) for clip_evidence in evidence]

    def _one(self, evidence: Evidence) -> EmotionPrediction:
        if self.slot not in evidence.features:
            why = evidence.missing.get(self.slot, f'the pipeline has no slot "{self.slot}"')
            return EmotionPrediction(scores={"neutral": 0.5, "excited": 0.5}, abstained=f"no loudness: {why}")
        features = evidence.features[self.slot]
        level = float(features.column("loudness").mean())
        excited = float(1 / (1 + np.exp((self.threshold - level) / self.width)))
        clock = features.clock()
        clue = Clue(
            modality="audio",
            start=float(clock[0, 0]),
            end=float(clock[-1, 1]),
            text=f"the mean level is {level:.0f} dB",
            checked=True,
        )
        scores = {"neutral": 1 - excited, "excited": excited}
        label = max(scores, key=lambda emotion: scores[emotion])
        return EmotionPrediction(
            scores=scores, labels=(label,), arousal=2 * excited - 1, rationale=clue.text, clues=(clue,)
        )

"""A plugin of the tests: a reasoner that goes by the level of the sound, and says valence, words and a reason."""

from collections.abc import Iterator, Sequence

import numpy as np
from affekt import Component, ComponentInfo, EmotionPrediction, Evidence, hookimpl
from pydantic import Field

LEVELS = {"neutral": -40.0, "sad": -30.0, "happy": -20.0, "angry": -10.0}
"""Emotion → decibels at which it is likeliest."""
VALENCE = {"neutral": 0.0, "sad": -0.7, "happy": 0.8, "angry": -0.6}


class LevelRule(Component):
    """The emotion whose level is nearest; abstains where there is no sound."""

    offset: float = Field(default=0.0, description="Decibels that are added to the level")

    def reason(self, evidence: Sequence[Evidence]) -> list[EmotionPrediction]:
        return [self._one(known) for known in evidence]

    def _one(self, known: Evidence) -> EmotionPrediction:
        if "speech" not in known.features:
            scores = dict.fromkeys(LEVELS, 1 / len(LEVELS))
            return EmotionPrediction(scores=scores, abstained=known.missing.get("speech", "there is no sound"))
        level = float(known.features["speech"].column("loudness").mean()) + self.offset
        logits = np.array([-abs(level - middle) / 5 for middle in LEVELS.values()])
        shares = np.exp(logits - logits.max())
        scores = dict(zip(LEVELS, (shares / shares.sum()).tolist(), strict=True))
        first, second, *_ = sorted(scores, key=lambda emotion: -scores[emotion])
        return EmotionPrediction(
            scores=scores, labels=(first, second), valence=VALENCE[first],
            rationale=f"The voice is loud or quiet, so the person feels {first}.",
        )  # fmt: skip


@hookimpl
def affekt_components() -> Iterator[ComponentInfo]:
    yield ComponentInfo(role="reasoner", name="level-rule", target="level_rule:LevelRule", summary="Goes by the level")

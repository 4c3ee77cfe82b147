import json
from typing import ClassVar

import numpy as np
from affekt import AudioSignal, Clip, Component, EmotionPrediction, Features, Pipeline


class Level(Component):
    modality: ClassVar[str] = "audio"
    hop: float = 0.5

    def encode(self, clips):
        return [Features(values=np.ones((1, 1), np.float32), hop=self.hop) for _ in clips]


class Say(Component):
    def reason(self, evidence):
        return [EmotionPrediction(scores={"calm": 1.0}) for _ in evidence]


def test_an_analysis_says_which_components_with_which_options_made_it():
    clip = Clip(id="a", audio=AudioSignal(samples=np.zeros(160, np.float32), sample_rate=16_000))
    felt = Pipeline(encoders={"speech": Level(hop=0.25)}, reasoner=Say()).analyze(clip)
    assert list(felt.provenance) == ["speech", "reasoner"]
    assert felt.provenance["speech"]["target"].endswith(":Level")
    assert felt.provenance["speech"]["options"] == {"hop": 0.25}
    assert felt.provenance["speech"]["distribution"] is None, "a component of no plugin belongs to no distribution"
    json.dumps(felt.to_dict())

import json
from typing import ClassVar

import numpy as np
from affekt import Component, EmotionPrediction, Features, Pipeline
from affekt.provenance import provenance


class Level(Component):
    modality: ClassVar[str] = "audio"
    hop: float = 0.5

    def encode(self, clips):
        return [Features(values=np.ones((1, 1), np.float32), hop=self.hop) for _ in clips]


class Say(Component):
    def reason(self, evidence):
        return [EmotionPrediction(scores={"calm": 1.0}) for _ in evidence]


def test_provenance_says_which_components_with_which_options_made_it():
    described = provenance(Pipeline(encoders={"speech": Level(hop=0.25)}, reasoner=Say()))
    assert list(described) == ["speech", "reasoner"]
    assert described["speech"]["target"].endswith(":Level")
    assert described["speech"]["options"] == {"hop": 0.25}
    assert described["speech"]["distribution"] is None, "a component of no plugin belongs to no distribution"
    json.dumps(described)

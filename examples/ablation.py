"""An ablation is a loop: one pipeline, one change at a time, one measure.

python examples/ablation.py
"""

import numpy as np
from affekt import EmotionPrediction, PipelineSpec, plugins

RATE = 16_000
rng = np.random.default_rng(0)
levels = [0.02, 0.03, 0.05, 0.2, 0.3, 0.5]
recordings = [{"waveform": level * rng.standard_normal(RATE).clip(-2, 2), "sample_rate": RATE} for level in levels]
truth = ["neutral", "neutral", "neutral", "excited", "excited", "excited"]

spec = PipelineSpec.parse("encoders: {speech: loudness}\nreasoner: loud-is-excited")
measure = plugins().create("evaluator", "hits")
changes = {
    "as it is": {},
    "a louder threshold": {"reasoner.threshold": -10},
    "longer rows": {"speech.hop": 0.5},
    "another slot beside it": {"scene": "brightness"},
}
for name, change in changes.items():
    answers = spec.swap(**change).build().stream(recordings)
    predictions = [felt for felt in answers if isinstance(felt, EmotionPrediction)]
    print(f"{name:24}", dict(measure.evaluate(predictions, truth)))

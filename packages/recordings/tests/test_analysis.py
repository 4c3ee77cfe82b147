"""An analysis reads like a prediction, is plain data, and says what made it."""

import json
import pickle
from importlib import import_module
from typing import ClassVar

import numpy as np
import pytest
from affekt import (
    AudioSignal,
    Clip,
    Clue,
    Component,
    EmotionPrediction,
    Evidence,
    Features,
    Missing,
    Pipeline,
    elsewhere,
)
from affekt_recordings import Analysis
from affekt_recordings.windows import Part


class Count(Component):
    modality: ClassVar[str] = "audio"
    hop: float = 1.0

    def encode(self, clips):
        return [
            Features(values=np.ones((1, 1), np.float32), hop=self.hop)
            if c.audio
            else Missing(reason=c.why_missing("audio"))
            for c in clips
        ]


class Say(Component):
    def reason(self, evidence):
        return [EmotionPrediction(scores={"present" if e.features else "absent": 1.0}) for e in evidence]


def silence() -> AudioSignal:
    return AudioSignal(samples=np.zeros(160, np.float32), sample_rate=16_000)


def clip(name, sound=True):
    return Clip(id=name, audio=silence() if sound else None, missing={} if sound else {"audio": "no audio track"})


def test_stream_holds_one_batch_at_a_time():
    taken = []

    def clips():
        for number in range(10):
            taken.append(number)
            yield clip(str(number))

    stream = Pipeline(encoders={"speech": Count()}, reasoner=Say()).stream(clips(), batch_size=3)
    next(stream)
    assert taken == [0, 1, 2]
    assert len(list(stream)) == 9


def test_progress_comes_under_its_former_name_with_a_warning_and_under_no_other():
    slots = []
    pipeline = Pipeline(encoders={"speech": Count()}, reasoner=Say())
    with pytest.warns(DeprecationWarning, match="on_progress"):
        pipeline.analyze(clip("a"), step=slots.append)
    assert "reasoner" in slots
    with pytest.raises(TypeError, match="unexpected keyword arguments: on_proress"):
        pipeline.analyze(clip("a"), on_proress=slots.append)


def test_an_analysis_reads_like_a_prediction_and_is_plain_data():
    felt = Pipeline(encoders={"speech": Count()}, reasoner=Say()).analyze(clip("a", sound=False))
    assert (felt.label, felt.missing()) == ("absent", {"audio": "no audio track", "speech": "no audio track"})
    assert felt.to_dict()["scores"] == {"absent": 1.0}
    assert "may be wrong" in felt.to_dict()["disclaimer"]
    assert "may be wrong" in felt._repr_html_()
    assert pickle.loads(pickle.dumps(felt)).label == "absent"


def test_what_a_model_wrote_survives_json_and_the_joining_of_windows():
    parts = [
        Part(
            evidence=Evidence(clip=Clip(id="x", audio=silence(), start=float(at))),
            prediction=EmotionPrediction(scores={"sad": 1.0}, rationale="Mostly sad.", generated=written),
        )
        for at, written in enumerate(("he looks down", "", "he sighs"))
    ]
    told = json.loads(json.dumps(Analysis(source="x.wav", parts=tuple(parts)).to_dict()))
    assert told["generated"] == "he looks down he sighs"
    assert Analysis(source="x.wav", parts=tuple(parts[1:2])).to_dict()["generated"] is None


def test_an_analysis_says_which_components_with_which_options_made_it():
    felt = Pipeline(encoders={"speech": Count(hop=0.25)}, reasoner=Say()).analyze(clip("a"))
    assert list(felt.provenance) == ["speech", "reasoner"]
    assert felt.provenance["speech"]["options"] == {"hop": 0.25}
    json.dumps(felt.to_dict())


def test_numpys_numbers_become_json():
    clue = Clue(modality="audio", start=np.float32(0.5), end=np.float64(1), text="loud", checked=np.bool_(True))
    prediction = EmotionPrediction(scores={np.str_("happy"): np.float32(1.0)}, valence=np.float64(0.5), clues=(clue,))
    part = Part(evidence=Evidence(clip=clip("x"), features={}), prediction=prediction)
    plain = json.loads(json.dumps(Analysis(source="x.wav", parts=(part,)).to_dict()))
    assert plain["clues"][0]["checked"] is True
    assert plain["scores"] == {"happy": 1.0}


@pytest.mark.parametrize("module", ["analysis", "asking", "packing", "sources", "windows"])
def test_old_paths_in_core_lead_here_with_a_warning(module):
    home, names = elsewhere.MOVED_MODULES[module]
    for name in names.split():
        with pytest.warns(DeprecationWarning, match=f"{module}.{name} is {home}.{name} now"):
            assert getattr(import_module(f"affekt.{module}"), name) is getattr(import_module(home), name)

from typing import ClassVar

import numpy as np
import pytest
from affekt import (
    AudioSignal,
    Clip,
    Component,
    ComponentError,
    DataError,
    EmotionPrediction,
    Features,
    Missing,
    Pipeline,
    SpeechRequest,
)


class Count(Component):
    modality: ClassVar[str] = "audio"

    def encode(self, clips):
        return [
            Features(values=np.ones((1, 1), np.float32), hop=1) if c.audio else Missing(reason=c.why_missing("audio"))
            for c in clips
        ]


class Say(Component):
    def reason(self, evidence):
        return [EmotionPrediction(scores={"present" if e.features else "absent": 1.0}) for e in evidence]


def clip(name, sound=True):
    audio = AudioSignal(samples=np.zeros(160, np.float32), sample_rate=16_000) if sound else None
    return Clip(id=name, audio=audio, missing={} if sound else {"audio": "no audio track"})


def test_results_keep_the_order_and_missing_keeps_its_reason():
    pipeline = Pipeline(encoders={"speech": Count()}, reasoner=Say())
    clips = [clip("a"), clip("b", sound=False), clip("c")]
    assert [felt.label for felt in pipeline.run(clips)] == ["present", "absent", "present"]
    evidence = pipeline.gather(clips)
    assert dict(evidence[1].missing) == {"speech": "no audio track"}
    assert evidence[0].features["speech"].source == "Count()"
    assert pipeline.run([]) == []


@pytest.mark.parametrize(
    ("returned", "said"),
    [([], "a list of 1"), (None, "NoneType"), ([3], "found int"), ((1,), "a list of 1")],
)
def test_what_a_role_forbids_is_told_with_the_slot(returned, said):
    class Bad(Component):
        modality: ClassVar[str] = "audio"

        def encode(self, clips):
            return returned

    with pytest.raises(ComponentError, match=r'"speech" \(Bad.encode\) should return') as caught:
        Pipeline(encoders={"speech": Bad()}, reasoner=Say()).run([clip("a")])
    assert said in str(caught.value)


def test_an_exception_names_the_slot_and_keeps_its_cause():
    class Raises(Component):
        def reason(self, evidence):
            raise ZeroDivisionError("oops")

    with pytest.raises(ComponentError, match=r'"reasoner" \(Raises.reason\) raised ZeroDivisionError: oops') as caught:
        Pipeline(reasoner=Raises()).run([clip("a")])
    assert isinstance(caught.value.__cause__, ZeroDivisionError)


def test_a_component_cannot_end_its_caller():
    class Exits(Component):
        def reason(self, evidence):
            raise SystemExit(0)

    with pytest.raises(ComponentError, match="raised SystemExit: 0"):
        Pipeline(reasoner=Exits()).run([clip("a")])


def test_a_component_that_changes_its_inputs_is_named():
    class Louder(Component):
        modality: ClassVar[str] = "audio"

        def encode(self, clips):
            for each in clips:
                each.audio.samples[:] += 1
            return [Missing(reason="too loud") for _ in clips]

    with pytest.raises(ComponentError, match=r'"speech" \(Louder.encode\) changed its inputs'):
        Pipeline(encoders={"speech": Louder()}, reasoner=Say()).run([clip("a")])


def test_an_affekt_error_keeps_its_type_and_gains_the_slot():
    class Refuses(Component):
        def reason(self, evidence):
            raise DataError("wrong")

    with pytest.raises(DataError) as caught:
        Pipeline(reasoner=Refuses()).run([clip("a")])
    assert caught.value.__notes__ == ['in "reasoner" (Refuses.reason)']


def test_a_pipeline_without_a_speaker_says_so():
    with pytest.raises(ComponentError, match="has no speaker"):
        Pipeline(reasoner=Say()).speak(SpeechRequest(text="hello"))


def test_leaving_a_pipeline_closes_what_can_be_closed():
    closed = []

    class Held(Say):
        def close(self):
            closed.append(self)

    with Pipeline(encoders={"speech": Count()}, reasoner=Held()) as pipeline:
        pipeline.run([clip("a")])
        assert not closed
    assert closed == [Held()]

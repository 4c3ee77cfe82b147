"""What a language model wrote reaches the evaluators, also from the journal of an earlier run and from a result."""

from affekt import Component, EmotionPrediction, Pipeline, Reference
from affekt_benchmark import results
from affekt_benchmark.material.cases import Case
from affekt_benchmark.runs.running import answer_all
from affekt_datasets import Sample

WROTE = "he frowns so he is sad"


class Writes(Component):
    """Answers with a text of its own, once."""

    def reason(self, evidence):
        return [EmotionPrediction(scores={"sad": 1.0}, rationale="Mostly sad (100%).", generated=WROTE)] * len(evidence)


class Silent(Component):
    """Is not asked where the journal has an answer."""

    def reason(self, evidence):
        raise AssertionError("the journal has the answer")


def test_a_text_survives_the_journal_and_a_result(tmp_path):
    sample = Sample(id="a", media=None, label="sad", text="I lost it.")
    case = Case(reference=Reference(id="a", label="sad"), sample=sample)
    journal = tmp_path / "answers.jsonl"
    for reasoner in (Writes(), Silent()):
        (answer,) = answer_all(Pipeline(reasoner=reasoner), [case], journal, "key", lambda done, of: None)
        assert answer.prediction.generated == WROTE
    clip = results.row(case, case.reference, answer, answer.prediction)
    results.Result(about={"format": results.FORMAT}, measures={}, clips=[clip]).write(tmp_path / "result")
    ((said,), _) = results.Result.read(tmp_path / "result").pairs()
    assert said.generated == WROTE

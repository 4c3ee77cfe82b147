"""What words express: groups and all labels, thresholds, reasons, and nothing where nothing is said."""

import json

import numpy as np
import pytest
from affekt import Clip, Evidence, Features, PipelineSpec, SpecError, WeightsError, Word, plugins
from affekt_testing import ReasonerSuite
from affekt_text.goemotions import GROUPS, GoEmotionsReasoner
from safetensors.numpy import save_file

LABELS = tuple(label for group in GROUPS.values() for label in group)
WIDTH = len(LABELS)


@pytest.fixture(scope="session")
def model(tmp_path_factory):
    """A head that reads each label from a column of its own: probability .95 where it is 1, .02 where it is 0."""
    low, high = np.log(0.02 / 0.98), np.log(0.95 / 0.05)
    path = tmp_path_factory.mktemp("head") / "head.safetensors"
    tensors = {"weight": np.eye(WIDTH) * (high - low), "bias": np.full(WIDTH, low), "thresholds": np.full(WIDTH, 0.3)}
    named = {f"goemotions.{name}": value.astype(np.float32) for name, value in tensors.items()}
    save_file(named, path, metadata={"labels": json.dumps(LABELS), "scale": "2.0"})
    return str(path)


def said(*sentences):
    """Evidence of one second a sentence, each with the labels that it expresses."""
    words = tuple(Word(start=float(at), end=at + 0.9, text=f"Line{at}.") for at in range(len(sentences)))
    clip = Clip(id="said", text=" ".join(word.text for word in words), words=words)
    values = np.array([[label in labels for label in LABELS] for labels in sentences], dtype=np.float32)
    spans = np.array([[word.start, word.end] for word in words])
    return Evidence(clip=clip, features={"words": Features(values=values, spans=spans)})


class TestGoEmotions(ReasonerSuite):
    component = GoEmotionsReasoner

    @pytest.fixture
    def options(self, model):
        return {"model": model}

    @pytest.fixture
    def inputs(self):
        return [said(["joy"]), said(["fear"], ["neutral"]), Evidence(clip=Clip(id="silent"), missing={"words": "none"})]


def test_labels_are_grouped_to_ekmans_or_given_as_they_are(model):
    evidence = [said(["gratitude", "grief"])]
    (grouped,) = GoEmotionsReasoner(model=model).reason(evidence)
    (whole,) = GoEmotionsReasoner(model=model, labels="goemotions").reason(evidence)
    assert set(grouped.scores) == set(GROUPS)
    assert set(grouped.labels) == {"happy", "sad"}
    assert set(whole.labels) == {"gratitude", "grief"}
    assert set(whole.scores) == set(LABELS)
    assert sum(whole.scores.values()) == pytest.approx(1)
    assert min(whole.scores[one] for one in whole.labels) > 0.3


def test_each_sentence_is_a_reason_at_its_time_and_neutral_ones_are_none(model):
    (found,) = GoEmotionsReasoner(model=model).reason([said(["anger"], ["neutral"], ["remorse", "annoyance"])])
    assert [(clue.start, clue.text) for clue in found.clues] == [
        (0.0, '"Line0." expresses anger'),
        (2.0, '"Line2." expresses annoyance and remorse'),
    ]
    assert found.rationale == "The words express anger, annoyance and remorse."
    (level,) = GoEmotionsReasoner(model=model).reason([said(["neutral"])])
    assert (level.label, level.rationale) == ("neutral", "The words express no emotion.")


def test_without_words_nothing_is_claimed(model):
    evidence = [Evidence(clip=Clip(id="silent"), missing={"words": "nobody speaks"}), Evidence(clip=Clip(id="bare"))]
    silent, bare = GoEmotionsReasoner(model=model).reason(evidence)
    assert silent.abstained == "no words: nobody speaks"
    assert 'no slot "words"' in bare.abstained
    assert silent.nothing_to_judge
    assert len(set(silent.scores.values())) == 1


def test_another_encoder_and_a_file_without_a_head_are_refused(model, tmp_path):
    pipeline = PipelineSpec(name="x", encoders={"words": "minilm"}, reasoner="goemotions").build()
    with pytest.raises(SpecError, match='trained with "minilm-emotions"'):
        pipeline.run([Clip(id="text", text="Hello.", language="en")])
    save_file({"a": np.zeros(1, np.float32)}, tmp_path / "other.safetensors")
    with pytest.raises(WeightsError, match="no head of GoEmotions"):
        GoEmotionsReasoner(model=str(tmp_path / "other.safetensors")).reason([said(["joy"])])


def test_the_pipeline_reads_a_text_as_it_ships():
    pipeline = PipelineSpec.read("goemotions").build()
    for text, wanted in (
        ("Thank you so much, that is so kind of you!", "happy"),
        ("How dare you? I am furious with you.", "angry"),
        ("I miss her so much. I cannot stop crying.", "sad"),
    ):
        felt = pipeline.analyze(Clip(id="text", text=text, language="en"))
        assert felt.prediction.label == wanted
        assert wanted in felt.prediction.labels
    assert plugins().components["reasoner", "goemotions"].info.languages == ("en",)

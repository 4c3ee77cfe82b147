"""Measures of free text read what a model wrote, and none of the words that were put around it."""

import pytest
from affekt import EmotionPrediction, Reference
from affekt_metrics.emer import overlap
from affekt_metrics.emer_proxy import EmerProxy
from affekt_metrics.emotion_wheel import EmotionWheel
from affekt_metrics.hit_rate import HitRate
from affekt_metrics.intervals import Intervals
from affekt_metrics.judging import Prompts
from affekt_metrics.mer2024_ov import Mer2024Ov
from affekt_metrics.sentiment import Sentiment
from affekt_metrics.written import named

WROTE = "he frowns and his tone is agitated so he seems to be sad and disappointed not angry"
FELT = EmotionPrediction(
    scores={"angry": 0.6, "sad": 0.4},
    labels=("angry", "sad"),
    rationale="Mostly angry (60%), perhaps sad (40%). One clause of what it wrote left out: what was measured "
    "contradicts it. Text and label disagree.",
    generated=WROTE,
)
TRUE = Reference(
    id="a", label="sad", labels=("sad", "disappointed"), description="A frown: sad and disappointed.", valence=-1
)
FEW = Intervals(draws=0)


def test_words_for_feelings_are_those_written_and_not_denied():
    assert named(WROTE) == ("sad", "disappointed")
    assert named("Her voice isn't warm, she is laughing; no fear, but joy.") == ("joy",)
    assert named("") == ()


def test_emer_rates_what_the_model_wrote():
    asked = []

    def judge(prompt):
        asked.append(prompt)
        return "sad" if "separated by commas" in prompt else "Score: 5"

    found = overlap([FELT], [TRUE], judge, Prompts(), 1, None)
    assert found["unanswered"] == 0
    assert any(WROTE in prompt for prompt in asked)
    assert not any("Mostly angry" in prompt or "left out" in prompt for prompt in asked)


@pytest.mark.parametrize(
    ("evaluator", "measure"),
    [
        (EmotionWheel(intervals=FEW), "level1"),
        (HitRate(intervals=FEW), "hit_rate"),
        (Mer2024Ov(intervals=FEW), "average"),
        (EmerProxy(intervals=FEW), "label"),
        (Sentiment(intervals=FEW), "accuracy"),
    ],
)
def test_open_vocabulary_and_wheels_read_the_words_that_were_written(evaluator, measure):
    assert evaluator.evaluate([FELT], [TRUE])[measure] == 1.0


def test_without_a_text_the_labels_are_read():
    plain = EmotionPrediction(scores=FELT.scores, labels=("angry", "sad"))
    assert Mer2024Ov(intervals=FEW).evaluate([plain], [TRUE])["accuracy"] == 0.5

"""Labels that were computed, against those that people gave."""

import json

import pytest
from affekt import DataError
from affekt_annotate.annotation import Annotation, Description, Face, Observation, Recognised, Spoken
from affekt_annotate.commands import app
from affekt_annotate.label_agreement import of_annotations
from affekt_metrics.intervals import Intervals
from typer.testing import CliRunner

FEW = Intervals(draws=50)


def annotation(number, given, rule, heard, speaker):
    absent = Observation(state="absent")
    scores = {} if heard is None else {heard: 1.0}
    return Annotation(
        name=f"clip{number}", source=f"clip{number}", sha256=str(number), duration=1.0, label=given, speaker=speaker,
        face=Face(state="measured", label=rule), recognised=Recognised(state="measured", scores=scores),
        tone=absent, scene=absent, words=Spoken(state="absent"),
        blind=Description(state="absent"), aware=Description(state="absent"),
    )  # fmt: skip


CLIPS = [
    annotation(0, "surprised", "surprise", "surprised", "ada"),
    annotation(1, "fearful", "surprise", "fearful", "ada"),
    annotation(2, "neutral", None, "neutral", "ben"),
    annotation(3, "sad", None, None, "ben"),
    annotation(4, "disgust", "angry", "angry", "ben"),  # MERR has no word for it
    annotation(5, None, "angry", "angry", "ben"),
]


def test_labels_of_rule_and_recogniser_are_compared_in_merrs_words():
    found = of_annotations(CLIPS, FEW)
    rule, recogniser = found["rule"], found["recogniser"]
    assert (rule.clips, rule.named, recogniser.named) == (4, 2, 3)
    assert rule.agreement["accuracy"] == pytest.approx(1 / 4)
    assert rule.agreement_without_neutral["accuracy"] == pytest.approx(1 / 3)
    assert recogniser.agreement["accuracy"] == pytest.approx(3 / 4)
    assert rule.confusion == {
        "fear": {"surprise": 1}, "neutral": {"none": 1}, "sad": {"none": 1}, "surprise": {"surprise": 1},
    }  # fmt: skip


def test_clips_of_one_person_are_drawn_together():
    alone = [one.model_copy(update={"speaker": None}) for one in CLIPS]
    by_person = of_annotations(CLIPS, FEW)["recogniser"].agreement
    by_clip = of_annotations(alone, FEW)["recogniser"].agreement
    assert (by_person["accuracy.low"], by_person["accuracy.high"]) == (0.5, 1.0)
    assert by_clip["accuracy.low"] < 0.5


def test_without_given_labels_there_is_nothing_to_measure():
    with pytest.raises(DataError, match="none of 2 clips"):
        of_annotations(CLIPS[4:], FEW)


def test_the_command_prints_both_agreements(tmp_path):
    lines = [json.dumps(one.model_dump(mode="json")) for one in CLIPS]
    (tmp_path / "annotations.jsonl").write_text("\n".join(lines) + "\n", encoding="utf-8")
    told = CliRunner().invoke(app, ["labels", str(tmp_path), "--draws", "20"])
    assert told.exit_code == 0, told.output
    assert "Rule\n  2 of 4 clips named\n  agreement, all: 0.250 (0.000 to 0.500)" in told.output
    assert "Recogniser\n  3 of 4 clips named" in told.output
    assert "fear: surprise 1" in told.output

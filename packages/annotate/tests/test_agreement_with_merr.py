"""The action-unit rule, and its measure on annotations in MERR's form."""

import json
import os
from pathlib import Path

import pytest
from affekt_annotate.action_unit_rule import UNITS_OF, candidates
from affekt_annotate.agreement_with_merr import coarse_agreement, coarse_of, entries, rule_agreement
from affekt_annotate.commands import app
from affekt_annotate.label_agreement import NONE
from affekt_metrics.intervals import Intervals
from typer.testing import CliRunner

FEW = Intervals(draws=50)


def entry(units, emotion, **more):
    """An entry as MERR writes it."""
    return {
        "AU_list": units, "peak_AU_list": units, "visual_prior_list": [], "peak_index": "3", "pseu_emotion": emotion,
        "audio_prior_list": "speaks in a cheerful tone.", "text": "At last!",
        "smp_reason_caption": "The lip corners rise and the person is cheerful, so the person is happy.", **more,
    }  # fmt: skip


def test_the_rule_names_the_emotion_whose_units_are_there():
    assert next(iter(candidates({"AU06": 0.5, "AU12": 0.7}))) == "happy"
    assert next(iter(candidates(dict.fromkeys(("AU01", "AU02", "AU05", "AU26"), 0.6)))) == "surprise"
    assert candidates({"AU12": 0.9}, least_share=0.5) == {}
    assert candidates({}) == {}
    assert "neutral" not in UNITS_OF


def test_a_mouth_that_talks_is_no_doubt_unless_asked_for():
    assert candidates({"AU25": 0.9}) == {}
    assert list(candidates({"AU25": 0.9}, while_talking=True)) == ["doubt"]


def test_units_that_the_detector_does_not_have_do_not_count_against_an_emotion():
    assert candidates({"AU20": 0.5}, least_share=0.6) == {}
    assert list(candidates({"AU20": 0.5}, least_share=0.6, without={"AU28"})) == ["worried"]
    assert candidates({"AU12": 0.9}, without={"AU10", "AU15", "AU17"}) == {}  # a quarter of contempt is none


def test_agreement_counts_every_clip_and_a_clip_without_units_is_not_neutral():
    annotations = {
        "a": entry(["AU06", "AU12"], "happy"),
        "b": entry(["AU04", "AU15"], "sad"),
        "c": entry([], "neutral"),
        "d": entry(["AU06", "AU12"], "angry"),
    }
    told = rule_agreement(annotations, "AU_list", least_share=0.5, intervals=FEW).labels
    assert told.agreement["accuracy"] == pytest.approx(2 / 4)
    assert told.agreement_without_neutral["accuracy"] == pytest.approx(2 / 3)
    assert told.agreement["accuracy.low"] <= 0.5 <= told.agreement["accuracy.high"]
    assert told.confusion["neutral"] == {NONE: 1}
    assert told.confusion["angry"] == {"happy": 1}
    assert told.named == 3


def test_the_coarse_text_shares_words_with_the_reasons():
    annotations = {name: entry(["AU12"], "happy") for name in "ab"}
    assert coarse_of(annotations["a"]) == (
        "The person's facial expression: the lip corners rise. The person's tone: speaks in a cheerful tone. "
        "Saying: “At last!”"
    )
    told = coarse_agreement(annotations, FEW)
    assert 0 < told["clue:precision"] < 1


def test_the_command_prints_agreement_confusion_and_overlap(tmp_path):
    annotations = {"a": entry(["AU06", "AU12"], "happy"), "b": entry(["AU04", "AU15"], "sad")}
    (tmp_path / "MERR_fine_grained.json").write_text(json.dumps(annotations), encoding="utf-8")
    told = CliRunner().invoke(app, ["merr", str(tmp_path), "--draws", "20"])
    assert told.exit_code == 0, told.output
    assert "agreement, all: 1.000" in told.output
    assert "sad: sad 1" in told.output
    assert "clue:precision" in told.output


@pytest.mark.slow
def test_on_merrs_fine_annotations_the_rule_agrees_as_documented():
    folder = Path(os.environ.get("AFFEKT_SHARED", "../shared")) / "data/merr"
    if not (folder / "MERR_fine_grained.json").is_file():
        pytest.skip("MERR's annotations are not in AFFEKT_SHARED")
    told = rule_agreement(entries(folder), "AU_list", least_share=0.01, intervals=FEW).labels
    assert told.clips == 4187
    assert told.agreement_without_neutral["accuracy"] == pytest.approx(0.866, abs=0.001)

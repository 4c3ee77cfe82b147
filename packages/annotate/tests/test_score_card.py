"""The score card: what is computed, and that what cannot be is absent."""

import csv

import pytest
from affekt_annotate.annotation import Annotation
from affekt_annotate.commands import app
from affekt_annotate.running import annotate
from affekt_annotate.score_card import card
from typer.testing import CliRunner


@pytest.fixture
def annotated(world, tmp_path):
    """Two annotated clips by name, one of them without a face."""
    world.add("smiles")
    world.add("faceless", raised=None, seed=3)
    annotate(world.config(), world.samples(smiles="happy", faceless="sad"), tmp_path / "out")
    lines = (tmp_path / "out/annotations.jsonl").read_text(encoding="utf-8").splitlines()
    return {one.name: one for one in map(Annotation.model_validate_json, lines)}


def test_a_measure_that_cannot_be_computed_is_absent_and_never_zero(annotated):
    faceless = {measure.name: measure for measure in card(annotated["faceless"])}
    assert faceless["au_f1"].value is None
    assert faceless["au_f1"].status.startswith("no face: ")
    assert faceless["asr_wer"].value is None
    assert faceless["nli_entail"].value is None
    assert faceless["fkgl"].value is not None
    assert faceless["clip_image_score"].status != "measured"
    assert faceless["distinct1"].value is not None


def test_a_text_that_names_what_was_measured_has_full_precision(annotated):
    smiles = {measure.name: measure.value for measure in card(annotated["smiles"])}
    assert smiles["au_pr"] == 1.0
    assert smiles["au_re"] == 1.0
    assert smiles["supported"] == 1.0
    assert 0 < smiles["distinct1"] < smiles["distinct2"] <= 1


def test_the_word_error_rate_is_that_of_a_recogniser_against_a_person(annotated):
    one = annotated["smiles"]
    assert one.words.source == "given"

    def rate(transcript, **words):
        heard = one.words.model_copy(update={"source": "recognised", **words})
        changed = one.model_copy(update={"transcript": transcript, "words": heard})
        return next(measure for measure in card(changed) if measure.name == "asr_wer")

    assert rate("I have waited for this all year!").value == 0
    assert rate("I've waited for this a whole year.", text="I have waited for it all year.").value == pytest.approx(
        3 / 8
    )
    assert rate("我等了一整年", text="我等了一年").value == pytest.approx(
        1 / 6
    )  # characters, where no space parts words
    assert rate("").status.startswith("nobody wrote down")
    assert rate("All year.", source="given").status.startswith("the words were given")
    assert rate("All year.", state="absent", reason="no sound").status == "no words were recognised: no sound"


def test_the_grade_is_kincaids_over_the_sentences_that_are_kept(annotated):
    one = annotated["smiles"]
    first = one.blind.sentences[0]
    kept = [first.model_copy(update={"text": text, "cut": ""}) for text in ("The lip corners rise.", "She smiles.")]
    cut = first.model_copy(update={"text": "Incomprehensibilities abound.", "cut": "rests on no clue"})
    changed = one.model_copy(update={"blind": one.blind.model_copy(update={"sentences": (*kept, cut)})})
    told = {measure.name: measure.value for measure in card(changed)}
    assert told["fkgl"] == pytest.approx(0.39 * 6 / 2 + 11.8 * 8 / 6 - 15.59)


def test_an_invented_action_unit_lowers_precision(annotated):
    one = annotated["smiles"]
    first = one.blind.sentences[0]
    lie = first.clauses[0].model_copy(update={"text": "the brows draw down (AU04)", "verdict": "contradicted"})
    wrong = first.model_copy(update={"clauses": (*first.clauses, lie)})
    changed = one.model_copy(update={"blind": one.blind.model_copy(update={"sentences": (wrong,)})})
    told = {measure.name: measure.value for measure in card(changed)}
    assert told["au_pr"] == pytest.approx(2 / 3)


def test_the_command_writes_a_row_a_clip_and_measure(annotated, tmp_path):
    told = CliRunner().invoke(app, ["score", str(tmp_path / "out")])
    assert told.exit_code == 0, told.output
    assert "au_f1             1.000 over 1 clips (no face" in told.output
    assert "asr_wer           absent" in told.output
    with (tmp_path / "out/score_card.csv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert {row["name"] for row in rows} == {"smiles", "faceless"}
    assert all((row["value"] == "") == (row["status"] != "measured") for row in rows)

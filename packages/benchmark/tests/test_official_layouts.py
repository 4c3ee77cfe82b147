"""Every suite on a miniature of its official layout, by its documented command, from the data to the report."""

import json
import re
from dataclasses import replace
from pathlib import Path

import miniatures
import pytest
from affekt_benchmark.commands.bench import app as bench
from affekt_benchmark.commands.report import app as report
from affekt_benchmark.material.cases import Choice, select
from affekt_benchmark.material.suites import SUITES
from affekt_benchmark.results import Result
from affekt_datasets import DatasetError
from typer.testing import CliRunner

SINGLE = [name for name, suite in SUITES.items() if not suite.parts]


def test_every_suite_has_a_miniature():
    assert set(SINGLE) == set(miniatures.CLIPS)
    assert {suite.dataset for suite in SUITES.values()} == set(miniatures.WRITERS)


@pytest.mark.parametrize("name", SINGLE)
def test_a_suite_runs_by_its_command_from_its_official_layout_to_the_report(name, miniature, levels, tmp_path):
    suite = SUITES[name]
    data = miniature(suite.dataset)
    ran = CliRunner().invoke(bench, [name, "--pipeline", str(levels), "--data", str(data), "-o", str(tmp_path)])
    assert ran.exit_code == 0, f"{ran.output}\n{ran.exception}"
    result = Result.read(tmp_path)
    assert result.about["data"]["clips"] == len(result.clips) == miniatures.CLIPS[name]
    assert result.about["losses"]["failed"] == {}
    for measure in suite.headline:
        assert result.value(measure) is not None, f"{measure} is shown, and no evaluator gives it"
        assert measure in ran.output
    drawn = CliRunner().invoke(report, [str(tmp_path)])
    assert drawn.exit_code == 0, drawn.output
    page = (tmp_path / "report.html").read_text()
    assert f"<h1>{name}</h1>" in page
    assert f"on {suite.tests_on}, {miniatures.CLIPS[name]} clips" in page


@pytest.mark.parametrize("name", [name for name in SINGLE if SUITES[name].split])
def test_the_clips_of_a_suite_are_those_of_its_own_split(name, miniature):
    suite = SUITES[name]
    chosen = select(suite, Choice(data=miniature(suite.dataset)))
    assert {sample.split for sample in chosen.samples} == set(suite.split)


@pytest.mark.parametrize("name", SINGLE)
def test_a_split_that_no_data_set_has_stops_every_suite(name, miniature):
    nonsense = replace(SUITES[name], split=("nonsense",))
    with pytest.raises(DatasetError, match='"nonsense"'):
        select(nonsense, Choice(data=miniature(nonsense.dataset)))


def test_the_nine_parts_of_mer_unibench_run_by_its_command(miniature, levels, tmp_path):
    suite, data = SUITES["mer-unibench"], miniature("mer-unibench")
    ran = CliRunner().invoke(bench, [suite.name, "-p", str(levels), "--data", str(data), "-o", str(tmp_path)])
    assert ran.exit_code == 0, f"{ran.output}\n{ran.exception}"
    told = json.loads((tmp_path / "mer-unibench.json").read_text())
    assert told["whole"]
    assert told["absent"] == {}
    assert set(told["scores"]) == {part.short for part in suite.parts}
    for part in suite.parts:
        assert Result.read(tmp_path / part.short).about["data"]["clips"] == 4
        if part.split:
            with pytest.raises(DatasetError, match='"nonsense"'):
                select(replace(part, split=("nonsense",)), Choice(data=data / part.folder))
    drawn = CliRunner().invoke(report, [str(tmp_path / "meld")])
    assert drawn.exit_code == 0, drawn.output
    refused = CliRunner().invoke(bench, [suite.name, "-p", str(levels), "--data", str(data), "--fold", "1"])
    assert "no folds over all of them" in str(refused.exception)


def test_a_split_is_asked_of_readers_that_read_only_what_they_are_asked_for(miniature):
    chosen = select(SUITES["mer2024-noise"], Choice(data=miniature("mer2024"), split=("train",)))
    assert {sample.split for sample in chosen.samples} == {"train"}


def test_mer2023s_tracks_are_scored_by_their_own_rules(miniature, levels, tmp_path):
    found = {}
    for name in ("mer2023", "mer2023-multi"):
        asked = [name, "-p", str(levels), "--data", str(miniature("mer2023")), "-o", str(tmp_path / name)]
        assert CliRunner().invoke(bench, asked).exit_code == 0
        found[name] = Result.read(tmp_path / name).measures["mer2023"]
    assert "mse" not in found["mer2023"]
    multi = found["mer2023-multi"]
    assert multi["score"] == pytest.approx(multi["weighted_f1"] - 0.25 * multi["mse"])


def test_what_is_lost_is_counted_by_reason_in_the_table_the_result_and_the_report(miniature, levels, tmp_path):
    data = tmp_path / "data"
    miniatures.dfew(data)
    (data / "Clip/original/1.mp4").unlink()
    miniatures.put(data / "Clip/original/2.mp4", b"")
    miniatures.put(data / "Clip/original/3.mp4", b"no recording at all")
    miniatures.put(data / "Clip/original/4.mp4", miniatures.tone(0.1, seconds=0.005))
    for path in sorted(data.glob("EmoLabel_DataSplit/*/*.csv")):  # 7 is fear, which the rule has no word for
        path.write_text(re.sub(r"(?m)^9,\d$", "9,7", path.read_text()))
    out = tmp_path / "out"
    ran = CliRunner().invoke(bench, ["dfew", "-p", str(levels), "--data", str(data), "-o", str(out)])
    assert ran.exit_code == 0, f"{ran.output}\n{ran.exception}"
    lost = Result.read(out).about["losses"]
    assert lost["left_out"] == {"no such file": 1, "the file has 0 bytes": 1}
    assert {one["id"] for one in lost["left_out_clips"]} == {"1", "2"}
    assert lost["failed"] == {"the recording cannot be decoded": 1}
    assert lost["out_of_reach"] == {"fear": 1}
    (why,) = lost["missing"]["speech"]
    assert why.startswith("the sound lasts … s")
    assert sum(lost["abstained"].values()) == 1
    CliRunner().invoke(report, [str(out)])
    page, console = (out / "report.html").read_text(), " ".join(ran.output.split())
    assert "8 clips of the 10 in the test set" in console
    for line in (
        "Left out of the test set: no such file (1), the file has 0 bytes (1).",
        "Not answered, and not counted: the recording cannot be decoded (1).",
        "has no emotion for the label: fear (1).",
        "Answered without speech: the sound lasts",
    ):
        assert line in console
        assert line in page


def test_clips_without_what_a_suite_is_about_are_left_out_and_counted(miniature, tmp_path):
    data = tmp_path / "data"
    miniatures.emer(data)
    path = data / "final-EMER-reason.csv"
    path.write_text(re.sub(r'(?m)"[^"]*happy\."$', "", path.read_text()))
    chosen = select(SUITES["emer"], Choice(data=data))
    assert [one.reason for one in chosen.left_out] == ["no description in words"]
    assert len(chosen.cases) == 3


def test_nothing_left_to_measure_says_why(tmp_path):
    data = Path(tmp_path)
    miniatures.dfew(data)
    for path in (data / "Clip/original").iterdir():
        path.unlink()
    with pytest.raises(Exception, match=r"no clip to measure.*10 left out: no such file"):
        select(SUITES["dfew"], Choice(data=data))

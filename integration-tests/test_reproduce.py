"""The page *Reproduce Emotion-LLaMA* runs as it stands, from raw miniature clips to the tables."""

import json
import re
import shlex
import sys
from pathlib import Path

import pytest
import torch
from affekt_benchmark.results import Result
from affekt_cli.main import app
from affekt_datasets import TrainingRecord
from safetensors.torch import load_file
from typer.testing import CliRunner

TESTS = Path(__file__).resolve().parent
sys.path.insert(0, str(TESTS))

import miniature_release  # noqa: E402

PAGE = (TESTS.parent / "docs/reproduce-emotion-llama.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"^```(yaml|console)\n(.*?)^```", PAGE, re.DOTALL | re.MULTILINE)
RUNS = ["stage-1", "stage-2", *(f"fold-{fold}" for fold in range(1, 6))]


def affekt(*arguments: str) -> str:
    ran = CliRunner().invoke(app, list(arguments))
    assert ran.exit_code == 0, f"affekt {shlex.join(arguments)}\n{ran.output}\n{ran.exception!r}"
    return ran.output


@pytest.fixture(scope="module")
def walked(tmp_path_factory, statement):
    """The folder in which every file of the page was written and every command of it was run."""
    folder, threads = tmp_path_factory.mktemp("reproduce"), torch.get_num_threads()
    miniature_release.write_data(folder / "data", statement)
    miniature_release.write_weights(folder / "weights")
    torch.set_num_threads(1)
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        for kind, body in BLOCKS:
            if kind == "yaml":
                name, _, content = body.partition("\n")
                Path(name.removeprefix("# ")).write_text(content, encoding="utf-8")
                continue
            for line in body.splitlines():
                affekt(*shlex.split(line.removeprefix("$ affekt ")))
        yield folder
    torch.set_num_threads(threads)


def test_each_folder_and_weight_that_the_page_names_stands_in_its_table_of_paths():
    table = PAGE[PAGE.index("| Path on this page") : PAGE.index("```")]
    named = {path for _, body in BLOCKS for path in re.findall(r"\b(?:data|weights)/[\w.-]*\w", body)}
    assert named == set(re.findall(r"`((?:data|weights)/[^`]+)`", table))


def test_training_computes_no_feature_that_extract_had_computed(walked):
    for run in RUNS:
        (part,) = json.loads((walked / f"runs/{run}/report.json").read_text())["data"]
        assert (part["computed"], part["reused"]) == (0, 4), run


def test_the_second_stage_goes_on_from_the_first_and_each_fold_leaves_its_clip_out(walked):
    assert [part.set for part in TrainingRecord.read(walked / "runs/stage-2/model").parts] == ["merr", "merr"]
    left_out = []
    for fold in range(1, 6):
        part = TrainingRecord.read(walked / f"runs/fold-{fold}/model").parts[-1]
        assert (part.set, part.fold, len(part.clips)) == ("dfew", str(fold), 4)
        left_out.append(part.clips)
    assert len(set(left_out)) == 5


def test_dfew_is_answered_by_five_models_each_on_the_fold_it_never_saw(walked):
    result = Result.read(walked / "out/dfew")
    assert sorted(row["fold"] for row in result.clips) == ["1", "2", "3", "4", "5"]
    assert [row["pipeline"]["reasoner"]["model"] for row in result.about["folds"]] == [
        f"runs/fold-{fold}/model" for fold in range(1, 6)
    ]
    assert result.about["warnings"] == []
    assert all("on none of the 1 clip" in said for said in result.about["held_out"])
    uars = [result.value(f"uar:fold {fold}")[0] for fold in range(1, 6)]
    assert result.value("uar")[0] == pytest.approx(sum(uars) / 5)


@pytest.mark.parametrize("track", ["semi", "noise", "ov"])
def test_each_track_of_mer2024_is_measured_on_its_own_clips_and_nothing_is_missing(walked, track):
    result = Result.read(walked / f"out/mer2024-{track}")
    prefix = {"semi": "samplenew_1", "noise": "samplenew_2", "ov": "sample_"}[track]
    assert len(result.clips) == 4
    assert all(row["id"].startswith(prefix) and not row["failure"] for row in result.clips)
    assert result.about["losses"]["missing"] == {}, "every encoder saw and heard every clip"
    assert result.about["warnings"] == []


def test_emer_scores_what_the_model_itself_wrote(walked):
    result = Result.read(walked / "out/emer")
    assert all(row["generated"] and row["description"] for row in result.clips)
    assert result.measures["emer-proxy"]["n"] == 4
    assert 0 <= result.measures["emer-proxy"]["clue"] <= 1


def test_the_ablation_compares_its_four_variants_of_which_one_was_trained_for_it(walked):
    found = json.loads((walked / "out/ablation/ablation.json").read_text())
    assert [row["name"] for row in found["rows"]] == ["all", "without voice", "without image", "stage 1 alone"]
    assert found.get("absent", {}) == {}
    for row in found["rows"][1:]:
        assert all(0 <= change["p"] <= change["p_holm"] <= 1 for change in row["changes"].values())
    everything, _, without_image, _ = (
        Result.read(walked / "out/ablation" / name).clips
        for name in ("all", "without-voice", "without-image", "stage-1-alone")
    )
    assert [row["scores"] for row in everything] != [row["scores"] for row in without_image]


def test_each_result_has_a_report_with_its_table(walked):
    for name in ("dfew", "emer", "ablation"):
        assert "<table" in (walked / f"out/{name}/report.html").read_text(encoding="utf-8"), name
    assert "each model on its own test fold" in (walked / "out/dfew/report.html").read_text(encoding="utf-8")
    assert "without voice" in (walked / "out/ablation/report.html").read_text(encoding="utf-8")
    assert "<table" in (walked / "out/mer2024-semi.html").read_text(encoding="utf-8")


def test_what_is_run_again_comes_out_the_same(walked, monkeypatch):
    monkeypatch.chdir(walked)
    affekt("train", "stage-1.yaml", "--out", "runs/again")
    for before in (walked / "runs/stage-1/model").rglob("*.safetensors"):
        after = walked / "runs/again/model" / before.relative_to(walked / "runs/stage-1/model")
        first, second = load_file(before), load_file(after)
        assert first.keys() == second.keys()
        assert all(torch.equal(first[name], second[name]) for name in first)
    options = ["--data", "data/MER2024", "--pipeline", "emotion-llama.yaml", "--set", "reasoner.task=null"]
    affekt("bench", "mer2024-semi", *options, "-o", "out/again")
    once, again = Result.read(Path("out/mer2024-semi")), Result.read(Path("out/again"))
    assert [row["scores"] for row in once.clips] == [row["scores"] for row in again.clips]

"""Models of a cross-validation, each measured on the fold it left out, and joined to the official scores."""

import shutil

import numpy as np
import pytest
from affekt_benchmark.commands.bench import app as bench
from affekt_benchmark.commands.report import app as report
from affekt_benchmark.material import fold_models
from affekt_benchmark.material.suites import BenchmarkError
from affekt_benchmark.results import Result
from affekt_datasets import TrainedOn, TrainingRecord, folds, read
from sklearn.metrics import accuracy_score, recall_score
from typer.testing import CliRunner


def run(*arguments):
    ran = CliRunner().invoke(bench, [str(one) for one in arguments])
    assert ran.exit_code == 0, f"{ran.output}\n{ran.exception}"
    return ran.output


@pytest.fixture(scope="module")
def runs(miniature, emotion_llama, tmp_path_factory):
    """Five training runs, each with the record of a model that left its fold out."""
    folder, dataset = tmp_path_factory.mktemp("runs"), read("dfew", miniature("dfew"))
    for fold in folds(dataset):
        _, model = emotion_llama(dataset.vocabulary.labels, f"model-{fold.name}", seed=int(fold.name))
        own = folder / f"fold-{fold.name}" / "model"
        shutil.copytree(model, own)
        part = TrainedOn.of("dfew", fold.train, protocol="official", fold=fold.name)
        TrainingRecord(parts=(part,)).write(own)
    return folder


@pytest.fixture(scope="module")
def joined(runs, miniature, emotion_llama, tmp_path_factory):
    """As the documentation writes it: the shell expands the pattern."""
    out = tmp_path_factory.mktemp("joined")
    untrained, _ = emotion_llama(["happy"])
    output = run("dfew", "-p", untrained, "--data", miniature("dfew"), "-o", out, "--models", *sorted(runs.iterdir()))
    return Result.read(out), output, out


def test_five_models_are_each_measured_on_their_own_fold_and_joined_to_means_over_folds(joined, runs):
    result, output, _ = joined
    assert [row["fold"] for row in result.about["folds"]] == ["1", "2", "3", "4", "5"]
    for row in result.about["folds"]:
        model = str(runs / f"fold-{row['fold']}" / "model")
        assert row["pipeline"]["reasoner"]["model"] == row["pipeline"]["fuser"]["model"] == model
    uars, wars = [], []
    for fold in "12345":
        rows = [row for row in result.clips if row["fold"] == fold]
        assert {int(row["id"]) % 5 + 1 for row in rows} == {int(fold)}, "a clip of another fold was measured"
        truth, said = [row["true_label"] for row in rows], [row["answer"] for row in rows]
        uars.append(recall_score(truth, said, labels=sorted(set(truth)), average="macro", zero_division=0))
        wars.append(accuracy_score(truth, said))
        assert result.value(f"uar:fold {fold}")[0] == pytest.approx(uars[-1])
    assert result.value("uar")[0] == pytest.approx(np.mean(uars))
    assert result.value("war")[0] == pytest.approx(np.mean(wars))
    assert result.about["warnings"] == []
    assert len(result.about["held_out"]) == 5
    assert "by its record" in output


def test_the_models_differ_so_each_fold_was_answered_by_its_own(joined, runs, miniature, tmp_path):
    result, _, _ = joined
    run("dfew", "-p", _pipeline(runs / "fold-3/model", tmp_path), "--data", miniature("dfew"), "--fold", "3", "-o",
        tmp_path / "three")  # fmt: skip
    alone = {row["id"]: row["answered_scores"] for row in Result.read(tmp_path / "three").clips}
    among = {row["id"]: row["answered_scores"] for row in result.clips if row["fold"] == "3"}
    assert alone == among
    others = {tuple(row["answered_scores"].values()) for row in result.clips if row["fold"] != "3"}
    assert not others & {tuple(scores.values()) for scores in alone.values()}


def _pipeline(model, folder):
    path = folder / "pipeline.yaml"
    path.write_text(
        f"encoders: {{speech: loudness}}\nfuser: {{use: linear, model: {model}}}\n"
        f"reasoner: {{use: emotion-llama, model: {model}, task: null}}\n"
    )
    return path


def test_the_report_shows_each_fold(joined):
    _, _, out = joined
    drawn = CliRunner().invoke(report, [str(out)])
    assert drawn.exit_code == 0, drawn.output
    page = (out / "report.html").read_text()
    assert "each model on its own test fold" in page
    assert page.count("by its record") == 5


def test_one_fold_alone_is_scored_as_one_test_set(miniature, levels, tmp_path):
    run("dfew", "-p", levels, "--data", miniature("dfew"), "--fold", "1", "-o", tmp_path)
    result = Result.read(tmp_path)
    assert {row["fold"] for row in result.clips} == {"1"}
    assert result.about["data"]["fold"] == "1"
    assert result.about["evaluators"]["dfew"]["options"]["folds"] == 1
    unknown = CliRunner().invoke(bench, ["dfew", "-p", str(levels), "--data", str(miniature("dfew")), "--fold", "6"])
    assert 'dfew has no fold "6"' in str(unknown.exception)


def test_folds_without_a_model_and_clips_that_were_trained_on_are_told(runs, miniature, emotion_llama, tmp_path):
    untrained, _ = emotion_llama(["happy"])
    shutil.copytree(runs / "fold-2", tmp_path / "leaky")
    everything = TrainedOn.of("dfew", read("dfew", miniature("dfew")), protocol="official", fold="2")
    TrainingRecord(parts=(everything,)).write(tmp_path / "leaky/model")
    out = tmp_path / "out"
    run("dfew", "-p", untrained, "--data", miniature("dfew"), "-o", out, "--models", f"{runs}/fold-[1]", "--models",
        tmp_path / "leaky")  # fmt: skip
    result = Result.read(out)
    absent, leaked = result.about["warnings"]
    assert absent.startswith("3 of 5 folds have no model (3, 4, 5)")
    assert leaked.startswith('Fold 2: TRAINED ON THESE CLIPS: the slot "reasoner" was trained on 2 of the 2 clips')
    assert [row["held_out"] for row in result.about["folds"]] == [True, False]


def test_a_model_that_does_not_say_its_fold_is_asked_for_it(runs, emotion_llama, tmp_path):
    _, model = emotion_llama(["happy"])
    with pytest.raises(BenchmarkError, match=r"does not say which fold of dfew[\s\S]*Try: --models FOLD="):
        fold_models.assign([str(model)], "dfew", "official")
    assert fold_models.assign([f"4={model}"], "dfew", "official") == {"4": model}
    with pytest.raises(BenchmarkError, match='given as the model of fold "4", but left out 1'):
        fold_models.assign([f"4={runs / 'fold-1'}"], "dfew", "official")
    with pytest.raises(BenchmarkError, match='both left out the fold "1"'):
        fold_models.assign([str(runs / "fold-1"), str(runs / "fold-1" / "model")], "dfew", "official")
    with pytest.raises(BenchmarkError, match="there is no model"):
        fold_models.assign([str(tmp_path / "nowhere")], "dfew", "official")


def test_pipelines_stand_for_models_in_leave_one_session_and_leave_one_speaker_out(miniature, levels, tmp_path):
    quieter = tmp_path / "quieter.yaml"
    quieter.write_text("encoders: {speech: loudness}\nreasoner: {use: level-rule, offset: -60}\n")
    sessions = [f"--models=iemocap-{n}={levels if n < 5 else quieter}" for n in range(1, 6)]
    run("iemocap", "-p", levels, "--data", miniature("iemocap"), "--protocol", "leave-one-session-out", *sessions, "-o",
        tmp_path / "sessions")  # fmt: skip
    result = Result.read(tmp_path / "sessions")
    by_session = [result.value(f"uar:fold iemocap-{n}")[0] for n in range(1, 6)]
    assert by_session == [1.0, 1.0, 1.0, 1.0, 0.25]
    assert result.value("uar")[0] == pytest.approx(0.85)
    assert result.about["losses"]["left_out"] == {"a label outside the vocabulary": 5}
    speakers = [f"--models=emodb-{name}={levels}" for name in ("03", "08")]
    run("emodb", "-p", levels, "--data", miniature("emodb"), "--protocol", "leave-one-speaker-out", *speakers, "-o",
        tmp_path / "speakers")  # fmt: skip
    assert Result.read(tmp_path / "speakers").value("uar")[0] == 1.0


def test_what_cannot_be_meant_is_refused(levels, miniature):
    for arguments, why in (
        (["runs/fold-1"], "is no option"),
        (["--models", "a", "--fold", "1"], "--models measures every fold"),
        (["--protocol", "leave-one-speaker"], 'Did you mean "leave-one-speaker-out"'),
        (["--models", f"1={miniature('dfew')}"], "neither the fuser nor the reasoner"),
    ):
        ran = CliRunner().invoke(bench, ["dfew", "-p", str(levels), "--data", str(miniature("dfew")), *arguments])
        assert why in str(ran.exception)


def test_a_model_that_is_trained_anew_in_the_same_folder_is_asked_anew(miniature, emotion_llama, runs, tmp_path):
    model = tmp_path / "model"
    shutil.copytree(runs / "fold-1/model", model)
    asked = ["dfew", "-p", _pipeline(model, tmp_path), "--data", miniature("dfew"), "--fold", "1", "-o", tmp_path / "o"]
    run(*asked)
    before = [row["answered_scores"] for row in Result.read(tmp_path / "o").clips]
    shutil.rmtree(model)
    shutil.copytree(runs / "fold-2/model", model)
    run(*asked)
    assert [row["answered_scores"] for row in Result.read(tmp_path / "o").clips] != before

"""Ablations: in the suite's own measures, paired, corrected, over probes, pipelines and variants that are trained."""

import json
import math
import re

import miniatures
import numpy as np
import pytest
import yaml
from affekt_benchmark.commands.ablate import app as ablate_app
from affekt_benchmark.comparisons import retraining
from affekt_benchmark.comparisons.ablation import ablate
from affekt_benchmark.comparisons.holm import holm
from affekt_benchmark.comparisons.plan import Plan, shipped
from affekt_benchmark.material.suites import BenchmarkError
from affekt_benchmark.reports import report
from affekt_benchmark.results import Result
from affekt_datasets import TrainingRecord
from affekt_metrics.mer2023 import Mer2023
from typer.testing import CliRunner


def silent(done, total):
    pass


@pytest.fixture(scope="module")
def ablated(corpus, pipeline, tmp_path_factory):
    out = tmp_path_factory.mktemp("ablation")
    plan = Plan.model_validate(
        {
            "suite": "ravdess",
            "folds": 3,
            "variants": {
                "level": {"probe": {"speech": "loudness"}},
                "level, mean only": {"probe": {"speech": "loudness"}, "pool": ["mean"]},
                "prosody": {"probe": {"speech": "prosody"}},
                "out of reach": {"probe": {"speech": "loudness"}, "take": {"speech": [0, 7]}},
                "both, late": {"probe": {"level": "loudness", "speech": "prosody"}, "join": "late"},
                "the rule": {"pipeline": str(pipeline)},
            },
        }
    )
    return ablate(plan, corpus, out, out / "features", silent), out


def test_an_ablation_compares_probes_and_pipelines_in_pairs_in_all_measures_of_the_suite(ablated):
    found, out = ablated
    assert found.measures == ["uar", "accuracy"]
    first, *others = found.rows
    assert first.changes == {}
    for row in others:
        for change in row.changes.values():
            assert change.low <= change.difference <= change.high
            assert change.p <= change.p_holm <= 1
    assert first.figures["uar"].value >= 0.5
    assert list(found.absent) == ["out of reach"], "one that cannot be had does not stop the others"
    whole = json.loads((out / "ablation.json").read_text())
    assert [row["name"] for row in whole["rows"]] == [row.name for row in found.rows]
    assert Result.read(out / "prosody").measures["uar"]["uar"] == found.rows[2].figures["uar"].value


def test_p_values_are_corrected_for_all_comparisons_of_all_measures(ablated):
    found, _ = ablated
    changes = sorted(
        (change for row in found.rows for change in row.changes.values()), key=lambda change: change.p
    )  # fmt: skip
    assert len(changes) == 8
    steps = np.array([change.p for change in changes]) * np.arange(8, 0, -1)
    assert [change.p_holm for change in changes] == pytest.approx(np.minimum(1, np.maximum.accumulate(steps)).tolist())


def test_holms_correction_by_hand():
    assert holm([0.01, 0.04, 0.03]) == pytest.approx([0.03, 0.06, 0.06])
    assert holm([0.5, 0.6]) == pytest.approx([1.0, 1.0])
    first, second = holm([math.nan, 0.02])
    assert math.isnan(first)
    assert second == pytest.approx(0.02)


def variants(levels, tmp_path):
    quieter = tmp_path / "quieter.yaml"
    quieter.write_text(levels.read_text().replace("level-rule", "{use: level-rule, offset: -12}"))
    return {"levels": {"pipeline": str(levels)}, "quieter": {"pipeline": str(quieter)}}


def test_mer2023_is_compared_by_its_own_score_on_its_own_track(miniature, levels, tmp_path):
    for name, track in (("mer2023", "semi"), ("mer2023-multi", "multi")):
        plan = Plan.model_validate({"suite": name, "variants": variants(levels, tmp_path)})
        assert plan.problems() == []
        found = ablate(plan, miniature("mer2023"), tmp_path / name, tmp_path / "store", silent)
        assert found.measures[0] == "score"
        predictions, truth = Result.read(tmp_path / name / "quieter").pairs()
        expected = Mer2023(track=track).evaluate(predictions, truth)["score"]
        assert found.rows[1].figures["score"].value == pytest.approx(expected)
        assert found.rows[1].changes["score"].difference < 0


def test_emer_is_compared_by_its_clues_and_labels(miniature, levels, tmp_path):
    plan = Plan.model_validate({"suite": "emer", "variants": variants(levels, tmp_path)})
    assert plan.problems() == []
    found = ablate(plan, miniature("emer"), tmp_path / "out", tmp_path / "store", silent)
    assert found.measures == ["clue", "label", "level1"]
    assert found.rows[1].changes["level1"].p_holm is not None


def test_a_measure_that_there_is_not_is_named_beside_those_that_there_are(miniature, levels, tmp_path):
    asked = {"suite": "emodb", "variants": variants(levels, tmp_path)}
    plan = Plan.model_validate(asked | {"measures": ["score"]})
    with pytest.raises(BenchmarkError, match=r'there is no "score" among those of emodb\nTry: .*uar\.uar'):
        ablate(plan, miniature("emodb"), tmp_path / "out", tmp_path / "store", silent)
    plan = Plan.model_validate(asked | {"measures": ["f1.weighted_f1", "ece"]})
    found = ablate(plan, miniature("emodb"), tmp_path / "out", tmp_path / "store", silent)
    assert found.rows[0].figures["f1.weighted_f1"].value == 1.0


def test_a_measure_without_sums_is_compared_without_a_test(miniature, levels, tmp_path):
    plan = Plan.model_validate({"suite": "emodb", "measures": ["uar", "aurc"], "variants": variants(levels, tmp_path)})
    found = ablate(plan, miniature("emodb"), tmp_path / "out", tmp_path / "store", silent)
    change = found.rows[1].changes["aurc"]
    assert (change.p, change.low) == (None, None)
    assert change.difference > 0
    report.write_ablation(tmp_path / "out", tmp_path / "page.html")


def test_a_clip_that_one_variant_cannot_answer_is_left_out_of_all_and_counted(levels, tmp_path):
    data = tmp_path / "data"
    miniatures.emodb(data)
    short = data / "wav/03a01Wa.wav"
    miniatures.put(short, miniatures.tone(0.45, seconds=0.01))
    plan = Plan.model_validate({
        "suite": "emodb", "folds": 2,
        "variants": {"the rule": {"pipeline": str(levels)}, "a probe": {"probe": {"speech": "loudness"}}},
    })  # fmt: skip
    found = ablate(plan, data, tmp_path / "out", tmp_path / "store", silent)
    assert found.clips == 7
    assert found.lost["left_out"] == {'"a probe" did not answer: an encoder found nothing in it': 1}
    assert "the sound lasts" in found.lost["left_out_clips"][0]["detail"]
    assert len(Result.read(tmp_path / "out/the-rule").clips) == 7


def test_probes_follow_a_protocol_by_name(miniature, tmp_path):
    asked = {"suite": "iemocap", "folds": "leave-one-session-out", "variants": {
        "level": {"probe": {"speech": "loudness"}}, "its maximum": {"probe": {"speech": "loudness"}, "pool": ["max"]},
    }}  # fmt: skip
    plan = Plan.model_validate(asked)
    found = ablate(plan, miniature("iemocap"), tmp_path / "out", tmp_path / "store", silent)
    assert found.rows[0].figures["uar"].value == 1.0
    assert {row["fold"] for row in Result.read(tmp_path / "out/level").clips} == {f"iemocap-{n}" for n in range(1, 6)}
    (problem,) = Plan.model_validate(asked | {"fold": "iemocap-5"}).problems()
    assert "cross-validated over all folds" in problem


def test_one_fold_is_compared_on(miniature, levels, tmp_path):
    plan = Plan.model_validate({"suite": "dfew", "fold": "2", "variants": variants(levels, tmp_path)})
    found = ablate(plan, miniature("dfew"), tmp_path / "out", tmp_path / "store", silent)
    assert found.clips == 2
    assert found.rows[0].figures["war"].value == 1.0


def test_a_plan_tells_all_its_problems(tmp_path):
    path = tmp_path / "plan.yaml"
    path.write_text(
        "suite: emer\nevaluators: {uar: {foldz: 1}}\nvariants:\n  a: {probe: {speech: loudnes}}\n"
        "  b: {pipeline: default, set: {speach.layer: 1}}\n"
    )
    wanted = r"a: a probe answers closed labels[\s\S]*evaluators: [\s\S]*foldz[\s\S]*a: .*loudness[\s\S]*b: .*speach"
    with pytest.raises(BenchmarkError, match=wanted):
        Plan.read(str(path))
    path.write_text("suite: mer-unibench\nvariants:\n  a: {pipeline: default}\n  b: {pipeline: heads}\n")
    with pytest.raises(BenchmarkError, match="has parts; compare on one: mer-unibench/mer2023"):
        Plan.read(str(path))
    path.write_text("suite: dfew\nvariants:\n  a: {train: x}\n  b: {pipeline: heads, change: {lora: null}}\n")
    with pytest.raises(BenchmarkError, match=r"a: .*a variant is either[\s\S]*b: .*train is missing"):
        Plan.read(str(path))
    path.write_text("suite: dfew\nvariants:\n  a: {pipeline: default}\n  b: {pipeline: default, train: mini-stage-3}\n")
    with pytest.raises(BenchmarkError, match=r'variants\.b: there is no configuration "mini-stage-3"'):
        Plan.read(str(path))
    with pytest.raises(BenchmarkError, match='Did you mean "voice"'):
        Plan.read("voise")


def test_the_plans_that_ship_are_in_order():
    assert set(shipped()) == {"voice", "modalities", "encoders", "prompts", "fusers"}
    for name in ("voice", "modalities", "prompts", "fusers"):
        Plan.read(name)


def write_stage(file, llama, name, root):
    """A training on all of a data set."""
    import tiny_llama

    stage = {
        "name": "tiny", "out": "unused", "store": str(file.parent / "store"),
        "language_model": str(llama), "prompt": tiny_llama.FORM,
        "fuser": {"use": "linear", "options": {"projections": [tiny_llama.PROJECTION]}},
        "lora": {"rank": 2, "alpha": 4, "dropout": 0.0, "targets": ["q_proj"]},
        "labels": ["neutral", "happy", "sad", "angry"], "features": {"speech": {"use": "loudness"}},
        "data": [{"set": name, "root": str(root)}],
        "epochs": 1, "batch": 4, "learning_rate": 0.01, "warmup": 0, "validation": {"share": 0}, "temperature": 1.0,
    }  # fmt: skip
    file.write_text(yaml.safe_dump(stage))


@pytest.fixture(scope="module")
def retrained(corpus, llama, emotion_llama, tmp_path_factory):
    """Trainings on all actors but the one whose fold is measured, by the command."""
    pytest.importorskip("affekt_training")
    import tiny_llama

    folder = tmp_path_factory.mktemp("retrained")
    untrained, _ = emotion_llama(("neutral", "happy", "sad", "angry"))
    write_stage(folder / "stage.yaml", llama, "ravdess", corpus)
    plan = {
        "suite": "ravdess", "fold": "ravdess-03", "folds": "leave-one-speaker-out",
        "variants": {
            "with LoRA": {"train": "stage.yaml", "pipeline": str(untrained)},
            "without LoRA": {"train": "stage.yaml", "change": {"lora": None}, "pipeline": str(untrained)},
            "attention": {
                "train": "stage.yaml", "pipeline": str(untrained),
                "change": {"fuser": {"use": "attention", "options": {"streams": ["speech"]}},
                           "prompt": tiny_llama.FORM | {"feature_tokens": 2}},
                "set": {"fuser": {"use": "attention", "streams": ["speech"]}},
            },
        },
    }  # fmt: skip
    (folder / "plan.yaml").write_text(yaml.safe_dump(plan))
    asked = [str(folder / "plan.yaml"), "--data", str(corpus), "-o", str(folder / "out"), "--store", str(folder / "f")]
    return CliRunner(env={"AFFEKT_CACHE": str(folder / "cache")}).invoke(ablate_app, asked), folder, asked


def test_variants_are_trained_each_by_its_own_configuration_and_measured_on_who_was_held_out(retrained):
    ran, folder, _ = retrained
    assert ran.exit_code == 0, f"{ran.output}\n{ran.exception}"
    out = folder / "out"
    models = {name: out / name / "training" / "model" for name in ("with-lora", "without-lora", "attention")}
    assert (models["with-lora"] / "adapter").is_dir()
    assert not (models["without-lora"] / "adapter").exists()
    for name, model in models.items():
        result = Result.read(out / name)
        assert result.about["pipeline"]["reasoner"]["model"] == str(model)
        assert {row["group"] for row in result.clips} == {"ravdess-03"}
        assert TrainingRecord.read(model).parts[0].speakers == ("ravdess-01", "ravdess-02")
        assert result.about["warnings"] == []
        assert result.about["held_out"]
    told = json.loads((out / "ablation.json").read_text())
    assert told["absent"] == {}
    assert told["plan"]["variants"]["without LoRA"]["change"] == {"lora": None}


def test_the_same_training_is_not_run_twice_and_a_changed_one_is(retrained, monkeypatch):
    from affekt_training import stage

    _, folder, asked = retrained
    trained = []
    monkeypatch.setattr(stage, "train", lambda *call, **more: trained.append(call) or pytest.fail("trained again"))
    assert CliRunner().invoke(ablate_app, asked).exit_code == 0
    out = folder / "out/without-lora/training"
    with pytest.raises(pytest.fail.Exception):
        retraining.retrain(str(folder / "stage.yaml"), {"epochs": 2}, out, print)
    assert len(trained) == 1
    assert not (out / "model").exists(), "what another configuration left would have been taken over"


def test_a_model_is_trained_for_each_fold_and_answers_the_clips_it_was_not_trained_on(
    miniature, llama, levels, emotion_llama, tmp_path
):
    pytest.importorskip("affekt_training")
    untrained, _ = emotion_llama(("neutral", "happy", "sad", "angry"))
    write_stage(tmp_path / "stage.yaml", llama, "emodb", miniature("emodb"))
    plan = Plan.model_validate({"suite": "emodb", "folds": "leave-one-speaker-out", "variants": {
        "the rule": {"pipeline": str(levels)},
        "trained": {"train": str(tmp_path / "stage.yaml"), "pipeline": str(untrained)},
    }})  # fmt: skip
    said = []
    ablate(plan, miniature("emodb"), tmp_path / "out", tmp_path / "store", silent, said.append)
    assert "a model without fold emodb-03" in said
    result = Result.read(tmp_path / "out/trained")
    assert [(row["fold"], row["clips"]) for row in result.about["folds"]] == [("emodb-03", 4), ("emodb-08", 4)]
    for row, other in zip(result.about["folds"], ("emodb-08", "emodb-03"), strict=True):
        model = tmp_path / f"out/trained/training/fold-{row['fold']}/model"
        assert row["pipeline"]["reasoner"]["model"] == str(model)
        assert TrainingRecord.read(model).parts[0].speakers == (other,)
    assert result.about["warnings"] == []
    assert len(result.about["held_out"]) == 2
    assert len(result.clips) == 8
    scores = {row["fold"]: set() for row in result.clips}
    for row in result.clips:
        scores[row["fold"]].add(tuple(row["answered_scores"].values()))
    assert not scores["emodb-03"] & scores["emodb-08"], "one model answered both"


def test_a_report_of_two_systems_is_one_page_with_sound_and_no_requests(ablated, tmp_path):
    _, out = ablated
    page = tmp_path / "report.html"
    report.write([Result.read(out / "prosody"), Result.read(out / "the-rule")], page, most_errors=3)
    text = page.read_text()
    assert text.count("data:audio/flac;base64,") == 3
    for title in ("Confusions", "Recall of each emotion", "Can confidence be believed?", "Published by others"):
        assert title in text
    head = text[: text.index("<script>")] + text[text.index("</script>") :]
    assert not re.search(r'(?:src|href)="(?!data:|#)', head)
    with pytest.raises(BenchmarkError, match="one or two results; found 0"):
        report.write([], page, 1)


def test_a_report_of_an_ablation_shows_every_variant_in_every_measure_with_its_interval(ablated, tmp_path):
    found, out = ablated
    page = tmp_path / "ablation.html"
    report.write_ablation(out, page)
    text = page.read_text()
    head = text[: text.index("<script>")] + text[text.index("</script>") :]
    assert not re.search(r'(?:src|href)="(?!data:|#)', head)
    for row in found.rows:
        assert head.count(f"<td>{row.name}</td>") == 2
        for figure in row.figures.values():
            assert f"{figure.low:.3f} to {figure.high:.3f}" in head
    assert "all 8 comparisons" in head
    (tmp_path / "ablation.json").write_text('{"rows": 3}')
    with pytest.raises(BenchmarkError, match="holds no ablation"):
        report.write_ablation(tmp_path, page)

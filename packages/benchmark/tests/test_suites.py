"""Suites, ablations and reports on a corpus of tones, through real components."""

import json
from pathlib import Path

import numpy as np
import pyarrow.parquet
import pytest
from affekt import EmotionPrediction, PipelineSpec, Reference
from affekt_benchmark.commands.bench import app as bench
from affekt_benchmark.material.cases import Choice, select
from affekt_benchmark.material.suites import SUITES, BenchmarkError, find
from affekt_benchmark.material.translation import Translation
from affekt_benchmark.reports import report
from affekt_benchmark.reports.published import STANDINGS, published
from affekt_benchmark.results import Result
from affekt_benchmark.runs import measuring, progress, running
from affekt_datasets import vocabulary
from typer.testing import CliRunner


def silent(done, total):
    pass


def cases(suite, folder, limit=None, seed=0):
    return select(suite, Choice(data=folder, limit=limit, seed=seed)).cases


@pytest.fixture(scope="module")
def done(corpus, pipeline, tmp_path_factory):
    out = tmp_path_factory.mktemp("out")
    asked = measuring.Request(spec=PipelineSpec.read(pipeline), data=corpus)
    return measuring.measure(find("ravdess"), asked, out, silent), out


def test_a_result_holds_what_is_needed_to_repeat_it(done, corpus):
    result, out = done
    again = Result.read(out)
    assert again.measures == result.measures
    assert {row["id"] for row in again.clips} == {path.stem for path in corpus.rglob("*.wav")}
    assert again.pairs()[0] == result.pairs()[0]
    about = json.loads((out / "result.json").read_text())["about"]
    assert about["pipeline"]["encoders"]["speech"]["use"] == "loudness"
    assert about["versions"]["affekt-basics"]
    assert about["data"]["clips"] == 12
    assert len(about["data"]["sha256"]) == 64
    assert result.measures["uar"]["clusters"] == 3
    table = pyarrow.parquet.read_table(out / "clips.parquet")
    assert json.loads(table.schema.metadata[b"affekt"])["suite"] == "ravdess"


def test_a_result_finds_its_recordings_from_any_folder(corpus, pipeline, tmp_path, monkeypatch):
    monkeypatch.chdir(corpus.parent)
    asked = measuring.Request(spec=PipelineSpec.read(pipeline), data=Path(corpus.name))
    measuring.measure(find("ravdess"), asked, tmp_path / "out", silent)
    monkeypatch.chdir(tmp_path)
    assert all(Path(row["media"]).is_file() for row in Result.read(tmp_path / "out").clips)


def test_an_interrupted_run_goes_on_where_it_stopped(done, corpus, pipeline, monkeypatch):
    result, out = done
    journal = out / "answers.jsonl"
    lines = journal.read_text().splitlines(keepends=True)
    journal.write_text("".join(lines[:8]) + lines[8][: len(lines[8]) // 2])
    asked, analyze = [], running.ask
    monkeypatch.setattr(running, "ask", lambda *call: asked.append(call) or analyze(*call))
    spec = PipelineSpec.read(pipeline)
    again = measuring.measure(find("ravdess"), measuring.Request(spec=spec, data=corpus), out, silent)
    assert len(asked) == 4
    assert again.measures == result.measures
    changed = spec.swap(**{"speech.hop": 0.05})
    measuring.measure(find("ravdess"), measuring.Request(spec=changed, data=corpus, limit=4), out, silent)
    assert len(asked) == 8


def test_a_log_is_told_how_far_a_run_is_and_how_long_it_will_take(monkeypatch, capsys):
    clock = iter([0.0, 0.5, 30.0, 61.0, 90.0, 122.0])
    monkeypatch.setattr(progress.time, "monotonic", lambda: next(clock))
    with progress.shown("ravdess") as told:
        for done in (40, 50, 60, 70, 100):  # forty were there already
            told(done, 100)
    lines = capsys.readouterr().err.splitlines()
    assert lines == ["ravdess: 60 of 100, about 2 min left", "ravdess: 100 of 100"]


def test_a_limit_takes_labels_and_speakers_evenly(corpus):
    chosen = cases(find("ravdess"), corpus, 8, seed=1)
    assert sorted(case.reference.label for case in chosen) == sorted(["neutral", "happy", "sad", "angry"] * 2)
    assert [case.reference.id for case in chosen] == [
        case.reference.id for case in cases(find("ravdess"), corpus, 8, seed=1)
    ]
    with pytest.raises(Exception, match="does not exist"):
        cases(find("ravdess"), corpus / "nowhere")


def test_a_clip_that_cannot_be_read_is_counted(corpus, pipeline, tmp_path):
    for path in list(corpus.rglob("*.wav"))[:4]:
        copy = tmp_path / "data" / path.parent.name / path.name
        copy.parent.mkdir(parents=True, exist_ok=True)
        copy.write_bytes(path.read_bytes())
    broken = tmp_path / "data" / "Actor_09" / "03-01-05-01-01-01-09.wav"
    broken.parent.mkdir()
    broken.write_bytes(b"no sound at all")
    asked = measuring.Request(spec=PipelineSpec.read(pipeline), data=tmp_path / "data")
    result = measuring.measure(find("ravdess"), asked, tmp_path / "out", silent)
    assert result.about["losses"]["failed"] == {"the recording cannot be decoded": 1}
    assert result.measures["uar"]["n"] == 4
    assert [row["failure"] != "" for row in result.clips].count(True) == 1


def test_answers_are_translated_and_what_is_out_of_reach_is_told():
    said = EmotionPrediction(scores={"angry": 0.5, "disgusted": 0.2, "bored": 0.3}, labels=("angry", "tense"))
    to_ravdess = Translation.of("ravdess", near=False)
    assert to_ravdess(said).scores["disgust"] == pytest.approx(2 / 7)
    assert to_ravdess(said).labels == ("angry", "tense")
    assert "happy" not in to_ravdess.reach(list(said.scores))
    assert "worried" not in Translation.of("mer2023", near=False).reach(["fearful", "happy"])
    assert "worried" in Translation.of("mer2023", near=True).reach(["fearful", "happy"])
    lost = to_ravdess(EmotionPrediction(scores={"bored": 1.0}))
    assert "no label here" in lost.abstained


def test_every_suite_names_what_exists_and_published_figures_are_cited():
    for suite in SUITES.values():
        for part in suite.parts or (suite,):
            assert part.vocabulary is None or vocabulary(part.vocabulary)
    for name, beside in published().items():
        assert name in SUITES
        for figure in beside.figures:
            assert figure.standing in STANDINGS
            assert figure.source[0].isupper() or figure.source.startswith("github")
    with pytest.raises(BenchmarkError, match='Did you mean "ravdess"'):
        find("ravdes")


@pytest.fixture(scope="module")
def unibench(corpus, pipeline, tmp_path_factory):
    """Two of the nine data sets in the folders of the release, measured through the command."""
    root, out = tmp_path_factory.mktemp("unibench"), tmp_path_factory.mktemp("measured")
    sounds = sorted(corpus.rglob("*.wav"))
    for folder, media, array, told in (
        ("cmumosi-process", "subvideo", "test", lambda n: {"val": (-1.5, 0.0, 2.0)[n % 3]}),
        ("iemocap-process", "subvideo-tgt", "whole", lambda n: {"emo": n % 4}),
    ):
        names = [f"Ses05F_impro01_{'FM'[n % 2]}{n:03d}" for n in range(6)]
        (root / folder / media).mkdir(parents=True)
        for name, sound in zip(names, sounds, strict=False):
            (root / folder / media / f"{name}.wav").write_bytes(sound.read_bytes())
        arrays = {array: {name: told(n) for n, name in enumerate(names)}}
        arrays |= {} if array == "whole" else {"train": {}, "val": {}}
        file = root / folder / ("label_4way.npz" if array == "whole" else "label.npz")
        np.savez(file, **{f"{name}_corpus": np.array(value, dtype=object) for name, value in arrays.items()})
    asked = ["mer-unibench", "--pipeline", str(pipeline), "--data", str(root), "-o", str(out)]
    return CliRunner().invoke(bench, asked), out


def test_mer_unibench_tells_each_score_the_mean_and_what_is_absent(unibench):
    ran, out = unibench
    assert ran.exit_code == 0, ran.output
    told = json.loads((out / "mer-unibench.json").read_text())
    assert set(told["scores"]) == {"cmu-mosi", "iemocap"}
    assert told["mean"] == pytest.approx(sum(score["value"] for score in told["scores"].values()) / 2)
    assert not told["whole"]
    assert set(told["absent"]) == {
        "mer2023", "mer2024", "meld", "cmu-mosei", "ch-sims", "ch-sims-v2", "ov-merd-plus"
    }  # fmt: skip
    assert Result.read(out / "cmu-mosi").measures["sentiment"]["zero"] == 2
    assert "mean over 2 of 9" in ran.output
    assert "meld was not measured" in ran.output
    assert "comparable with no published one" in ran.output
    part = Result.read(out / "iemocap")
    report.write([part], out / "iemocap.html", most_errors=1)
    assert "Published by others" not in (out / "iemocap.html").read_text(), "figures of other measures were set beside"


def test_a_folder_without_a_result_is_refused(tmp_path):
    with pytest.raises(BenchmarkError, match="holds no result"):
        Result.read(tmp_path)


def test_references_reach_evaluators_unchanged(done):
    result, _ = done
    _, truth = result.pairs()
    assert truth[0] == Reference(
        id=truth[0].id, label=truth[0].label, labels=(truth[0].label,), group="ravdess-01"
    )  # fmt: skip

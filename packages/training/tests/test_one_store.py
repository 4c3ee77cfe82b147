"""One store under extraction and training: each clip is decoded and encoded once, and read when a batch needs it."""

import json
import multiprocessing
import os
from pathlib import Path

import numpy as np
import pytest
import tiny
import tones
from affekt import DataError, Features
from affekt_datasets import TrainedOn, TrainingRecord
from affekt_features import FeatureStore, StoredFeatures
from affekt_features.extract_command import app as extract_app
from affekt_features.ready_made import import_folder
from affekt_training import config, stage
from affekt_training.config import FeatureUse
from affekt_training.features import NpyFile
from affekt_training.live import LiveFeatures
from affekt_training.samples import Part, gather_part, selected
from affekt_weights import fetch
from pydantic import ValidationError
from typer.testing import CliRunner


@pytest.fixture
def folder(tmp_path):
    return tones.write(tmp_path / "tones", 8)


def settings(llama, tmp_path, folder, features=None, **use):
    told = tones.changes(folder, tmp_path / "store", **use)
    told |= {"features": features} if features else {}
    return config.StageConfig.model_validate(tiny.configuration(llama, tmp_path / "run", **told))


def part(llama, tmp_path, folder, features=None, **use) -> Part:
    told = settings(llama, tmp_path, folder, features, **use)
    return gather_part(told, told.data[0])


def test_what_extract_computed_is_not_computed_by_training(llama, folder, tmp_path):
    arguments = ["folder", "--data", str(folder), "--encoders", "loudness", "--store", str(tmp_path / "store")]
    done = CliRunner().invoke(extract_app, arguments)
    assert done.exit_code == 0, done.output
    found = part(llama, tmp_path, folder)
    assert (found.computed, found.reused, len(found.samples)) == (0, 8, 8)


def test_a_stage_takes_the_features_of_a_pipeline_and_finds_what_was_extracted_for_it(llama, folder, tmp_path):
    file = tmp_path / "hearing.yaml"
    file.write_text(
        "name: hearing\nprepare: {words: {use: given-text, text: well}}\n"
        "encoders: {prosody: loudness, level: {use: loudness, hop: 0.2}}\nreasoner: loud-is-excited\n"
    )
    arguments = ["folder", "--data", str(folder), "--pipeline", str(file), "--store", str(tmp_path / "store")]
    done = CliRunner().invoke(extract_app, arguments)
    assert done.exit_code == 0, done.output
    told = tiny.configuration(llama, tmp_path / "run", **tones.changes(folder, tmp_path / "store"))
    del told["features"]
    read = config.StageConfig.model_validate({**told, "pipeline": str(file)})
    assert read.features["level"] == FeatureUse(
        use="loudness", options={"hop": 0.2}, needs={"given-text": {"text": "well"}}
    )
    found = gather_part(read, read.data[0])
    assert (found.computed, found.reused) == (0, 8)
    assert set(found.samples[0].copies[0]) == {"prosody", "level"}
    assert config.StageConfig.model_validate_json(read.model_dump_json()) == read
    other = {"level": None, "prosody": {"use": "prosody"}}
    read = config.StageConfig.model_validate({**told, "pipeline": str(file), "features": other})
    assert {slot: use.use for slot, use in read.features.items()} == {"prosody": "prosody"}
    with pytest.raises(ValidationError, match="features"):
        config.StageConfig.model_validate(told)


def test_a_clip_is_known_by_itself_and_not_by_the_list_it_stands_in(llama, folder, tmp_path):
    assert part(llama, tmp_path, folder, limit=3).computed == 3
    found = part(llama, tmp_path, folder)
    assert (found.computed, found.reused) == (5, 3)


def _gathered(told: str, answers) -> None:
    read = config.StageConfig.model_validate_json(told)
    found = gather_part(read, read.data[0])
    answers.put((found.computed, found.reused, len(found.samples)))


@pytest.mark.skipif(os.name == "nt", reason="claims are locks of POSIX")
def test_two_cold_processes_extract_each_clip_once(llama, folder, tmp_path):
    told = settings(llama, tmp_path, folder).model_dump_json()
    context = multiprocessing.get_context("fork")  # the imports are paid for already
    answers = context.Queue()
    both = [context.Process(target=_gathered, args=(told, answers)) for _ in range(2)]
    for process in both:
        process.start()
    found = [answers.get(timeout=120) for _ in both]
    for process in both:
        process.join()
    assert sum(computed for computed, _, _ in found) == 8
    assert [samples for _, _, samples in found] == [8, 8]


def test_all_encoders_of_a_clip_share_one_decode(llama, folder, tmp_path, monkeypatch):
    from affekt_datasets import Sample

    decoded, real = [], Sample.clip
    monkeypatch.setattr(Sample, "clip", lambda self, **decode: decoded.append(self.id) or real(self, **decode))
    given = {"use": "prosody", "needs": {"given-text": {"text": "well"}}}
    found = part(llama, tmp_path, folder, {"prosody": {"use": "loudness"}, "other": given})
    assert sorted(decoded) == sorted(one.sample.id for one in found.samples)
    assert set(found.samples[0].copies[0]) == {"prosody", "other"}


def test_features_are_mapped_in_the_type_they_are_stored_in_until_a_batch_is_made(llama, folder, tmp_path):
    told = settings(llama, tmp_path, folder, {"prosody": {"use": "loudness", "half": True}})
    ready = stage.prepare(told)
    (features,) = {id(one): one for one in ready.parts[0].samples[0].copies[0].values()}.values()
    assert isinstance(features, StoredFeatures)
    item = ready.draws()[0]
    assert item["arrays"]["prosody"].dtype == np.float16
    assert not item["arrays"]["prosody"].flags.owndata
    assert str(ready.collate([item])["rows"]["prosody"].dtype) == "torch.float32"


def test_a_second_stage_computes_no_feature_again_and_the_report_says_so(llama, folder, tmp_path):
    from affekt_training.commands import app

    reports = []
    for number in (1, 2):
        told = tones.changes(folder, tmp_path / "store") | {"epochs": 3, "name": f"stage {number}"}
        told |= {"start": str(tmp_path / "run-1/model")} if number == 2 else {}
        file = tiny.write(tiny.configuration(llama, tmp_path / f"run-{number}", **told), tmp_path / f"{number}.yaml")
        done = CliRunner().invoke(app, [str(file)])
        assert done.exit_code == 0, done.output
        reports.append(json.loads((tmp_path / f"run-{number}/report.json").read_text()))
    assert [report["data"][0]["computed"] for report in reports] == [8, 0]
    assert reports[1]["data"][0]["reused"] == 8
    epochs = [entry["epoch"] for entry in reports[0]["history"]]
    assert max(epochs) == pytest.approx(3.0)  # those of the configuration
    page = (tmp_path / "run-2/report.md").read_text()
    assert "![Learning curves](curves.svg)" in page
    assert "| folder | 8 | 0 |" in page
    curves = (tmp_path / "run-2/curves.svg").read_text()
    assert "<svg" in curves
    record = TrainingRecord.read(tmp_path / "run-2/model")
    assert record is not None
    assert [len(one.clips) for one in record.parts] == [8, 8]


def test_the_fold_that_is_left_out_is_never_seen(llama, folder, tmp_path):
    found = part(llama, tmp_path, folder, fold=2)
    assert {one.sample.fold for one in found.samples} == {1, 3, 4}
    assert found.left_out == {"tested in fold 2": 2}
    assert (found.trained_on.protocol, found.trained_on.fold) == ("official", "2")
    left = part(llama, tmp_path, folder, fold="speaker-3", protocol="leave-one-speaker-out")
    assert {one.sample.speaker for one in left.samples} == {f"speaker-{number}" for number in range(3)}
    with pytest.raises(DataError, match='no fold "5"'):
        part(llama, tmp_path, folder, fold=5)
    with pytest.raises(ValidationError, match="no `fold` is left out"):
        part(llama, tmp_path, folder, protocol=2)


def test_every_example_that_teaches_nothing_is_counted_by_reason(llama, folder, tmp_path):
    table = (folder / "labels.csv").read_text().splitlines()
    texts = ["caption", "", "short", *["one " * 201] * 6]
    lines = [table[0] + ",caption", *[f"{row},{text}" for row, text in zip(table[1:], texts, strict=False)]]
    lines[1] = lines[1].replace("happy", "bored")
    (folder / "labels.csv").write_text("\n".join(lines) + "\n")
    tasks = [{"task": "emotion"}, {"task": "reason", "answer": "note"}]
    told = settings(llama, tmp_path, folder, tasks=tasks, note="caption", speakers=[f"speaker-{n}" for n in "012"])
    labels = tuple(label for label in told.labels if label != "bored")
    said = []
    ready = stage.prepare(told.model_copy(update={"labels": labels}), on_progress=said.append)
    assert ready.parts[0].left_out == {"not one of `speakers`": 2}
    assert ready.losses[0] == {
        'the label "bored" is none of the model\'s': 1, 'no text "caption"': 1,
        "its answer was cut after 200 words": 3,
    }  # fmt: skip
    (line,) = [line for line in said if line.startswith("folder:")]
    assert "6 clips" in line
    assert 'the label "bored" is none of the model\'s (1)' in line


def test_a_live_encoder_says_what_a_stored_one_does_and_stores_nothing(llama, folder, tmp_path):
    stored = part(llama, tmp_path, folder)
    live = part(llama, tmp_path, folder, {"prosody": {"use": "loudness", "live": True}})
    before = len(list(FeatureStore(tmp_path / "store").keys()))
    for one, other in zip(stored.samples, live.samples, strict=True):
        assert isinstance(other.copies[0]["prosody"], LiveFeatures)
        np.testing.assert_array_equal(one.copies[0]["prosody"].values, other.copies[0]["prosody"].values)
    assert len(list(FeatureStore(tmp_path / "store").keys())) == before
    told = settings(llama, tmp_path, folder, {"prosody": {"use": "loudness", "live": True}})
    ready, report = stage.train(told.model_copy(update={"epochs": 2, "noise": 0.1}))
    assert report["steps"] == ready.steps


def test_npy_folders_and_imports_of_the_store_are_read_by_clip(llama, folder, tmp_path):
    values = {f"tone-{number}": np.full((1, 4), number, np.float16) for number in range(8)}
    for name, array in values.items():
        (tmp_path / "HL-UTT").mkdir(exist_ok=True)
        np.save(tmp_path / "HL-UTT" / f"{name}.npy", array)
    ids = [one.sample.id for one in part(llama, tmp_path, folder).samples]
    for one in ids:
        (tmp_path / "HL-UTT" / f"tone-{one}.npy").exists()
    import_folder(FeatureStore(tmp_path / "store"), tmp_path / "HL-UTT")
    files = part(llama, tmp_path, folder, {"prosody": {"files": {"folder": str(tmp_path / "HL-UTT")}}})
    imports = part(llama, tmp_path, folder, {"prosody": {"imported": "HL-UTT"}})
    for found, kind in ((files, NpyFile), (imports, StoredFeatures)):
        for one in found.samples:
            features = one.copies[0]["prosody"]
            assert isinstance(features, kind)
            assert features.values.dtype == np.float16
            np.testing.assert_array_equal(features.values, values[Path(one.sample.id).stem])
            assert isinstance(features.load(), Features)


def test_a_slot_has_one_source():
    with pytest.raises(ValidationError, match="one of `use`, `files` and `imported`"):
        FeatureUse(use="loudness", imported="HL-UTT")
    with pytest.raises(ValidationError, match="one of `use`, `files` and `imported`"):
        FeatureUse(options={"hop": 0.1})
    with pytest.raises(ValidationError, match="`live` runs the encoder"):
        FeatureUse(imported="HL-UTT", live=True)


def test_the_record_beside_the_shipped_weights_names_the_clips_of_its_preset():
    if not (tiny.SHARED / "data" / "emodb").is_dir():
        pytest.skip(f"needs EmoDB under {tiny.SHARED}; set AFFEKT_SHARED")
    preset = config.read("mini-stage-1")
    shipped = TrainingRecord.read(fetch("emotion-llama-mini"))
    assert shipped is not None
    second = config.read("mini-stage-2")
    assert {part.set for part in shipped.parts} == {use.set for stage in (preset, second) for use in stage.data}
    (use,) = [use for use in preset.data if use.set == "emodb"]
    data, _ = selected(preset, use.model_copy(update={"root": tiny.SHARED / "data" / "emodb"}))
    assert TrainedOn.of("emodb", data) in shipped.parts

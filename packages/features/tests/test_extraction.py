"""Extraction from end to end: here and in several processes; and the commands."""

import json
import os
import signal
import threading
from collections.abc import Callable
from pathlib import Path

import numpy as np
import psutil
import pytest
from affekt import Clip, Features, Missing, OptionsError, Use, plugins
from affekt_datasets import Sample, default_folder
from affekt_features import FeatureStore, StoreError, cached
from affekt_features.contents import media_of
from affekt_features.extract_command import app as extract_app
from affekt_features.extraction import extract
from affekt_features.job import Job, Outcome, sample_from_json, sample_to_json
from affekt_features.ready_made import import_folder
from affekt_features.store_command import app as store_app
from typer.testing import CliRunner

Clips = Callable[[int], list[Sample]]
Make = Callable[..., Job]
Files = Callable[[str], dict[str, bytes]]


def test_several_processes_write_the_same_bytes_as_one(voices: Clips, faces: Clips, job: Make, files: Files) -> None:
    samples = [*voices(2), *faces(8)]
    one, many = (job("prosody", "brightness", store=store) for store in ("one", "many"))
    alone = extract(one, samples)
    together = extract(many, samples, workers=2)
    assert files(one.store) == files(many.store)
    for summary in (alone, together):
        assert (summary.computed, summary.reused, summary.failed) == (10, 0, [])
        assert summary.missing == {
            "prosody": {"a picture has no sound": 8}, "brightness": {"the file has no video track": 2},
        }  # fmt: skip
        assert summary.written == sum(len(data) for name, data in files(one.store).items() if "features/" in name)


def test_batches_write_the_same_bytes_and_one_bad_clip_spoils_no_other(
    voices: Clips, job: Make, files: Files, tmp_path: Path
) -> None:
    good = voices(3)
    (tmp_path / "bad.wav").write_bytes(b"RIFF nonsense")
    bad = [Sample(id="bad", media=tmp_path / "bad.wav"), Sample(id="none", media=None)]
    one, batch = job("loudness", store="one"), job("loudness", store="batch", batch_size=5)
    extract(one, good)
    summary = extract(batch, [*good[:1], *bad, *good[1:]])
    assert [failure["id"] for failure in summary.failed] == ["bad", "none"]
    assert files(one.store) == files(batch.store)


def test_features_extracted_from_files_are_found_for_clips_in_memory(voices: Clips, job: Make) -> None:
    (sample,), one = voices(1), job("loudness")
    extract(one, [sample])
    store = FeatureStore(one.store)
    count = len(list(store.keys()))
    (found,) = cached(plugins().create("encoder", "loudness"), store).encode([sample.clip()])
    assert isinstance(found, Features)
    assert len(list(store.keys())) == count, "it was computed again"


def test_other_decoding_is_another_clip_and_another_text_is_for_encoders_of_text(voices: Clips, job: Make) -> None:
    samples = voices(2)
    extract(job("loudness"), samples)
    slower = extract(job("loudness", decode={"sample_rate": 8000}), samples)
    assert (slower.computed, slower.reused) == (2, 0)
    before = media_of(samples[0], {})
    (samples[0].media or Path()).with_suffix(".srt").write_text("1\n00:00:00,000 --> 00:00:00,400\nhello\n")
    assert media_of(samples[0], {}) != before
    assert extract(job("loudness"), samples).computed == 0, "loudness was measured again for a text"


def test_imported_features_are_those_of_each_clip_also_where_two_say_the_same(voices: Clips, tmp_path: Path) -> None:
    store = FeatureStore(tmp_path / "store")
    for number in range(2):
        np.save(tmp_path / f"voice-{number}.npy", np.full(4, number, np.float32))
    import_folder(store, tmp_path, name="words")
    words = Use(use="imported-text", features="words", store=store.url)
    outcomes: list[Outcome] = []
    extract(
        Job(store=store.url, encoders={"words": words}),
        voices(2),
        on_progress=lambda outcome, _: outcomes.append(outcome),
    )
    for number, outcome in enumerate(outcomes):
        found = store.get(outcome.keys["words"])
        assert isinstance(found, Features)
        assert found.values[0, 0] == number


def test_former_names_of_an_extraction_work_with_a_warning(voices: Clips, job: Make) -> None:
    outcomes: list[Outcome] = []
    with pytest.warns(DeprecationWarning, match="is called") as caught:
        extract(job("loudness"), voices(1), engine="here", seen=lambda outcome, _: outcomes.append(outcome))
    assert [outcome.computed for outcome in outcomes] == [("loudness",)]
    assert [str(warning.message) for warning in caught if "is called" in str(warning.message)] == [
        '"seen" of extract is called "on_progress" now',
        'the engine "here" is called "local" now',
    ]


def test_a_worker_that_is_killed_costs_its_clip_and_no_more(voices: Clips, job: Make) -> None:
    samples, killed = voices(6), threading.Event()

    def on_progress(outcome: Outcome, estimate: object) -> None:
        if not killed.is_set():
            killed.set()
            workers = [c for c in psutil.Process().children() if "affekt_features.local" in " ".join(c.cmdline())]
            os.kill(workers[0].pid, signal.SIGKILL)

    summary = extract(job("loudness"), samples, workers=2, on_progress=on_progress)
    assert len(summary.failed) <= 1
    assert all("killed by signal 9" in failure["error"] for failure in summary.failed)
    rest = extract(job("loudness"), samples)
    assert rest.computed == len(summary.failed)


def test_what_cannot_run_is_told_before_anything_does(faces: Clips, tmp_path: Path) -> None:
    wrong = Job(store=str(tmp_path / "s"), encoders={"a": Use(use="brigtness"), "b": Use(use="loudness", hop=-1)})
    with pytest.raises(OptionsError) as raised:
        extract(wrong, faces(1))
    assert 'Did you mean "brightness"?' in str(raised.value)
    assert "b.hop" in str(raised.value)
    assert not (tmp_path / "s").exists()


def test_jobs_and_samples_survive_their_journey() -> None:
    job = Job(store="s", encoders={"a": Use(use="loudness", hop=0.2)}, decode={"fps": 5}, batch_size=3)
    assert Job.from_json(job.to_json()) == job
    sample = Sample(id="ä\n", media=Path("/x/ä b.wav"), label="sad", notes={"AU_list": ["AU12"]}, valence=-0.5)
    assert sample_from_json(sample_to_json(sample)) == sample
    assert "\n" not in sample_to_json(sample)


def test_ready_made_features_of_mer2023_reach_a_pipeline(tmp_path: Path) -> None:
    folder, store = tmp_path / "HL-UTT", tmp_path / "store"
    folder.mkdir()
    rng = np.random.default_rng(0)
    flat, row = rng.standard_normal(1024).astype(np.float32), rng.standard_normal((1, 1024))
    arrays = {"a": flat, "b": row, "nan": flat * np.nan, "narrow": flat[:3], "objects": np.array([{}]), "long": row.T}
    for name, array in arrays.items():
        np.save(folder / f"{name}.npy", array)
    done = CliRunner().invoke(store_app, ["import", str(folder), "--store", str(store), "--json"])
    assert done.exit_code == 1
    told = json.loads(done.stdout)
    assert (told["clips"], told["width"]) == (2, 1024)
    assert set(told["refused"]) == {"nan.npy", "narrow.npy", "objects.npy", "long.npy"}
    encoder = plugins().create("encoder", "imported-audio", features="HL-UTT", store=str(store))
    one, other, none = encoder.encode([Clip(id="a"), Clip(id="b"), Clip(id="c")])
    np.testing.assert_array_equal(one.values, flat[None])
    np.testing.assert_array_equal(other.values, row.astype(np.float32))
    assert none == Missing(reason='"c" is not among the imported HL-UTT')
    with pytest.raises(StoreError, match="holds no imported features"):
        plugins().create("encoder", "imported-face", features="mae_340_UTT", store=str(store)).encode([Clip(id="a")])
    with pytest.raises(StoreError, match=r"no \.npy files"):
        import_folder(FeatureStore(store), tmp_path)


def test_the_command_extracts_a_folder_and_goes_on(voices: Clips, tmp_path: Path) -> None:
    voices(5)
    arguments = [str(tmp_path / "voices"), "--encoders", "loudness", "--store", str(tmp_path / "s"), "--json"]
    judged = CliRunner().invoke(extract_app, [*arguments, "--estimate"])
    assert judged.exit_code == 0, judged.output
    told = json.loads(judged.stdout)["estimate"]
    assert told["clips"] == 2
    assert told["bytes"] > 0
    done = json.loads(CliRunner().invoke(extract_app, arguments).stdout)
    assert (done["computed"], done["reused"]) == (2, 3)
    other = json.loads(CliRunner().invoke(extract_app, [*arguments, "--set", "loudness.hop=0.2"]).stdout)
    assert other["computed"] == 5
    verified = CliRunner().invoke(store_app, ["verify", str(tmp_path / "s")])
    assert verified.exit_code == 0
    assert "10 entries are whole, 0 corrupt" in verified.stdout


def test_the_command_fails_when_a_clip_does(voices: Clips, tmp_path: Path) -> None:
    voices(1)
    (tmp_path / "voices/bad.wav").write_bytes(b"no sound")
    arguments = [str(tmp_path / "voices"), "--encoders", "loudness", "--store", str(tmp_path / "s")]
    done = CliRunner().invoke(extract_app, arguments)
    assert done.exit_code == 1
    assert "1 computed, 0 were there, 1 failed" in done.stdout


def test_a_real_corpus_by_its_name(tmp_path: Path) -> None:
    if not default_folder("emodb").is_dir():
        pytest.skip("EmoDB is not in $AFFEKT_SHARED/data")
    arguments = ["emodb", "--encoders", "loudness", "--limit", "2", "--store", str(tmp_path), "--json"]
    done = json.loads(CliRunner().invoke(extract_app, arguments).stdout)
    assert (done["computed"], done["failed"]) == (2, [])

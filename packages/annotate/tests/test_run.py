"""A run over real files: what is written, what is done anew, and what a kill costs."""

import json
import multiprocessing
import os
import re
import signal
import time
from contextlib import suppress

import pytest
from affekt import OptionsError, SpecError
from affekt_annotate.annotation import Annotation
from affekt_annotate.commands import _progress
from affekt_annotate.config import read
from affekt_annotate.running import Estimate, Outcome, annotate, plan
from affekt_datasets import read as read_dataset


@pytest.fixture
def annotations(world):
    """A function that annotates the world's clips and reads them back by name."""

    def run(out, config=None, **labels):
        summary = annotate(config or world.config(), world.samples(**labels), out)
        lines = (out / "annotations.jsonl").read_text(encoding="utf-8").splitlines()
        return summary, {one.name: one for one in map(Annotation.model_validate_json, lines)}

    return run


MERR_FIELDS = {
    "AU_list", "audio_prior_list", "peak_AU_list", "peak_index", "pseu_emotion", "text", "visual_prior_list"
}  # fmt: skip
"""Of both files as their authors released them; the text of each has a name of its own."""


def test_merrs_files_have_exactly_merrs_fields(world, annotations, tmp_path):
    world.add("smiles")
    world.add("cries", raised=("AU01", "AU04", "AU15"), words="Nobody came.", seed=3)
    annotations(tmp_path / "out", smiles="happy", cries="sadness")
    for grain, text in (("coarse", "caption"), ("fine", "smp_reason_caption")):
        items = json.loads((tmp_path / "out" / f"MERR_{grain}_grained.json").read_text(encoding="utf-8"))
        assert sorted(items) == ["cries", "smiles"]
        for item in items.values():
            assert item.keys() == MERR_FIELDS | {text}
            assert item[text]
            for field in ("AU_list", "peak_AU_list", "visual_prior_list"):
                assert all(isinstance(word, str) for word in item[field])
            assert isinstance(item["audio_prior_list"], str)
            assert int(item["peak_index"]) >= 15
            assert item["text"] == (
                "Nobody came." if item["pseu_emotion"] == "sad" else "I have waited for this all year."
            )
    listed = (tmp_path / "out" / "MERR_fine_grained.txt").read_text(encoding="utf-8").splitlines()
    assert listed == ["cries 30 sad", "smiles 30 happy"]


def test_the_readers_of_affekt_take_the_folder_as_merr(world, annotations, tmp_path):
    world.add("smiles")
    annotations(tmp_path / "out", smiles="happy")
    (sample,) = read_dataset("merr", tmp_path / "out")
    assert sample.label == "happy"
    assert sample.notes["smp_reason_caption"]
    assert sample.clip().video is not None
    import datasets

    (row,) = datasets.load_dataset(
        "parquet", data_files=str(tmp_path / "out" / "annotations.parquet"), cache_dir=str(tmp_path / "cache")
    )["train"]
    assert row["label"] == "happy"
    assert json.loads(row["notes"])["evidence"]["findings"]


def test_training_takes_the_folder_without_conversion(world, annotations, tmp_path):
    pytest.importorskip("affekt_training")
    from affekt_training.config import DataUse, FeatureUse, StageConfig, TaskUse
    from affekt_training.descriptions import answer
    from affekt_training.samples import gather_part

    world.add("smiles")
    _, found = annotations(tmp_path / "out", smiles="happy")
    for grain, note in (("fine", "smp_reason_caption"), ("coarse", "caption")):
        task = TaskUse(task="reason", answer="note")
        use = DataUse(set="merr", root=tmp_path / "out", note=note, tasks=(task,), options={"grain": grain})
        config = StageConfig(
            name="own",
            out=tmp_path / "model",
            store=str(tmp_path / "store"),
            features={"prosody": FeatureUse(use="prosody")},
            data=(use,),
        )
        (example,) = gather_part(config, use).samples
        assert example.label == "happy"
        told = answer(config, use, task, example)
        own = found["smiles"].blind.text if grain == "fine" else found["smiles"].coarse
        assert re.findall(r"\w+", told.lower()) == re.findall(r"\w+", own.lower())  # as MERR's targets are written


def test_every_sentence_that_is_kept_rests_on_evidence(world, annotations, tmp_path):
    world.add("smiles")
    _, found = annotations(tmp_path / "out", smiles="happy")
    one = found["smiles"]
    kept = [sentence for text in (one.blind, one.aware) for sentence in text.sentences if not sentence.cut]
    assert len(kept) >= 4
    for sentence in kept:
        assert sentence.verdict == "supported"
        assert any(
            clause.verdict == "supported" and (clause.finding is not None or clause.text == "no voice")
            for clause in sentence.clauses
        )
    assert "The person says “I have waited for this all year”." in one.blind.text
    (smile,) = [finding for finding in one.findings if "(AU12)" in finding.text]
    assert smile.start == pytest.approx(1.5, abs=0.2)
    assert "OpenFace" in smile.detector
    assert smile.value > 0.5


def test_the_text_written_without_a_label_does_not_depend_on_it(world, annotations, tmp_path):
    world.add("smiles")
    texts = [annotations(tmp_path / f"out{number}", **labels)[1]["smiles"]
             for number, labels in enumerate(({}, {"smiles": "happy"}, {"smiles": "contempt"}))]  # fmt: skip
    assert texts[0].blind == texts[1].blind == texts[2].blind
    assert "which speaks for feeling happy" in texts[1].aware.text
    assert "Nothing that was measured speaks for feeling contempt." in texts[2].aware.text
    assert any(line.startswith("+ Nothing") for line in texts[2].difference)


def test_a_clip_without_a_face_is_never_neutral(world, annotations, tmp_path):
    world.add("faceless", raised=None, words="")
    config = world.config(label_from=["given", "rule", "recogniser"])
    _, found = annotations(tmp_path / "out", config)
    one = found["faceless"]
    assert one.face.state == "absent"
    assert one.emotion != "neutral"
    assert "neutral" not in one.blind.text
    assert "No face was seen." in one.blind.text
    assert one.coarse.count("expression") == 0
    assert one.face.peaks[1].source == ""  # tones are no speech; test_face has a voice to fall back to


def test_a_clip_without_a_label_is_left_out_with_its_reason(world, annotations, tmp_path):
    world.add("faceless", raised=None)
    world.add("smiles", raised=("AU06", "AU12", "AU14"), seed=3)
    summary, found = annotations(tmp_path / "out")
    assert found["smiles"].emotion == "happy"
    assert found["smiles"].label_from == "rule"
    assert summary.exported == 1
    (line,) = [json.loads(line) for line in (tmp_path / "out/dropped.jsonl").read_text().splitlines()
               if '"no_label"' in line]  # fmt: skip
    assert line["name"] == "faceless"
    assert "no table of OpenFace" in line["reason"]


def test_a_broken_clip_stops_nobody(world, annotations, tmp_path):
    world.add("smiles")
    (world.clips / "broken.mp4").write_bytes(b"no video at all")
    summary, found = annotations(tmp_path / "out", smiles="happy")
    assert list(found) == ["smiles"]
    assert list(summary.errors) == ["broken"]


def test_after_the_second_clip_the_time_for_the_others_is_estimated(world, tmp_path):
    for number in range(3):
        world.add(f"clip{number}", seed=number)
    told = []
    annotate(
        world.config(),
        world.samples(),
        tmp_path / "out",
        on_progress=lambda outcome, left: told.append((outcome, left)),
    )
    assert [outcome.name for outcome, _ in told] == ["clip0", "clip1", "clip2"]
    assert told[0][1] is None  # weights load with the first
    assert told[1][1].clips == 1
    assert told[1][1].seconds > 0
    assert told[2][1].seconds == 0


def test_a_log_has_an_estimate_for_every_tenth_of_the_clips(capsys):
    with _progress(40, as_json=False) as on_progress:
        for number in range(1, 41):
            on_progress(Outcome(name="a"), Estimate(clips=40 - number, seconds=60.0) if number > 1 else None)
    lines = capsys.readouterr().err.splitlines()
    assert lines[0] == "38 more clips: about 1.0 min"
    assert [line.split()[0] for line in lines] == ["38", "36", "32", "28", "24", "20", "16", "12", "8", "4"]


def test_the_same_file_twice_is_dropped_once(world, annotations, tmp_path):
    world.add("a")
    (world.clips / "b.mp4").write_bytes((world.clips / "a.mp4").read_bytes())
    (world.clips / "b.srt").write_bytes((world.clips / "a.srt").read_bytes())
    summary, found = annotations(tmp_path / "out", a="happy", b="happy")
    assert summary.exported == 1
    assert "duplicate" not in [item.filter for item in found["a"].filters]
    (mark,) = [item for item in found["b"].filters if item.filter == "duplicate"]
    assert mark.drops


def test_a_new_threshold_does_the_steps_that_read_the_face_anew_and_says_why(world, tmp_path):
    for name in ("a", "b", "c"):
        world.add(name, seed=ord(name))
    out, samples = tmp_path / "out", world.samples(a="happy", b="happy", c="happy")
    before = plan(world.config(), samples, out)
    assert {why for steps in before.values() for why in steps.values()} == {"never done"}
    annotate(world.config(), samples, out)
    assert plan(world.config(), samples, out) == {}
    after = plan(world.config(face={"threshold": 0.3}), samples, out)
    assert {tuple(sorted(steps)) for steps in after.values()} == {("aware", "blind", "face")}
    assert sorted(after) == ["a", "b", "c"]
    assert after["a"]["face"] == "options.threshold 0.16 → 0.3"
    assert after["a"]["blind"] == "face is done anew"


def test_a_changed_clip_is_measured_again(world, tmp_path):
    world.add("a")
    world.add("b", seed=9)
    out = tmp_path / "out"
    annotate(world.config(), world.samples(), out)
    world.add("a", words="Something else is said.", seed=40)
    assert sorted(plan(world.config(), world.samples(), out)) == ["a"]


def test_a_damaged_result_is_computed_again(world, files_of, tmp_path):
    world.add("a")
    out = tmp_path / "out"
    annotate(world.config(), world.samples(a="happy"), out)
    whole = files_of(out)
    for path in (out / "work/steps").rglob("*.json"):
        path.write_bytes(path.read_bytes()[:-40])
    annotate(world.config(), world.samples(a="happy"), out)
    assert files_of(out) == whole


KILLED = """
import os
from affekt_annotate.config import read
from affekt_annotate.running import annotate
from affekt_datasets import Sample
os.setsid()  # a kill reaches the processes that decode, too
annotate(read(config), [Sample(id=p.stem, media=p, label="happy") for p in sorted(clips.glob("*.mp4"))], out)
"""
IMPORTED = ["affekt_annotate.running", "affekt_annotate.steps", "affekt_media", "affekt_prosody.encoder"]


@pytest.mark.slow
def test_killed_at_ten_moments_the_files_are_the_same(world, files_of, tmp_path):
    for number in range(3):
        world.add(f"clip{number}", seed=number)
    config = tmp_path / "config.yaml"
    config.write_text(f"pipeline: {world.pipeline}\n", encoding="utf-8")
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(IMPORTED)  # the imports are paid for once

    def start(out):
        names = {"clips": world.clips, "config": config, "out": tmp_path / out}
        process = context.Process(target=exec, args=(KILLED, names))
        process.start()
        return process

    def run(out):
        process = start(out)
        process.join()
        assert process.exitcode == 0

    run("unmeasured")
    began = time.monotonic()
    run("whole")
    took, codes = time.monotonic() - began, []
    for moment in range(10):
        running = start("killed")
        running.join(took * (0.1 + 0.08 * moment))
        if running.is_alive():
            with suppress(ProcessLookupError):  # it has not made a group of its own yet
                os.killpg(running.pid, signal.SIGKILL)
            running.kill()
        running.join()
        codes.append(running.exitcode)
    assert codes.count(-signal.SIGKILL) >= 2, codes
    run("killed")
    assert files_of(tmp_path / "killed") == files_of(tmp_path / "whole")
    assert not list((tmp_path / "killed").glob(".*partial"))


def test_a_configuration_with_mistakes_lists_them_all(tmp_path):
    path = tmp_path / "config.yaml"
    path.write_text("tonne: rules\nface: {threshold: 7}\n", encoding="utf-8")
    with pytest.raises(SpecError, match=r'Did you mean "tone"') as error:
        read(path)
    assert "face.threshold" in str(error.value)


def test_a_describer_that_says_nothing_is_refused_before_anything_runs(world, tmp_path):
    with pytest.raises(OptionsError, match="describes nothing in words"):
        annotate(world.config(scene={"use": "given-text", "text": "Hello."}), [], tmp_path / "out")
    with pytest.raises(OptionsError, match='no writer "poet"'):
        annotate(world.config(fine="poet"), [], tmp_path / "out")


def test_a_pipeline_that_cannot_be_made_is_refused_before_any_clip(world, tmp_path):
    world.add("a")
    world.pipeline.write_text(world.pipeline.read_text().replace("loud-is-excited", "loud-is-exited"))
    with pytest.raises(SpecError, match="loud-is-exited"):
        annotate(world.config(), world.samples(), tmp_path / "out")
    assert not (tmp_path / "out/annotations.jsonl").exists()


def test_licence_and_consent_go_with_every_item(world, tmp_path):
    world.add("a")
    config = world.config(media={"licence": "CC BY 4.0", "consent": "signed form"})
    annotate(config, world.samples(a="happy"), tmp_path / "out")
    assert "a,a,CC BY 4.0,signed form" in (tmp_path / "out/media.csv").read_text(encoding="utf-8")
    assert json.loads((tmp_path / "out/annotations.jsonl").read_text())["licence"] == "CC BY 4.0"

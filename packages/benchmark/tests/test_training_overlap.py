"""Who was trained on is a matter of clips and speakers, not of the data set's name."""

import shutil

import pytest
from affekt import Pipeline, plugins
from affekt_benchmark.commands.bench import app as bench
from affekt_benchmark.material import training_overlap
from affekt_benchmark.material.suites import find
from affekt_benchmark.material.training_overlap import Learnt, findings
from affekt_benchmark.results import Result
from affekt_datasets import Sample, TrainedOn, TrainingRecord, read
from typer.testing import CliRunner

LABELS = ("neutral", "calm", "happy", "sad", "angry")


@pytest.fixture
def trained(emotion_llama, corpus, tmp_path):
    """A pipeline of a model that learnt from two of the three actors, and says RAVDESS alone besides."""
    _, model = emotion_llama(LABELS, "learnt-two")
    own = tmp_path / "model"
    shutil.copytree(model, own)
    seen = [sample for sample in read("ravdess", corpus) if sample.speaker != "ravdess-03"]
    TrainingRecord(parts=(TrainedOn.of("ravdess", seen),)).write(own)
    path = tmp_path / "pipeline.yaml"
    path.write_text(
        f"encoders: {{speech: loudness}}\nfuser: {{use: linear, model: {own}}}\n"
        f"reasoner: {{use: emotion-llama, model: {own}, task: null}}\n"
    )
    return path, own


def measured(pipeline, corpus, out, *more):
    asked = ["ravdess", "-p", str(pipeline), "--data", str(corpus), "-o", str(out), *more]
    ran = CliRunner().invoke(bench, asked)
    assert ran.exit_code == 0, f"{ran.output}\n{ran.exception}"
    return Result.read(out).about, " ".join(ran.output.split())


def test_speakers_that_were_held_out_are_not_called_trained_on(trained, corpus, tmp_path):
    path, model = trained
    stranger = ("--protocol", "leave-one-speaker-out", "--fold", "ravdess-03")
    about, console = measured(path, corpus, tmp_path / "held-out", *stranger)
    assert about["warnings"] == []
    assert about["held_out"] == [
        'The slot "reasoner" was trained on ravdess, and on none of the 4 clips of 1 speaker measured here, says the '
        f"record in {model}."
    ]
    assert "TRAINED ON" not in console
    assert "on none of the 4 clips" in console


def test_clips_that_were_trained_on_are_counted_and_their_speakers_named(trained, corpus, tmp_path):
    path, _ = trained
    about, console = measured(path, corpus, tmp_path / "all")
    (told,) = about["warnings"]
    assert told.startswith(
        'TRAINED ON THESE CLIPS: the slot "reasoner" was trained on 8 of the 12 clips measured here, of 2 of the 3 '
        "speakers (ravdess-01, ravdess-02)"
    )
    assert "affekt heads" not in told
    assert "TRAINED ON THESE CLIPS" in console


def test_the_shipped_model_knows_whom_it_was_trained_on_and_whom_not():
    pytest.importorskip("affekt_emotion_llama")
    reasoner = plugins().create("reasoner", "emotion-llama")
    learnt = training_overlap.learnt(Pipeline(encoders={}, reasoner=reasoner))
    (found,) = learnt
    assert (found.slot, found.model) == ("reasoner", "emotion-llama-mini")
    stated = [name.partition(" ")[0] for name in reasoner.trained_on]
    assert [name.partition(" ")[0] for name in found.names] == stated
    heard = Sample(id="03-01-05-01-01-01-07", media=None, speaker="ravdess-07")
    stranger = Sample(id="03-01-05-01-01-01-24", media=None, speaker="ravdess-24")
    (told,) = findings(find("ravdess"), (), learnt, [heard, stranger]).warnings
    assert "trained on 1 of the 2 clips measured here, of 1 of the 2 speakers (ravdess-07)" in told
    assert "says the record in emotion-llama-mini" in told
    assert findings(find("ravdess"), (), learnt, [stranger]).warnings == ()


def test_without_a_record_it_cannot_be_known_and_is_said_so(emotion_llama, corpus, tmp_path):
    path, _ = emotion_llama(LABELS, "says-nothing")
    about, _ = measured(path, corpus, tmp_path, "--limit", "2")
    (told,) = about["warnings"]
    assert "does not say what it was trained on: it cannot be known" in told


def sample(name, speaker=None):
    return Sample(id=name, media=None, speaker=speaker)


def learnt(*parts, names=("X",)):
    record = TrainingRecord(parts=parts) if parts else None
    return [Learnt(slot="reasoner", names=names, record=record, model="runs/a")]


def test_other_clips_of_the_same_speakers_are_told_apart_from_the_clips():
    part = TrainedOn.of("ravdess", [sample("a", "ravdess-01")])
    found = findings(find("ravdess"), (), learnt(part), [sample("b", "ravdess-01"), sample("c", "ravdess-02")])
    (told,) = found.warnings
    assert told.startswith("TRAINED ON THESE SPEAKERS")
    assert "other clips of 1 of the 2 speakers (ravdess-01)" in told


def test_clips_of_mer2023_are_known_in_merr_and_other_data_is_no_matter():
    test = [sample("sample_00000001")]
    (told,) = findings(find("mer2023"), ("test3",), learnt(TrainedOn.of("merr", test)), test).warnings
    assert told.startswith("TRAINED ON THESE CLIPS")
    other = findings(find("dfew"), (), learnt(TrainedOn.of("merr", test)), test)
    assert (other.warnings, other.held_out) == ((), ())


@pytest.mark.parametrize(
    ("suite", "split", "name", "warned"),
    [
        ("ravdess", (), "RAVDESS", True),
        ("fer2013", ("public_test",), "FER2013 train", False),
        ("fer2013", ("train",), "FER2013 train", True),
        ("mer-unibench/meld", ("test",), "meld-lines train", False),
        ("mer-unibench/cmu-mosi", ("test",), "cmu-mosi", True),
        ("mer2023", ("test3",), "merr", True),
        ("emer", (), "mer2023 train", True),
        ("dfew", (), "RAVDESS", False),
        ("dfew", (), "unknown (weights.pt)", True),
    ],
)
def test_a_name_alone_says_that_it_cannot_be_known(suite, split, name, warned):
    found = findings(find(suite), split, learnt(names=(name,)), [])
    assert bool(found.warnings) == warned
    assert all("cannot be known" in told for told in found.warnings)


def test_a_fuser_and_a_reasoner_of_one_model_are_told_once(trained):
    from affekt import PipelineSpec

    path, model = trained
    (one,) = training_overlap.learnt(PipelineSpec.read(path).build())
    assert (one.slot, one.model) == ("reasoner", str(model))

"""Measures with their intervals, the corpora's layouts, and the command that prints them."""

import io
import json
import tarfile

import affekt_datasets
import numpy as np
import pytest
from affekt import DataError, OptionsError
from affekt_heads.emotions import EMOTIONS
from affekt_heads.face import LABELS
from affekt_training.heads import corpora, evaluation, fer2013, meld_emorynlp, scored
from affekt_training.heads.commands import app
from typer.testing import CliRunner


def made(right: int = 8, clips: int = 10) -> scored.Scored:
    truth = np.arange(clips) % 2
    answers = np.where(np.arange(clips) < right, truth, 1 - truth)
    return scored.Scored(
        labels=("angry", "sad"),
        probabilities=np.where(np.eye(2)[answers] > 0, 0.8, 0.2),
        truth=truth,
        groups=tuple(f"speaker {index // 2}" for index in range(clips)),
        ids=tuple(map(str, range(clips))),
    )


def test_measures_are_what_they_are_called():
    found = made().measures()
    assert found["accuracy"] == pytest.approx(0.8)
    assert found["uar"] == pytest.approx(0.8)
    assert found["weighted_f1"] == pytest.approx(0.8)
    assert found["ece"] == pytest.approx(0.0)
    assert made(right=5).measures()["ece"] == pytest.approx(0.3)


def test_a_class_that_is_never_right_lowers_uar_more_than_accuracy():
    one = scored.Scored(
        labels=("angry", "sad"),
        probabilities=np.tile([0.9, 0.1], (10, 1)),
        truth=np.array([0] * 9 + [1]),
        groups=("one",) * 10,
        ids=tuple(map(str, range(10))),
    )
    assert one.measures()["accuracy"] == pytest.approx(0.9)
    assert one.measures()["uar"] == pytest.approx(0.5)
    assert one.recalls() == {"angry": 1.0, "sad": 0.0}


def test_intervals_hold_the_value_and_come_from_whole_speakers():
    low, high = made().intervals()["accuracy"]
    assert low <= 0.8 <= high
    assert low < high
    assert made(right=10).intervals()["accuracy"] == (1.0, 1.0)


def test_a_distribution_can_be_restricted_to_a_corpus():
    kept = scored.restrict(np.array([[0.5, 0.25, 0.25]]), ("neutral", "happy", "sad"), ("happy", "sad"))
    np.testing.assert_allclose(kept, [[0.5, 0.5]])


@pytest.mark.parametrize(
    ("corpus", "name", "emotion", "speaker"),
    [
        ("ravdess", "Actor_07/03-01-06-02-01-01-07.wav", "fearful", "ravdess-07"),
        ("emodb", "03a01Wa.wav", "angry", "emodb-03"),
        ("nemo", "EB0_fear_2.wav", "fearful", "nemo-EB0"),
        ("emogator", "000123-02-1.opus", "happy", "emogator-000123"),
    ],
)
def test_file_names_tell_emotion_and_speaker(tmp_path, corpus, name, emotion, speaker):
    path = tmp_path / name
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(b"sound")
    (tmp_path / "readme.txt").write_text("not a recording")
    (found,) = corpora.recordings(corpus, tmp_path)
    assert (found.emotion, found.speaker) == (emotion, speaker)


def test_a_recording_whose_label_is_none_of_our_emotions_is_left_out(tmp_path):
    for name in ("000123-02-1.opus", "000123-20-1.opus"):
        (tmp_path / name).write_bytes(b"sound")
    assert [one.path.stem for one in corpora.recordings("emogator", tmp_path)] == ["000123-02-1"]


def test_songs_of_ravdess_are_left_out(tmp_path):
    (tmp_path / "03-02-06-02-01-01-07.wav").write_bytes(b"")
    with pytest.raises(DataError, match="holds nothing of ravdess"):
        corpora.recordings("ravdess", tmp_path)


def test_pictures_are_read_from_npz_and_from_the_competitions_table(tmp_path):
    image = np.arange(2304, dtype=np.uint8).reshape(48, 48)
    rows = f"emotion,pixels,Usage\n2,{' '.join(map(str, image.ravel()))},PrivateTest\n"
    (tmp_path / "fer2013.csv").write_text(rows)
    from_table = fer2013.read(tmp_path)["private_test"]
    assert LABELS[from_table.labels[0]] == "fearful"
    np.testing.assert_array_equal(from_table.images[0], image)
    np.savez(
        tmp_path / "public_test.npz", images=image[None], labels=np.array([1]), names=np.array(["angry", "disgust"])
    )
    assert LABELS[fer2013.read(tmp_path)["public_test"].labels[0]] == "disgusted"
    with pytest.raises(DataError, match="holds no fer2013"):
        fer2013.read(tmp_path / "elsewhere")


def test_official_splits_are_not_cross_validated(tmp_path):
    with pytest.raises(OptionsError, match="official splits"):
        evaluation.evaluate("meld", None, True, tmp_path)


def test_the_command_asks_the_face_and_prints_a_table_or_json(tmp_path):
    pytest.importorskip("affekt_face", reason="affekt-face is not installed")
    images = np.random.default_rng(0).integers(0, 255, (6, 48, 48), dtype=np.uint8)
    np.savez(tmp_path / "public_test.npz", images=images, labels=np.arange(6) % 2, names=np.array(["happy", "sad"]))
    told = CliRunner().invoke(app, ["evaluate", "fer2013", "--data", str(tmp_path), "--json"])
    assert told.exit_code == 0, told.output
    found = json.loads(told.stdout)["results"]["fer2013 public_test"]
    assert found["clips"] == found["groups"] == 6
    assert 0 <= found["accuracy"]["value"] <= 1
    table = CliRunner().invoke(app, ["evaluate", "fer2013", "--data", str(tmp_path)])
    assert "shipped head" in table.stdout


def test_every_label_of_meld_and_emorynlp_has_a_place_or_a_reason():
    table = meld_emorynlp.labels()
    assert set(table.values()) - {""} <= set(EMOTIONS)
    assert [key for key, emotion in table.items() if not emotion] == [("emorynlp", "power")]


def test_the_lines_of_meld_are_written_as_meld_publishes_them(tmp_path):
    archive = tmp_path / "lines.tar.gz"
    header = ",".join(("file", *meld_emorynlp.COLUMNS)) + "\n"
    with tarfile.open(archive, "w:gz") as made:
        for number, member in enumerate(meld_emorynlp.MEMBERS.values()):
            line = f'a.wav,1,"Line {number}, it\x92s here",Monica,joy,positive,{number},0,1,2,"0:00:01,0","0:00:02,0"\n'
            body = (header + line).encode()
            told = tarfile.TarInfo(f"{meld_emorynlp.PACKAGE}-{meld_emorynlp.VERSION}/{member}")
            told.size = len(body)
            made.addfile(told, io.BytesIO(body))
    meld_emorynlp.write_tables(archive, tmp_path / "meld")
    found = list(affekt_datasets.read("meld", tmp_path / "meld", allow=["missing"]).left_out)
    assert [(one.sample.id, one.sample.text, one.sample.label, one.sample.speaker) for one in found] == [
        (f"{split}_dia{number}_utt0", f"Line {number}, it’s here", "joy", "meld-Monica")
        for number, split in enumerate(("train", "dev", "test"))
    ]
    with pytest.raises(DataError, match="exists"):
        meld_emorynlp.write_tables(archive, tmp_path / "meld")

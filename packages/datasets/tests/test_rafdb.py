"""RAF-DB: pictures in an archive beside a table."""

import io
import os
import zipfile

import numpy as np
import pytest
from affekt_datasets import DatasetError, read
from PIL import Image

TABLE = "image,label\ntrain_00002_aligned.jpg,4\ntrain_00001_aligned.jpg,1\n"


@pytest.fixture
def build(tmp_path):
    def made(
        table=TABLE, pictures=(("train_00001_aligned.jpg", (200, 0, 0)), ("train_00002_aligned.jpg", (0, 0, 200)))
    ):
        (tmp_path / "train.csv").write_text(table)
        with zipfile.ZipFile(tmp_path / "train.zip", "w") as archive:
            for name, colour in pictures:
                file = io.BytesIO()
                Image.new("RGB", (8, 8), colour).save(file, "PNG")
                archive.writestr(name, file.getvalue())
        return tmp_path

    return made


def test_every_row_is_the_picture_of_its_name_in_colour(build):
    happy, surprised = read("rafdb", build()).samples
    assert (happy.id, happy.label, happy.split) == ("train_00002", "happiness", "train")
    assert surprised.label == "surprise"
    frames = happy.clip().video.frames
    assert frames.shape == (1, 8, 8, 3)
    assert np.array_equal(frames[0, 0, 0], (0, 0, 200))
    assert "no sound" in happy.clip().missing["audio"]


def test_a_picture_that_is_not_there_and_a_code_that_is_none_are_counted(build):
    root = build("image,label\ntrain_00001_aligned.jpg,9\ntrain_00003_aligned.jpg,1\ntrain_00002_aligned.jpg,2\n")
    with pytest.raises(DatasetError, match="unknown label"):
        read("rafdb", root)
    dataset = read("rafdb", root, allow=("missing", "unknown label"))
    assert [sample.label for sample in dataset] == ["fear"]


def test_a_folder_without_a_table_or_with_a_broken_archive_is_refused(build, tmp_path):
    with pytest.raises(DatasetError, match=r"no train\.csv"):
        read("rafdb", tmp_path)
    build()
    (tmp_path / "train.zip").write_bytes(b"no archive")
    with pytest.raises(DatasetError, match="no archive of pictures"):
        read("rafdb", tmp_path)


def test_an_archive_is_opened_once_for_all_its_pictures_and_anew_where_it_has_changed(build, monkeypatch):
    samples, opened = read("rafdb", build()).samples, []

    class Counted(zipfile.ZipFile):
        def __init__(self, *given, **named):
            opened.append(given[0])
            super().__init__(*given, **named)

    monkeypatch.setattr(zipfile, "ZipFile", Counted)
    first = samples[0].clip()
    before = len(opened)
    assert before
    for sample in samples * 3:
        sample.clip()
    assert len(opened) == before
    build(pictures=(("train_00001_aligned.jpg", (9, 9, 9)), ("train_00002_aligned.jpg", (7, 7, 7))))
    os.utime(samples[0].media, ns=(1, 1))
    assert not np.array_equal(samples[0].clip().video.frames, first.video.frames)

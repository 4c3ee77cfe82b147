"""Samples to Parquet and Hugging Face `datasets`, and back."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from affekt_datasets import Dataset, DatasetError, Sample, read
from affekt_datasets.tables import from_huggingface, from_table, read_parquet, to_huggingface, to_table, write_parquet

Tree = dict[str, bytes | str]

Build = Callable[[Tree], Path]


def test_parquet_keeps_every_field_of_every_sample(build: Build, merr: Tree, tmp_path: Path) -> None:
    dataset = read("merr", build(merr))
    write_parquet(dataset, tmp_path / "merr.parquet")
    again = read_parquet(tmp_path / "merr.parquet")
    assert again.samples == dataset.samples
    assert (again.name, again.vocabulary) == ("merr", dataset.vocabulary)


def test_embedded_media_come_back_byte_for_byte(build: Build, mer2023: Tree, tmp_path: Path) -> None:
    dataset = read("mer2023", build(mer2023))
    write_parquet(dataset, tmp_path / "mer.parquet", embed=True)
    with pytest.raises(DatasetError, match="holds the media themselves"):
        read_parquet(tmp_path / "mer.parquet")
    again = read_parquet(tmp_path / "mer.parquet", folder=tmp_path / "media")
    for ours, theirs in zip(dataset, again, strict=True):
        assert ours.media is not None
        assert theirs.media is not None
        assert ours.media.read_bytes() == theirs.media.read_bytes()
        assert replace(theirs, media=ours.media) == ours


def test_hugging_face_reads_the_column_undecoded(build: Build, mer2023: Tree, tmp_path: Path) -> None:
    import datasets

    tree = {name.replace(".avi", ".wav"): content for name, content in mer2023.items()}
    dataset = read("mer2023", build(tree))
    made = to_huggingface(dataset)
    assert isinstance(made.features["audio"], datasets.Audio)
    assert made[0]["audio"] == {"bytes": None, "path": str(dataset.samples[0].media)}
    assert from_huggingface(made, name="mer2023", vocabulary="mer2023").samples == dataset.samples
    write_parquet(dataset, tmp_path / "t.parquet", embed=True)
    loaded = datasets.Dataset.from_parquet(str(tmp_path / "t.parquet"), cache_dir=str(tmp_path / "cache"))
    assert loaded.num_rows == len(dataset)


def test_films_become_a_video_column(build: Build, merr: Tree) -> None:
    import datasets

    made = to_huggingface(read("merr", build(merr)), embed=True)
    assert isinstance(made.features["video"], datasets.Video)
    assert made[0]["video"]["bytes"] == merr["video/sample_00000047.mp4"]


def test_class_labels_of_others_become_words() -> None:
    import datasets

    features = datasets.Features(
        {"label": datasets.ClassLabel(names=["sad", "happy"]), "extra": datasets.Value("int64")}
    )
    source = datasets.Dataset.from_dict({"label": [1, 0], "extra": [7, 8]}, features=features)
    one, two = from_huggingface(source).samples
    assert (one.id, one.label, dict(one.notes)) == ("0", "happy", {"extra": 7})
    assert two.label == "sad"


def test_pictures_of_array_files_survive(tmp_path: Path) -> None:
    image = np.random.default_rng(0).integers(0, 256, (1, 48, 48), dtype=np.uint8)
    np.savez(tmp_path / "train.npz", images=image, labels=np.zeros(1, np.uint8), names=["sad"])
    sample = Sample(id="a", media=tmp_path / "train.npz", row=0, label="sad")
    table = to_table(Dataset(name="x", root=tmp_path, samples=(sample,)))
    (again,) = from_table(table, folder=tmp_path / "media").samples
    video = again.clip().video
    assert video is not None
    np.testing.assert_array_equal(video.frames[0, :, :, 0], image[0])


def test_a_file_that_is_no_table_is_refused(tmp_path: Path) -> None:
    (tmp_path / "x.parquet").write_bytes(b"no")
    with pytest.raises(DatasetError, match="cannot be read as Parquet"):
        read_parquet(tmp_path / "x.parquet")

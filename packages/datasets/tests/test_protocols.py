"""Folds as data, clips that are left out, and the record of whose recordings a model was trained on."""

from collections.abc import Callable
from pathlib import Path

import pytest
from affekt_datasets import Dataset, DatasetError, Protocol, Sample, TrainedOn, TrainingRecord, by_reason, folds, read
from affekt_datasets import fold as one_fold

Tree = dict[str, bytes | str]
Build = Callable[[Tree], Path]


@pytest.fixture
def four_people() -> Dataset:
    """Two sessions of two speakers, three clips each."""
    samples = tuple(
        Sample(id=f"{speaker}{number}", media=None, label="sad", speaker=speaker, session=speaker[:2])
        for speaker in ("s1F", "s1M", "s2F", "s2M")
        for number in range(3)
    )
    return Dataset(name="plays", root=Path(), samples=samples)


@pytest.mark.parametrize(
    ("protocol", "names"),
    [
        ("leave-one-speaker-out", ["s1F", "s1M", "s2F", "s2M"]),
        ("leave-one-session-out", ["s1", "s2"]),
        (3, ["1", "2", "3"]),
    ],
)
def test_every_clip_is_tested_once_and_nobody_is_trained_and_tested_in_one_fold(
    four_people: Dataset, protocol: Protocol, names: list[str]
) -> None:
    found = folds(four_people, protocol)
    assert [fold.name for fold in found] == names
    assert sorted(sample.id for fold in found for sample in fold.test) == sorted(one.id for one in four_people)
    for fold in found:
        people = {sample.speaker for sample in fold.test}
        assert not people & {sample.speaker for sample in fold.train}
        assert len(fold.train) + len(fold.test) == 12
        assert one_fold(four_people, fold.name, protocol) == fold


def test_a_protocol_that_the_data_set_cannot_follow_says_what_it_lacks(four_people: Dataset) -> None:
    with pytest.raises(DatasetError, match="comes without official folds"):
        folds(four_people)
    with pytest.raises(DatasetError, match="4 speakers, which cannot be dealt out over 5 folds"):
        folds(four_people, 5)
    with pytest.raises(DatasetError, match=r'no fold "s3"[\s\S]*Try: one of s1, s2'):
        one_fold(four_people, "s3", "leave-one-session-out")
    nobody = Dataset(name="calls", root=Path(), samples=(Sample(id="a", media=None), Sample(id="b", media=None)))
    with pytest.raises(DatasetError, match="2 of 2 clips have none stated"):
        folds(nobody, "leave-one-speaker-out")


def test_missing_and_empty_files_are_left_out_by_reason_in_their_own_fold(build: Build, dfew: Tree) -> None:
    root = build(dfew | {"Clip/original/4.mp4": b""})
    (root / "Clip/original/2.mp4").unlink()
    with pytest.raises(DatasetError, match="1 missing"):
        read("dfew", root)
    dataset = read("dfew", root, allow=("missing", "empty"))
    assert by_reason(dataset.left_out) == {"no such file": 1, "the file has 0 bytes": 1}
    by_name = {fold.name: fold for fold in folds(dataset)}
    assert list(by_name) == ["1", "2", "3", "4", "5"], "a fold vanished with its only file"
    assert [one.sample.id for one in by_name["2"].test.left_out] == ["2"]
    assert by_reason(by_name["3"].train.left_out) == {"no such file": 1, "the file has 0 bytes": 1}
    assert by_reason(by_name["3"].test.left_out) == {}


def test_a_record_tells_test_clips_and_speakers_that_were_trained_on(four_people: Dataset, tmp_path: Path) -> None:
    held = one_fold(four_people, "s2", "leave-one-session-out")
    part = TrainedOn.of("plays", held.train, protocol=held.protocol, fold=held.name)
    TrainingRecord(parts=(part,)).write(tmp_path)
    record = TrainingRecord.read(tmp_path)
    assert record is not None
    assert not record.overlap("plays", held.test)
    assert [(one.protocol, one.fold) for one in record.left_out("plays")] == [("leave-one-session-out", "s2")]
    among = record.overlap("plays", four_people)
    assert (len(among.clips), among.speakers, among.tested_clips, among.tested_speakers) == (6, ("s1F", "s1M"), 12, 4)
    assert not record.overlap("other", four_people)
    assert TrainingRecord.read(tmp_path / "nowhere") is None
    (tmp_path / "training.json").write_text('{"format": 1, "data": [{"set": 1}]}')
    with pytest.raises(DatasetError, match="is no record of training"):
        TrainingRecord.read(tmp_path)


def test_clips_of_mer2023_are_known_again_under_the_names_of_merr_and_emer() -> None:
    clip = Sample(id="sample_00000047", media=None)
    record = TrainingRecord(parts=(TrainedOn.of("merr", [clip]),))
    assert record.overlap("mer2023", [clip]).clips == ("sample_00000047",)
    assert record.overlap("emer", [clip])
    assert not record.overlap("dfew", [clip])

"""What is wrong with a data set is counted before anything runs."""

import pickle
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from affekt_datasets import DatasetError, leaks, overlaps, read
from affekt_datasets.catalogue import examine

Tree = dict[str, bytes | str]

Build = Callable[[Tree], Path]


def test_every_kind_is_counted_in_one_error(build: Build, mer2023: Tree) -> None:
    mer2023["train-label.csv"] += "sample_00000099,happy,1\nsample_00000001,happy,1\nsample_00000002,hapy,1\n"
    mer2023["test1-label.csv"] += "sample_00000001,sad,0\nshort\nsample_00000003,neutral,much\n"
    mer2023["test2/sample_00000004.avi"] = b""
    root = build(mer2023)
    with pytest.raises(DatasetError, match=r"mer2023 in .* problems") as raised:
        read("mer2023", root)
    counts = examine("mer2023", root).report.counts()
    assert counts["missing"] == 2  # 99, and 1 which does not lie in test1
    assert counts["unknown label"] == counts["overlap"] == counts["empty"] == 1
    assert counts["bad row"] == 2
    assert counts["duplicate"] == 1
    assert "1 unknown label: the label is not in the data set's vocabulary" in str(raised.value)
    assert '"hapy" (train-label.csv:6)' in str(raised.value)
    assert raised.value.hint is not None
    assert "affekt datasets check mer2023" in raised.value.hint


def test_what_is_allowed_is_left_out(build: Build, mer2023: Tree) -> None:
    mer2023["test2/sample_00000004.avi"] = b""
    del mer2023["test1/sample_00000003.avi"]
    dataset = read("mer2023", build(mer2023), allow=("missing", "empty"))
    assert dataset.splits() == {"train": 2, "test3": 1}


def test_fold_lists_that_contradict_each_other_are_named(build: Build, dfew: Tree) -> None:
    tests = "EmoLabel_DataSplit/test(single-labeled)"
    dfew[f"{tests}/set_1.csv"] += "2,7\n"  # trained on in fold 1, and tested twice
    dfew[f"{tests}/set_3.csv"] = "video_name,label\n3,5\n"  # labelled 3 elsewhere
    dfew[f"{tests}/set_4.csv"] += "77,1\n"  # no such clip
    dfew[f"{tests}/set_5.csv"] = "video_name,label\n5,9\n"
    counts = examine("dfew", build(dfew)).report.counts()
    assert counts == {"contradiction": 3, "overlap": 1, "missing": 1}, counts


def test_merr_whose_json_and_list_disagree(build: Build, merr: Tree) -> None:
    merr["MERR_fine_grained.txt"] = "sample_00000047 22 sad 0\nsample_00000048 3 fear 0\n"
    counts = examine("merr", build(merr)).report.counts()
    assert counts == {"missing": 2, "contradiction": 1}  # 48 lacks its entry and its clip


def test_merr_entries_of_a_wrong_form_are_bad_rows(build: Build, merr: Tree) -> None:
    merr["MERR_fine_grained.json"] = (
        '{"a": {"smp_reason_caption": 3}, "b": [], "b": {"smp_reason_caption": "", "AU_list": 1}}'
    )
    report = examine("merr", build(merr)).report
    assert report.counts() == {"bad row": 2, "missing": 1, "duplicate": 1}, report.problems


def test_the_same_bytes_under_another_name_are_an_overlap(build: Build, sounds: Callable[[int], bytes]) -> None:
    rows = "train/a.wav,sad,train\ntest/b.wav,sad,test\ntest/c.wav,sad,test\n"
    root = build({
        "train/a.wav": sounds(1), "test/b.wav": sounds(1), "test/c.wav": sounds(2),
        "labels.csv": f"file_name,label,split\n{rows}",
    })  # fmt: skip
    dataset = read("folder", root)
    assert leaks(dataset).counts() == {"overlap": 1}
    (twin,) = overlaps(dataset.split("train"), dataset.split("test"))
    assert (twin.what, twin.where) == ("test/b", "the same bytes as train/a")


@pytest.mark.parametrize(
    ("name", "options", "what"),
    [
        ("ravdes", {}, 'no reader for "ravdes". Did you mean "ravdess"?'),
        ("ravdess", {"modalty": "audio"}, 'no option "modalty". Did you mean "modality"?'),
        ("dfew", {}, "no folder EmoLabel_DataSplit"),
        ("meld", {}, "no train_sent_emo.csv"),
        ("mer2024", {"tracks": ["semi", "noisy"]}, 'no track "noisy"'),
        ("ravdess", {}, "holds nothing of ravdess"),
    ],
)
def test_what_cannot_be_read_says_why(tmp_path: Path, name: str, options: dict[str, object], what: str) -> None:
    with pytest.raises(DatasetError) as raised:
        read(name, tmp_path, **options)
    assert what in str(raised.value)


def test_a_folder_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(DatasetError, match="does not exist, so it holds no emodb"):
        read("emodb", tmp_path / "absent")


def test_paths_out_of_the_folder_are_refused(build: Build, sounds: Callable[[int], bytes]) -> None:
    root = build({"a.wav": sounds(1), "labels.csv": "file_name,label\n../secret.wav,sad\na.wav,sad\n"})
    (root.parent / "secret.wav").write_bytes(sounds(2))
    assert examine("folder", root).report.counts() == {"bad row": 1}


def test_an_array_file_with_objects_is_refused(tmp_path: Path) -> None:
    for name in ("train", "public_test"):
        np.savez(tmp_path / f"{name}.npz", images=np.array([object()]), labels=np.zeros(1, np.uint8), names=["sad"])
    with pytest.raises(DatasetError, match=r"train\.npz"):
        read("fer2013", tmp_path)


def test_samples_travel_between_processes(build: Build, mer2023: Tree) -> None:
    sample = read("mer2023", build(mer2023)).samples[0]
    assert pickle.loads(pickle.dumps(sample)) == sample

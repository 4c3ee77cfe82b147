"""`affekt datasets`, and the corpora that are really there."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from affekt_datasets import leaks, read
from affekt_datasets.commands import app
from typer.testing import CliRunner

Tree = dict[str, bytes | str]

Build = Callable[[Tree], Path]


def test_check_prints_counts_and_fails(build: Build, mer2023: Tree) -> None:
    root = build({**mer2023, "train-label.csv": "name,discrete,valence\nsample_00000001,hapy,2\nsample_77,sad,1\n"})
    done = CliRunner().invoke(app, ["check", "mer2023", str(root), "--json"])
    assert done.exit_code == 1
    told = json.loads(done.stdout)
    assert told["counts"] == {"unknown label": 1, "missing": 1, "stray": 2}
    assert told["in_order"] is False
    shown = CliRunner().invoke(app, ["check", "mer2023", str(root)]).stdout
    assert "1 missing: listed, but there is no such file" in shown


def test_check_against_test_data_finds_the_leak(build: Build, mer2023: Tree, merr: Tree, tmp_path: Path) -> None:
    root = build(mer2023)
    other = tmp_path / "merr"
    (other / "video").mkdir(parents=True)
    for name, content in merr.items():
        data = content.encode() if isinstance(content, str) else content
        (other / name.replace("00000047", "00000005")).write_bytes(data.replace(b"00000047", b"00000005"))
    done = CliRunner().invoke(app, ["check", "merr", str(other), "--against", f"mer2023={root}", "--json"])
    assert json.loads(done.stdout)["counts"] == {"overlap": 1}


def test_check_can_decode_and_finds_what_cannot_be(build: Build, mer2023: Tree) -> None:
    mer2023["test1/sample_00000003.avi"] = b"no film"
    done = CliRunner().invoke(app, ["check", "mer2023", str(build(mer2023)), "--decode", "--json"])
    assert json.loads(done.stdout)["counts"]["unreadable"] == 1


def test_convert_writes_parquet(build: Build, merr: Tree, tmp_path: Path) -> None:
    target = tmp_path / "out.parquet"
    done = CliRunner().invoke(app, ["convert", "merr", str(build(merr)), str(target), "--set", "grain=coarse"])
    assert done.exit_code == 0, done.output
    assert target.stat().st_size > 0
    assert "1 sample of merr is in" in done.stdout


@pytest.mark.parametrize(
    ("name", "samples", "labels", "speakers"),
    [
        ("ravdess", 1080, 8, 18),
        ("emodb", 339, 7, 7),
        ("nemo", 1966, 6, 7),
        ("ased", 1971, 5, 52),
        ("javanese_voice", 672, 6, 7),
        ("javanese_av", 168, 6, 7),
        ("urdu", 266, 4, 23),
        ("emogator", 1500, 30, 50),
    ],
)
def test_the_real_corpora_of_speech(shared: Path, name: str, samples: int, labels: int, speakers: int) -> None:
    dataset = read(name, shared / name)
    assert len(dataset) == samples
    assert sum(count > 0 for count in dataset.counts().values()) == labels
    assert len({sample.speaker for sample in dataset}) == speakers
    assert not leaks(dataset).grave()


def test_the_real_faces(shared: Path) -> None:
    dataset = read("fer2013", shared / "fer2013")
    assert dataset.splits() == {"train": 28707, "public_test": 3589}
    assert dataset.counts()["disgust"] == 492
    video = dataset.split("public_test").samples[-1].clip().video
    assert video is not None
    assert video.frames.shape == (1, 48, 48, 3)

"""The training scripts on a few made-up faces: the real code, end to end, in a second."""

import json
import zipfile
from collections.abc import Callable
from importlib import import_module
from pathlib import Path

import cv2
import numpy as np
import pytest
import torch
from affekt_face.classifier import Classifier
from safetensors import safe_open
from safetensors.torch import load_file

TRAINING = Path(__file__).resolve().parents[1] / "training"


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """Runs a script's `main` in this process."""
    monkeypatch.syspath_prepend(str(TRAINING))
    return lambda script, *arguments: import_module(script).main(list(map(str, arguments)))


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """320 faces of noise of which 20 are blank, 20 are copies of others and 10 are also test faces."""
    folder = tmp_path_factory.mktemp("faces")
    random = np.random.default_rng(0)
    images = random.integers(0, 256, (320, 48, 48), np.uint8)
    images[:20] = 7
    images[20:40] = images[40:60]
    names = np.array(["angry", "disgust", "fear", "happy", "neutral", "sad", "surprise"])
    labels = random.integers(0, 7, 320).astype(np.uint8)
    np.savez(folder / "train.npz", images=images, labels=labels, names=names)
    np.savez(folder / "public_test.npz", images=images[300:310], labels=labels[300:310], names=names)
    return folder


@pytest.fixture(scope="module")
def rafdb(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """50 faces of noise in RAF-DB's layout."""
    folder = tmp_path_factory.mktemp("rafdb")
    random = np.random.default_rng(1)
    lines = ["image,label"]
    with zipfile.ZipFile(folder / "train.zip", "w") as archive:
        for number in range(50):
            _, encoded = cv2.imencode(".jpg", random.integers(0, 256, (100, 100, 3), np.uint8))
            archive.writestr(f"train_{number:05}_aligned.jpg", encoded.tobytes())
            lines.append(f"train_{number:05}_aligned.jpg,{number % 7 + 1}")
    (folder / "train.csv").write_text("\n".join(lines))
    return folder


def test_a_tiny_run_trains_joins_and_is_read_back(
    data: Path, rafdb: Path, tmp_path: Path, run: Callable[..., None], capsys: pytest.CaptureFixture[str]
) -> None:
    one, two, both = (tmp_path / f"{name}.safetensors" for name in ("one", "two", "both"))
    for out in (one, two):
        log = out.with_suffix(".jsonl")
        run("train_expression", data, "--out", out, "--log", log, "--recipe", "tiny", "--seed", 3)
        assert "30 left out" in capsys.readouterr().out
        lines = [json.loads(line) for line in log.read_text().splitlines()]
        assert [(line["epoch"], line["side"]) for line in lines] == [(1, 32), (2, 48)]
    first, second = load_file(one), load_file(two)
    assert all(torch.equal(first[name], second[name]) for name in first | second), "a seed fixes the weights"
    run("train_expression", data, "--out", two, "--log", two.with_suffix(".jsonl"), "--recipe", "tiny", "--seed", 3)
    assert len(two.with_suffix(".jsonl").read_text().splitlines()) == 2, "what is finished is not trained again"
    third = tmp_path / "third.safetensors"
    sets = (data, "--rafdb", rafdb)
    run("train_expression", *sets, "--out", third, "--log", tmp_path / "log", "--recipe", "tiny", "--start", one)
    assert set(json.loads((tmp_path / "log").read_text().splitlines()[0])["held_out_accuracy"]) == {"fer2013", "rafdb"}
    run("join_expression", *sets, one, third, "--out", both)
    assert len(Classifier.read(both).networks) == 2
    with safe_open(both, framework="pt") as file:
        runs = json.loads(file.metadata()["settings"])
    assert [[run["seed"] for run in network] for network in runs] == [[3], [3, 1]]

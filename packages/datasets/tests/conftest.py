"""Miniature data sets in the exact official layouts, from synthetic media."""

import json
import os
import wave
from collections.abc import Callable
from pathlib import Path

import av
import numpy as np
import pytest

Tree = dict[str, bytes | str]


def tone(frequency: float = 220.0, seconds: float = 0.3, rate: int = 16_000) -> np.ndarray:
    return (8000 * np.sin(2 * np.pi * frequency * np.arange(round(seconds * rate)) / rate)).astype(np.int16)


def wav(path: Path, samples: np.ndarray, rate: int = 16_000) -> bytes:
    with wave.open(str(path), "wb") as file:
        file.setparams((1, 2, rate, 0, "NONE", "NONE"))
        file.writeframes(samples.tobytes())
    return path.read_bytes()


@pytest.fixture(scope="session")
def sounds(tmp_path_factory: pytest.TempPathFactory) -> Callable[[int], bytes]:
    """Different contents for different numbers."""
    folder = tmp_path_factory.mktemp("sounds")
    return lambda number: wav(folder / f"{number}.wav", tone(200 + 10 * number))


@pytest.fixture(scope="session")
def film(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """Half a second of sound and moving grey."""
    path = tmp_path_factory.mktemp("film") / "film.mp4"
    with av.open(str(path), "w") as container:
        video = container.add_stream("mpeg4", rate=10)
        video.width, video.height, video.pix_fmt = 64, 48, "yuv420p"
        audio = container.add_stream("aac", rate=16_000)
        audio.layout = "mono"
        for number in range(5):
            frame = av.VideoFrame.from_ndarray(np.full((48, 64, 3), 40 * number, np.uint8), format="rgb24")
            container.mux(video.encode(frame))
        sound = av.AudioFrame.from_ndarray(tone(seconds=0.5).reshape(1, -1), format="s16", layout="mono")
        sound.sample_rate = 16_000
        container.mux(audio.encode(sound))
        container.mux(video.encode(None))
        container.mux(audio.encode(None))
    return path.read_bytes()


@pytest.fixture
def build(tmp_path: Path) -> Callable[[Tree], Path]:
    """Writes a tree of files below a fresh folder."""

    def make(tree: Tree) -> Path:
        root = tmp_path / "set"
        for name, content in tree.items():
            path = root / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content.encode() if isinstance(content, str) else content)
        return root

    return make


@pytest.fixture
def mer2023(film: bytes, sounds: Callable[[int], bytes]) -> Tree:
    """Two training clips, one each of MULTI and NOISE, one labelled and one unlabelled of SEMI."""
    names = {"train": ["sample_00000001", "sample_00000002"], "test1": ["sample_00000003"],
             "test2": ["sample_00000004"], "test3": ["sample_00000005", "sample_00000006"]}  # fmt: skip
    clips = {f"{split}/{name}.avi": sounds(int(name[-1])) for split, listed in names.items() for name in listed}
    return {
        **clips,
        "train-label.csv": "name,discrete,valence\nsample_00000001,happy,2.5\nsample_00000002,worried,-1\n",
        "test1-label.csv": "name,discrete,valence\nsample_00000003,neutral,0\n",
        "test2-label.csv": "name,discrete,valence\nsample_00000004,angry,-3\n",
        "test3-label.csv": "name,discrete\nsample_00000005,sad\n",
        "transcription_en_all.csv": 'name,sentence\nsample_00000001,"Well, I never!"\n',
        "HL-UTT/sample_00000001.npy": b"",
    }


@pytest.fixture
def merr(film: bytes) -> Tree:
    entry = {
        "pseu_emotion": "surprise", "peak_index": "1", "peak_AU_list": ["AU05:0.36", "AU26:1.02"],
        "visual_prior_list": ["Eyes widened"], "audio_prior_list": "an excited voice", "text": "Oh my!",
        "AU_list": ["AU05", "AU26"], "caption": "a woman", "smp_reason_caption": "she is surprised because …",
    }  # fmt: skip
    return {
        "MERR_coarse_grained.txt": "sample_00000047 22 surprise -0.61232674\n",
        "MERR_fine_grained.txt": "sample_00000047 22 surprise -0.61232674\n",
        "MERR_coarse_grained.json": json.dumps({"sample_00000047": entry}),
        "MERR_fine_grained.json": json.dumps({"sample_00000047": entry}),
        "video/sample_00000047.mp4": film,
    }


@pytest.fixture
def dfew(film: bytes) -> Tree:
    """Five clips, one tested in each fold."""
    labels = {1: 1, 2: 7, 3: 3, 4: 4, 5: 6}
    tree: Tree = {f"Clip/original/{clip}.mp4": film for clip in labels}
    for fold in labels:
        train = "".join(f"{clip},{label}\n" for clip, label in labels.items() if clip != fold)
        tree[f"EmoLabel_DataSplit/train(single-labeled)/set_{fold}.csv"] = f"video_name,label\n{train}"
        tree[f"EmoLabel_DataSplit/test(single-labeled)/set_{fold}.csv"] = f"video_name,label\n{fold},{labels[fold]}\n"
    return tree


@pytest.fixture(scope="session")
def shared() -> Path:
    root = Path(__file__).parents[3]
    folder = Path(os.environ.get("AFFEKT_SHARED", root / "../shared")) / "data"
    if not folder.is_dir():
        pytest.skip(f"the corpora are not in {folder}; set AFFEKT_SHARED")
    return folder

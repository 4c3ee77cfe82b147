"""Clips with a face that OpenFace's table describes, a voice that changes, and subtitles; no weights are needed."""

from pathlib import Path

import av
import numpy as np
import pytest
import yaml
from affekt_annotate.config import AnnotateConfig
from affekt_datasets import Sample

RATE, FPS, SECONDS = 16_000, 10, 3.0
UNITS = ("AU01", "AU02", "AU04", "AU05", "AU06", "AU07", "AU10", "AU12", "AU14", "AU15", "AU17", "AU20", "AU23",
         "AU25", "AU26", "AU45")  # fmt: skip


def write_clip(path, *, words="I have waited for this all year.", louder_from=1.5, seed=0):
    """Ten pictures a second, a voice of 150 Hz that becomes louder and higher, and a subtitle beside it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    times = np.arange(int(SECONDS * RATE)) / RATE
    pitch = np.where(times < louder_from, 150.0, 230.0)
    sound = np.sin(2 * np.pi * np.cumsum(pitch) / RATE) * np.where(times < louder_from, 0.05, 0.5)
    sound += 0.3 * np.sin(4 * np.pi * np.cumsum(pitch) / RATE) * np.where(times < louder_from, 0.05, 0.5)
    with av.open(str(path), "w") as container:
        video = container.add_stream("mpeg4", rate=FPS)
        video.width, video.height, video.pix_fmt = 64, 48, "yuv420p"
        audio = container.add_stream("aac", rate=RATE)
        audio.layout = "mono"
        for number in range(int(SECONDS * FPS)):
            picture = np.full((48, 64, 3), (40 + 5 * number + seed) % 255, np.uint8)
            container.mux(video.encode(av.VideoFrame.from_ndarray(picture, format="rgb24")))
        frame = av.AudioFrame.from_ndarray(sound.astype(np.float32)[None], format="fltp", layout="mono")
        frame.sample_rate = RATE
        container.mux(audio.encode(frame))
        container.mux(audio.encode(None))
        container.mux(video.encode(None))
    if words:
        path.with_suffix(".srt").write_text(f"1\n00:00:00,200 --> 00:00:02,800\n{words}\n", encoding="utf-8")


def write_units(folder, name, raised=(), *, other=None):
    """OpenFace's table: the units named rise to 4 of 5 in the second half; a talking mouth all along.

    A second face, where there is one, leaves after two seconds.
    """
    folder.mkdir(parents=True, exist_ok=True)
    heading = ["frame", "face_id", "timestamp", "confidence", "success", *(f"{unit}_r" for unit in UNITS),
               *(f"{unit}_c" for unit in UNITS)]  # fmt: skip
    lines = [", ".join(heading)]
    rows = [(number, 0, raised) for number in range(int(SECONDS * FPS))]
    rows += [(number, 1, other) for number in range(20) if other is not None]
    for number, face, own in sorted(rows):
        high = dict.fromkeys(own, 4.0) if number >= 15 else {}
        talking = {"AU25": 2.0 * (number % 3), "AU26": 1.0 * (number % 2)}
        values = [high.get(unit, talking.get(unit, 0.0)) for unit in UNITS]
        cells = [number + 1, face, number / FPS, 0.98, 1, *values, *(int(value >= 0.8) for value in values)]
        lines.append(", ".join(str(cell) for cell in cells))
    (folder / f"{name}.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")


class World:
    """A folder of clips, the tables of their faces, and a pipeline that reads both."""

    def __init__(self, root: Path) -> None:
        self.root, self.clips, self.tables = root, root / "clips", root / "openface"
        self.pipeline = root / "measuring.yaml"
        self.pipeline.write_text(
            yaml.safe_dump(
                {
                    "name": "measuring",
                    "encoders": {
                        "action_units": {
                            "use": "openface", "source": "csv", "folder": str(self.tables), "presence": True,
                        },
                        "prosody": {"use": "prosody"},
                        "loudness": {"use": "loudness"},
                    },
                    "reasoner": "loud-is-excited",
                }
            ),
            encoding="utf-8",
        )  # fmt: skip

    def add(self, name, raised=("AU06", "AU12"), *, other=None, **clip):
        """A clip whose face shows these units; None: a clip without a face. Of a second face: `other`."""
        write_clip(self.clips / f"{name}.mp4", **clip)
        if raised is not None:
            write_units(self.tables, name, raised, other=other)

    def config(self, **more):
        """A configuration that needs no weights."""
        return AnnotateConfig.model_validate({"pipeline": str(self.pipeline), **more})

    def samples(self, **labels):
        """The clips in order of their names, with these labels."""
        return [
            Sample(id=path.stem, media=path, label=labels.get(path.stem)) for path in sorted(self.clips.glob("*.mp4"))
        ]


@pytest.fixture
def world(tmp_path):
    return World(tmp_path)


@pytest.fixture
def files_of():
    """A function that gives the bytes of every exported file of a folder."""
    return lambda out: {path.name: path.read_bytes() for path in sorted(out.iterdir()) if path.is_file()}


@pytest.fixture
def ask(chat_server):
    """A function that gives the component which asks `chat_server`, with these options."""
    return lambda **options: {"use": "openai", "endpoint": chat_server.endpoint(model="tiny"), **options}

"""How the examples of a page run: Python blocks in one namespace, YAML blocks as files, console blocks as commands.

A page runs in a folder of its own that holds the recordings and results which the pages speak of. A block that cannot
run anywhere is preceded by `<!-- skip: next "the reason" -->`, which readers do not see.
"""

import os
import re
import shlex
import subprocess
import sys
import wave
from collections.abc import Callable, Iterator
from importlib.resources import files
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest
from affekt import PipelineSpec, Registry
from affekt.roles import Role
from affekt_benchmark.material.suites import find
from affekt_benchmark.runs.measuring import Request, measure
from sybil import Example
from sybil.parsers.markdown import CodeBlockParser, PythonCodeBlockParser, SkipParser

DOCS = Path(__file__).resolve().parent
ROOT = DOCS.parent
SAMPLE = Path(str(files("affekt_cli") / "sample/white_house_statement_2015.mp4"))
SKIP = re.compile(r"<!--+\s*skip:\s*(?:next|start)\b(.*?)--+>", re.DOTALL)
REASON = re.compile(r'\s+"[^"]{10,}"\s*')


def parsers() -> list[object]:
    """Sybil's parsers of one page; a skip holds for the page it stands on."""
    return [
        SkipParser(),
        PythonCodeBlockParser(),
        CodeBlockParser(language="yaml", evaluator=_write_file),
        CodeBlockParser(language="console", evaluator=_run_commands),
    ]


def skips_without_a_reason(text: str) -> Iterator[str]:
    """The comments that skip a block and do not say why."""
    for skip in SKIP.finditer(text):
        if not REASON.fullmatch(skip[1]):
            yield skip[0]


def share_components(patch: pytest.MonkeyPatch) -> None:
    """Makes each component once for all pages: components are frozen, and loading their models takes minutes."""
    create: Callable[..., Any] = Registry.create
    made: dict[str, Any] = {}

    def create_once(registry: Registry, role: Role, name: str, **options: Any) -> Any:
        key = repr((role, name, sorted(options.items())))
        if key not in made:
            made[key] = create(registry, role, name, **options)
        return made[key]

    patch.setattr(Registry, "create", create_once)


def prepare(folder: Path) -> None:
    """Writes the recordings and results that pages speak of into a folder."""
    (folder / "clip.mp4").write_bytes(SAMPLE.read_bytes())
    _remux(folder / "a_long_talk.mkv", video=True, tracks=1)
    _remux(folder / "talk.mp4", video=True, tracks=3)
    _sound(folder / "clip.wav")


def prepare_dfew(folder: Path) -> None:
    """Writes five clips in the layout of DFEW, one of them tested in each fold."""
    labels = {1: 1, 2: 7, 3: 3, 4: 4, 5: 6}
    split = folder / "data/DFEW/EmoLabel_DataSplit"
    for kind in ("train", "test"):
        (split / f"{kind}(single-labeled)").mkdir(parents=True)
    clips = folder / "data/DFEW/Clip/original"
    clips.mkdir(parents=True)
    for fold, label in labels.items():
        (clips / f"{fold}.mp4").write_bytes(SAMPLE.read_bytes() + bytes([fold]))  # no two clips are the same
        others = "".join(f"{clip},{other}\n" for clip, other in labels.items() if clip != fold)
        (split / f"train(single-labeled)/set_{fold}.csv").write_text(f"video_name,label\n{others}")
        (split / f"test(single-labeled)/set_{fold}.csv").write_text(f"video_name,label\n{fold},{label}\n")


def prepare_result(folder: Path) -> None:
    """Writes the result of a real run over a few tones, named as RAVDESS names its files."""
    for actor in range(1, 4):
        for code, level in {"01": 0.02, "03": 0.5, "05": 0.8}.items():
            _sound(folder / f"ravdess/Actor_{actor:02d}/03-01-{code}-01-01-01-{actor:02d}.wav", level, actor)
    spec = PipelineSpec.parse("{name: loud, encoders: {speech: loudness}, reasoner: loud-is-excited}")
    request = Request(spec=spec, data=folder / "ravdess")
    measure(find("ravdess"), request, folder / "out/bench/ravdess-default", lambda done, total: None)


def _sound(path: Path, level: float = 0.3, pitch: float = 1.0) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    samples = level * 32_000 * np.sin(np.arange(16_000) * 0.05 * pitch)
    with wave.open(str(path), "wb") as file:
        file.setparams((1, 2, 16_000, 0, "NONE", "NONE"))
        file.writeframes(samples.astype("<i2").tobytes())


def _remux(path: Path, *, video: bool, tracks: int) -> None:
    """The sample clip in another container, with its sound in several tracks."""
    with av.open(str(SAMPLE)) as source, av.open(str(path), "w") as target:
        copies = {
            kept.index: [target.add_stream_from_template(kept) for _ in range(tracks if kept.type == "audio" else 1)]
            for kept in source.streams
            if kept.type == "audio" or (video and kept.type == "video")
        }
        for packet in source.demux(*(source.streams[index] for index in copies)):
            if packet.dts is None:
                continue
            for stream in copies[packet.stream.index]:
                packet.stream = stream
                target.mux(packet)


def _write_file(example: Example) -> None:
    first, _, rest = example.parsed.partition("\n")
    Path(first.removeprefix("# ").strip()).write_text(rest)


def _run_commands(example: Example) -> None:
    environment = os.environ | {"PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"}
    for line in example.parsed.splitlines():
        if line.startswith("$ "):
            done = subprocess.run(shlex.split(line[2:]), capture_output=True, text=True, env=environment, check=False)
            assert done.returncode == 0, f"{line}\n{done.stdout}\n{done.stderr}"

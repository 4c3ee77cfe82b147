"""Every script and notebook in examples/ runs. They share the models that they load, and a clip of three seconds."""

import contextlib
import csv
import io
import json
import re
import runpy
import sys
import types
from pathlib import Path
from typing import Any

import av
import pytest
from affekt import Registry

ROOT = Path(__file__).resolve().parent.parent
EXAMPLES = ROOT / "examples"
SCRIPTS = sorted(path.name for path in EXAMPLES.glob("*.py"))
NOTEBOOKS = sorted(path.name for path in EXAMPLES.glob("notebooks/*.ipynb"))
SECONDS = 3
QUICK = "name: quick\nencoders: {speech: loudness}\nreasoner: {use: loud-is-excited, threshold: -30}\n"


@pytest.fixture(scope="module", autouse=True)
def shared_components():
    """No example loads a model that another has loaded: components are frozen."""
    create, made = Registry.create, {}

    def create_once(registry: Registry, role: str, name: str, **options: Any) -> Any:
        key = repr((role, name, sorted(options.items())))
        if key not in made:
            made[key] = create(registry, role, name, **options)
        return made[key]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Registry, "create", create_once)
        yield


@pytest.fixture(scope="module")
def short(statement, tmp_path_factory) -> Path:
    """The first seconds of the statement, copied and not coded anew."""
    path = tmp_path_factory.mktemp("clips") / "clip.mp4"
    with av.open(str(statement)) as source, av.open(str(path), "w") as target:
        copies = {stream.index: target.add_stream_from_template(stream) for stream in source.streams}
        for packet in source.demux():
            if packet.dts is not None and packet.pts * packet.time_base < SECONDS:
                packet.stream = copies[packet.stream.index]
                target.mux(packet)
    return path


@pytest.fixture
def folder(short, tmp_path, monkeypatch) -> Path:
    """A folder to run in, with the clip and one that is none."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "clips").mkdir()
    for path in (tmp_path / "clip.mp4", tmp_path / "clips/clip.mp4"):
        path.write_bytes(short.read_bytes())
    (tmp_path / "clips/no_clip.mp4").write_text("no clip at all")
    (tmp_path / "quick.yaml").write_text(QUICK)
    return tmp_path


ARGUMENTS = {
    "ablation.py": [],
    "annotate_clips.py": ["clips", "annotated"],
    "answer_aloud.py": ["clip.mp4", "reply.wav"],
    "features_to_pandas.py": ["clip.mp4", "prosody.csv"],
    "folder_to_table.py": ["clips", "table.csv", "quick.yaml"],
    "live_stream.py": ["clip.mp4"],
    "one_clip.py": ["clip.mp4"],
    "own_encoder.py": ["clip.mp4"],
    "studio_client.py": ["clip.mp4"],
    "train_a_head.py": [],
}
PRINTS = {
    "ablation.py": r"as it is .*1\.0.*\na louder threshold .*0\.[0-9]",
    "annotate_clips.py": r"clip – \w+ – \w+",
    "answer_aloud.py": r"reply.wav: the mark in it was read back with a score of \d\.\d+",
    "features_to_pandas.py": r"<Features: \d+ rows of .*every 0\.\d+ s",
    "folder_to_table.py": r"clip\.mp4,3\.\d+,\w+,0\.\d+,,\nno_clip\.mp4,,,,,.*no_clip",
    "live_stream.py": r"  0 s  <EmotionPrediction: .*\n  1 s  <EmotionPrediction: ",
    "one_clip.py": r"<Analysis of clip\.mp4: .*>\n\w+",
    "own_encoder.py": r"<Pipeline 'mine': voice=Crossings, .*\n<EmotionPrediction: ",
    "studio_client.py": r"the mean level is -\d+ dB\n.*\n0 analyses are left",
    "train_a_head.py": r"8 clips, 0 left out\n.*\n<EmotionPrediction: happy ",
}
"""What each example says, as a pattern."""


@pytest.mark.parametrize("name", SCRIPTS)
def test_a_script_runs(name, folder, monkeypatch, capsys):
    monkeypatch.setattr(sys, "argv", [name, *ARGUMENTS[name]])
    runpy.run_path(str(EXAMPLES / name), run_name="__main__")
    assert re.search(PRINTS[name], capsys.readouterr().out)


def test_a_table_has_its_error_in_the_row(folder, monkeypatch):
    monkeypatch.setattr(sys, "argv", ["folder_to_table.py", *ARGUMENTS["folder_to_table.py"]])
    with contextlib.redirect_stdout(io.StringIO()):
        runpy.run_path(str(EXAMPLES / "folder_to_table.py"), run_name="__main__")
    rows = list(csv.DictReader((folder / "table.csv").open(encoding="utf-8")))
    assert [bool(row["error"]) for row in rows] == [False, True]


@pytest.mark.parametrize("name", NOTEBOOKS)
def test_a_notebook_runs_and_holds_no_output(name, folder):
    notebook = json.loads((EXAMPLES / "notebooks" / name).read_text(encoding="utf-8"))
    assert (notebook["nbformat"], notebook["metadata"]["kernelspec"]["name"]) == (4, "python3")
    module = types.ModuleType("__main__")
    for cell in notebook["cells"]:
        if cell["cell_type"] == "code":
            assert cell["outputs"] == []
            exec(compile("".join(cell["source"]), f"{name}:{cell['id']}", "exec"), module.__dict__)


def test_the_readme_lists_every_example():
    listed = re.findall(r"^\| \[(\S+)\]\((\S+)\)", (EXAMPLES / "README.md").read_text(encoding="utf-8"), re.MULTILINE)
    assert sorted(name for name, _ in listed) == sorted([*SCRIPTS, *NOTEBOOKS])
    assert all((EXAMPLES / target).is_file() for _, target in listed)

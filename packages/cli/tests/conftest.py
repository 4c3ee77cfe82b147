import math
import os
import struct
import subprocess
import sys
import textwrap
import wave
from importlib import metadata
from pathlib import Path

import affekt_weights
import pytest
from affekt import WeightsError, plugins
from affekt_cli.main import app
from typer.testing import CliRunner

PLUGIN = """
from affekt import ComponentInfo, PipelineInfo, hookimpl

@hookimpl
def affekt_components():
    for name in ("glad", "curious", "chatty", "slow", "late", "bugged"):
        target = f"made_up_components:{name.title()}"
        yield ComponentInfo(role="reasoner", name=name, target=target, summary=f"The {name} one")

@hookimpl
def affekt_pipelines():
    yield PipelineInfo(name="made-up", package="made_up_package", path="made-up.yaml", summary="Glad of all it hears")
    yield PipelineInfo(name="paper", package="made_up_package", path="paper.yaml", summary="As in the paper")
    yield PipelineInfo(name="faulty", package="made_up_package", path="faulty.yaml", summary="With a mistake")
"""

COMPONENTS = """
import sys
import time
from affekt import Clue, Component, EmotionPrediction, Moment

def felt(happy=0.75):
    scores = {"happy": happy, "sad": 1 - happy}
    return EmotionPrediction(
        scores=scores, labels=("happy",), valence=0.5, arousal=-0.25, rationale="It <b>sounds</b> so.",
        clues=(Clue(modality="audio", start=0.1, end=0.4, text="a bright tone", checked=True),),
        timeline=(Moment(start=0.0, end=0.5, scores=scores), Moment(start=0.5, end=1.0, scores=scores)),
    )

class Glad(Component):
    happy: float = 0.75

    def reason(self, evidence):
        return [felt(self.happy) for _ in evidence]

class Curious(Glad):
    def answer(self, felt, question, task):
        from affekt_recordings.asking import TextAnswer

        text = f"{question} Yes." if question else f"It tells of {task}."
        return TextAnswer(text=text, clues=felt.prediction.clues)

class Chatty(Component):
    def reason(self, evidence):
        print("a library that talks")
        return [felt() for _ in evidence]

class Slow(Component):
    def reason(self, evidence):
        print("reasoning", flush=True)
        time.sleep(60)

class Late(Component):
    def reason(self, evidence):
        if evidence[0].clip.start > 0:
            print("the second window", file=sys.stderr, flush=True)
            time.sleep(60)
        return [felt() for _ in evidence]

class Bugged(Component):
    def reason(self, evidence):
        raise RuntimeError("a bug of its own")
"""

COMMANDS = '''
import typer
app = typer.Typer()

@app.command()
def go(name: str) -> None:
    """Goes."""
    print(f"went with {name}")
'''

PAPER = """
encoders: {image: eva, mae: mae, videomae: videomae, speech: hubert}
reasoner: glad
requires: ["affekt-made-up>=0.3", "affekt-hubert>=0.1"]
"""

METADATA = "Metadata-Version: 2.1\nName: affekt-made-up\nVersion: 0.3\nSummary: Made up for tests\n"
ENTRY_POINTS = """
[affekt]
made-up = made_up_plugin
[affekt.commands]
made-up = made_up_commands:app
shattered = made_up_shattered:app
"""


@pytest.fixture(scope="session")
def site(tmp_path_factory):
    """A folder on the path that holds an installed distribution: a plugin, a pipeline, and two commands, one broken."""
    folder = tmp_path_factory.mktemp("site")
    texts = {
        "made_up_plugin.py": PLUGIN,
        "made_up_components.py": COMPONENTS,
        "made_up_commands.py": COMMANDS,
        "made_up_shattered.py": "raise RuntimeError('shattered at import')",
        "made_up_package/__init__.py": "",
        "made_up_package/made-up.yaml": "name: made-up\nreasoner: glad\n",
        "made_up_package/paper.yaml": PAPER,
        "made_up_package/faulty.yaml": "encoders: {speech: hubert}\nreasoner: {use: glad, hapy: 1}\n",
        "affekt_made_up-0.3.dist-info/METADATA": METADATA,
        "affekt_made_up-0.3.dist-info/entry_points.txt": ENTRY_POINTS,
    }
    for name, text in texts.items():
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_text(textwrap.dedent(text), encoding="utf-8")
    return folder


@pytest.fixture
def affekt(site, tmp_path, monkeypatch):
    """Runs the command in this process, where the made-up distribution is installed."""
    monkeypatch.syspath_prepend(site)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "100")
    plugins.cache_clear()

    def run(*arguments):
        done = CliRunner().invoke(app, [*map(str, arguments)])
        if done.exception and not isinstance(done.exception, SystemExit):
            raise done.exception
        return subprocess.CompletedProcess(arguments, done.exit_code, done.stdout, done.stderr)

    yield run
    plugins.cache_clear()


@pytest.fixture
def bare(affekt, monkeypatch):
    """The same where of all distributions only core, the command, its reader and the made-up one are installed."""
    installed = ("affekt-core", "affekt-cli", "affekt-media", "affekt-recordings", "affekt-made-up")
    points, distributions = metadata.entry_points, metadata.distributions

    def points_here(**groups):
        found = [point for point in points(**groups) if point.dist.name in installed]
        return [point for point in found if point.name != "shattered"]

    monkeypatch.setattr(metadata, "entry_points", points_here)
    monkeypatch.setattr(metadata, "distributions", lambda: [d for d in distributions() if d.name in installed])
    plugins.cache_clear()
    return affekt


@pytest.fixture
def process(site, tmp_path):
    """The same in a process of its own."""

    def run(*arguments, start=False, stdout=subprocess.PIPE, **environment):
        path = os.pathsep.join(filter(None, [str(site), os.environ.get("PYTHONPATH")]))
        environment = {**os.environ, "PYTHONPATH": path, "COLUMNS": "100", **environment}
        command = [sys.executable, "-m", "affekt_cli", *map(str, arguments)]
        pipes = {"stdout": stdout, "stderr": subprocess.PIPE, "text": True, "encoding": "utf-8"}
        process = subprocess.Popen(command, env=environment, cwd=tmp_path, **pipes)
        if start:
            return process
        out, err = process.communicate(timeout=120)
        return subprocess.CompletedProcess(command, process.returncode, out, err)

    return run


@pytest.fixture
def tone(tmp_path) -> Path:
    """A second of sound."""
    return write_tone(tmp_path / "tone.wav")


@pytest.fixture
def watermark():
    """Needs affekt-voices and the weights of its mark, which are fetched where they are not in the cache."""
    pytest.importorskip("affekt_voices")
    had("perth")


def had(weights):
    try:
        affekt_weights.fetch(weights)
    except WeightsError as error:
        pytest.skip(f"the weights {weights} cannot be had: {error}")


@pytest.fixture
def voice(tmp_path):
    """A pipeline that hears joy in everything, and speaks."""
    pytest.importorskip("affekt_kokoro")
    had("kokoro")
    path = tmp_path / "voice.yaml"
    path.write_text("reasoner: glad\nspeaker: {use: kokoro, threads: 1}\n")
    return path


def write_tone(path: Path, seconds: int = 1) -> Path:
    samples = [int(9000 * math.sin(2 * math.pi * 220 * n / 16000)) for n in range(16000)] * seconds
    with wave.open(str(path), "wb") as file:
        file.setparams((1, 2, 16000, 0, "NONE", ""))
        file.writeframes(struct.pack(f"<{len(samples)}h", *samples))
    return path

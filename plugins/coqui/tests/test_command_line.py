"""Every family through `affekt speak --set speaker=coqui`, as a user runs it."""

import subprocess
import sys

import pytest
import soundfile
from affekt_cli.main import app
from affekt_voices import verify
from typer.testing import CliRunner


@pytest.fixture
def speak(tmp_path, models, monkeypatch):
    monkeypatch.setenv("COLUMNS", "200")

    def run(family, *arguments, text="Come in.", out="out.wav"):
        path = tmp_path / out
        model = ["--set", "speaker=coqui", "--set", f"speaker.model={models(family)}"]
        done = CliRunner().invoke(app, ["speak", text, "-o", str(path), *model, *map(str, arguments)])
        if done.exception and not isinstance(done.exception, SystemExit):
            raise done.exception
        return done, path

    return run


@pytest.mark.parametrize(
    ("family", "arguments", "route", "rate"),
    [
        ("vits", ["--emotion", "sad"], "speed and variation", 16_000),
        ("vits-of-three", ["--emotion", "happy", "--set", "speaker.emotions={happy: ben-happy}"], "the manner of", 16_000),
        ("yourtts", ["--voice", "ada", "--emotion", "happy", "--language", "pt"], "speed and variation", 16_000),
        ("tacotron2", ["--emotion", "angry", "--set", "speaker.emotions={angry: {'2': 0.7}}"], "style tokens", 16_000),
        ("xtts", ["--emotion", "happy", "--set", "speaker.emotions={happy: emma-happy}"], "the manner of", 24_000),
    ],
)
def test_each_family_speaks_in_an_emotion(speak, family, arguments, route, rate):
    done, path = speak(family, *arguments)
    assert done.exit_code == 0, done.stderr
    assert soundfile.info(path).samplerate == rate
    claims = verify(path).manifest.claims
    assert claims["synthetic"] is True
    assert claims["family"] == ("vits" if family == "vits-of-three" else family)
    assert claims["emotion_route"].startswith(route)

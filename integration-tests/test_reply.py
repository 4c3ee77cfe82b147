"""Recognition to speech in one call, on the sample clip; what comes of it stays in `out/reply/`."""

import json
from pathlib import Path

import affekt
import pytest
from affekt import DataError
from affekt_cli.main import app
from affekt_voices import verify
from typer.testing import CliRunner

TEXT = "Thank you. I have listened to what you said."


@pytest.fixture(scope="module")
def out() -> Path:
    folder = Path(__file__).resolve().parent.parent / "out" / "reply"
    folder.mkdir(parents=True, exist_ok=True)
    for left in folder.iterdir():
        left.unlink()
    return folder


def test_the_command_recognises_answers_listens_and_reports(statement, out):
    sound, report = out / "reply.wav", out / "reply.json"
    asked = ["respond", statement, "--text", TEXT, "--until-felt", "--attempts", 2, "--best", "--json", "-o", sound]
    done = CliRunner().invoke(app, list(map(str, asked)))
    assert done.exit_code == 0, done.stderr
    report.write_text(done.stdout, encoding="utf-8")
    told = json.loads(done.stdout)
    assert told["written"] == str(sound)
    assert told["clip"]["label"] == told["emotion"] or told["clip"]["abstained"]
    assert 1 <= len(told["attempts"]) <= 2
    assert told["succeeded"] is any(one["felt"] and one["clear"] for one in told["attempts"])
    best = max(told["attempts"], key=lambda one: (one["clear"], one["felt"], one["score"]))
    assert best["word_errors"] <= 0.2
    assert told["provenance"]["heard_as_meant"] is told["succeeded"]
    verdict = verify(sound)
    assert verdict.synthetic
    assert verdict.manifest.claims["heard_as_meant"] is told["succeeded"]
    assert sorted(path.name for path in out.iterdir()) == ["reply.json", "reply.wav"]


def test_python_does_the_same_in_one_call(pipeline, statement):
    reply = affekt.respond(statement, text="Thank you.", emotion="calm", pipeline=pipeline)
    assert reply.felt.text
    assert reply.result.request.emotion == "calm"
    assert reply.result.audio.duration > 0.4
    assert reply.succeeded is None


@pytest.mark.parametrize(
    "text", ["", " \n", "🙂🙂", "שלום עולם", "Hello мир", "<speak>Hello</speak>", "Hello. " * 7143, "&xxe;<!ENTITY a>"]
)
def test_a_text_that_cannot_be_said_is_refused_and_nothing_is_written(text, tmp_path):
    done = CliRunner().invoke(app, ["speak", text, "-o", str(tmp_path / "out.wav")])
    assert done.exit_code != 0
    assert isinstance(done.exception, DataError | SystemExit)
    assert not list(tmp_path.iterdir())

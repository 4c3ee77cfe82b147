"""Every family through `affekt speak --set speaker=coqui`, as a user runs it."""

import pytest
import soundfile
from affekt import WeightsError
from affekt_cli.main import app
from affekt_kokoro.weights import KOKORO
from affekt_voices import verify
from affekt_weights import fetch
from typer.testing import CliRunner


@pytest.fixture
def speak(tmp_path, models, monkeypatch):
    monkeypatch.setenv("COLUMNS", "200")

    def run(family, *arguments, text="Please come in, and sit down with us. It is late.", out="out.wav"):
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
        (
            "vits-of-three",
            ["--emotion", "happy", "--set", "speaker.emotions={happy: ben-happy}"],
            "the manner of",
            16_000,
        ),
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


CONVERTING = [("freevc", 24_000), ("openvoice", 22_050), ("yourtts", 16_000)]


@pytest.mark.parametrize(("family", "rate"), CONVERTING)
def test_emotional_speech_of_another_speaker_is_converted_to_a_lent_voice(speak, lent, family, rate):
    reader = ["--set", "speaker.reader=kokoro"] if family == "yourtts" else []
    try:
        fetch(KOKORO)
    except WeightsError as error:
        pytest.skip(f"needs the weights of Kokoro: {error}")
    done, path = speak(family, "--voice", "anna", "--emotion", "sad", *reader, text="It is late.")
    assert done.exit_code == 0, done.stderr
    assert soundfile.info(path).samplerate == rate
    claims = verify(path).manifest.claims
    assert claims["emotion_route"] == "conversion of kokoro's speech"
    assert claims["cloned"] is True
    assert claims["consent"] == lent.record("anna").id


@pytest.mark.parametrize("family", ["xtts", "yourtts"])
def test_a_lent_voice_speaks_as_long_as_it_is_lent_and_the_file_says_so(speak, lent, family):
    done, path = speak(family, "--voice", "anna")
    assert done.exit_code == 0, done.stderr
    verdict = verify(path)
    assert verdict.synthetic
    assert verdict.watermark.found
    assert verdict.manifest.claims["consent"] == lent.record("anna").id
    assert verdict.manifest.claims["purpose"] == "replies"
    lent.revoke("anna")
    done, path = speak(family, "--voice", "anna", out="later.wav")
    assert done.exit_code != 0
    assert not path.exists()


@pytest.mark.parametrize(
    ("arguments", "error"),
    [
        (["--voice", "eve"], 'nobody lent a voice "eve"'),
        (["--voice", "../../eve"], "no name of a voice"),
        (["--voice", "anna", "--set", "speaker.purpose=ads"], 'not lent for "ads"'),
        (["--language", "sv"], 'does not speak "sv"'),
        (["--emotion", "hapy"], 'Did you mean "happy"?'),
        (["--set", "speaker.emotions={neutral: {'1': 0.5}}"], "takes no emotion from style tokens"),
    ],
)
def test_what_cannot_be_said_is_an_error_of_a_line_and_writes_nothing(speak, lent, arguments, error):
    done, path = speak("yourtts", *arguments)
    assert done.exit_code not in (0, 70)
    assert error in done.stderr.replace("\n  ", " ")
    assert "Try: " in done.stderr
    assert not list(path.parent.glob("*out*"))


def test_the_licences_of_named_models_are_listed_and_asked_for(tmp_path, monkeypatch):
    monkeypatch.setenv("TTS_HOME", str(tmp_path))
    monkeypatch.setenv("COLUMNS", "200")
    name = "tts_models/multilingual/multi-dataset/xtts_v2"
    listed = CliRunner().invoke(app, ["coqui", "models", "xtts"])
    assert name in listed.stdout
    assert "CPML" in listed.stdout
    refused = CliRunner().invoke(app, ["coqui", "pull", name])
    assert refused.exit_code == 1
    assert "non-commercial use only" in refused.stdout
    assert f'affekt coqui pull {name} --accept "CPML"' in refused.stderr
    assert not list(tmp_path.iterdir())

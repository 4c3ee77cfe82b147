import json
import sys

import pytest
from affekt import Clip, EmotionPrediction, Evidence
from affekt_recordings import Analysis
from affekt_recordings.windows import Part
from affekt_reply import answer

BEEPS = "reasoner: glad\nspeaker: beeps\n"


@pytest.fixture
def beeps(tmp_path):
    path = tmp_path / "beeps.yaml"
    path.write_text(BEEPS)
    return path


@pytest.fixture
def without_voices(monkeypatch):
    """Hides affekt-voices, as if it were not installed."""
    monkeypatch.setitem(sys.modules, "affekt_voices", None)


@pytest.mark.usefixtures("without_voices")
def test_without_a_watermark_nothing_is_written(affekt, beeps, tone, tmp_path):
    for arguments in (["speak", "Hello."], ["respond", tone, "--text", "Hello."]):
        done = affekt(*arguments, "-o", "out.wav", "-p", beeps)
        assert done.returncode == 3
        assert "pip install affekt-voices" in done.stderr
        assert not (tmp_path / "out.wav").exists()


@pytest.mark.usefixtures("watermark")
def test_a_file_that_cannot_be_written_is_refused_before_anything_is_heard_or_spoken(affekt, beeps):
    for arguments in (["speak", ""], ["respond", "nowhere.mp4", "--text", ""]):
        done = affekt(*arguments, "-o", "out.ogg", "-p", beeps)
        assert done.returncode == 1
        assert 'ends in ".ogg"' in done.stderr
        assert "Try: one of .wav, .flac, .mp3" in done.stderr


@pytest.mark.usefixtures("watermark")
def test_respond_analyses_and_answers_in_the_recognised_emotion_with_a_mark(affekt, tone, voice, tmp_path):
    import affekt_media
    import affekt_voices

    done = affekt("respond", tone, "--text", "Thank you, I see.", "-o", "deep/out.wav", "-p", voice)
    assert done.returncode == 0, done.stderr
    assert "happy 75%" in done.stdout
    assert "happy, intensity 0.6; synthetic speech, watermarked" in done.stderr
    assert [path.name for path in (tmp_path / "deep").iterdir()] == ["out.wav"]
    assert affekt_voices.detect(affekt_media.load(tmp_path / "deep/out.wav").audio).found


@pytest.mark.usefixtures("watermark")
def test_until_felt_reports_its_attempts_as_json(affekt, tone, voice, tmp_path):
    done = affekt("respond", tone, "--text", "I see.", "-o", "out.wav", "-p", voice, "--until-felt", "--json")
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)
    assert told["succeeded"] is True
    assert [one["heard"] for one in told["attempts"]] == ["happy"]
    assert told["clip"]["label"] == "happy"
    assert (tmp_path / told["written"]).is_file()
    assert "as meant" in done.stderr


@pytest.mark.usefixtures("watermark")
def test_what_is_never_heard_is_not_written_unless_the_best_attempt_is_asked_for(affekt, voice, tmp_path):
    arguments = ["speak", "I see.", "--emotion", "sad", "-o", "out.wav", "-p", voice, "--until-felt", "--attempts", 1]
    done = affekt(*arguments)
    assert done.returncode == 1
    assert "was not heard" in done.stderr
    assert not (tmp_path / "out.wav").exists()
    done = affekt(*arguments, "--best")
    assert done.returncode == 0
    assert "it is the best attempt" in done.stderr
    assert (tmp_path / "out.wav").is_file()


def test_a_reply_needs_a_text_where_the_reasoner_writes_none(affekt, tone, beeps, tmp_path):
    done = affekt("respond", tone, "-o", "out.wav", "-p", beeps)
    assert done.returncode != 0
    assert "Glad writes no replies" in done.stderr
    assert done.stdout == "", "it is said before the recording is analysed"
    assert not (tmp_path / "out.wav").exists()
    done = affekt("respond", tone, "-o", "out.wav", "-p", "made-up", "--text", "Hello.")
    assert "has no speaker" in done.stderr
    assert done.stdout == ""


def test_an_answer_mirrors_unless_told_otherwise_and_is_neutral_where_nothing_is_claimed():
    def felt(abstained):
        prediction = EmotionPrediction(scores={"sad": 0.7, "calm": 0.3}, abstained=abstained, rationale="so it is")
        return Analysis(source="a", parts=(Part(evidence=Evidence(clip=Clip(id="a")), prediction=prediction),))

    assert answer(felt(None), "Yes.", None, 0.6, None, "en").emotion == "sad"
    assert answer(felt(None), "Yes.", "calm", 0.6, None, "en").emotion == "calm"
    assert answer(felt("too little"), "Yes.", None, 0.6, None, "en").emotion == "neutral"
    assert answer(felt(None), "Yes.", None, 0.6, None, "en").style == "so it is"


@pytest.mark.usefixtures("watermark")
def test_speak_refuses_a_pipeline_without_a_speaker(affekt):
    done = affekt("speak", "Hello.", "-o", "out.wav", "-p", "made-up")
    assert done.returncode == 2
    assert "has no speaker" in done.stderr


def test_the_intensity_is_from_0_to_1(affekt, beeps):
    assert affekt("speak", "Hello.", "-o", "out.wav", "-p", beeps, "--intensity", "2").returncode == 2


def test_a_text_and_a_file_are_needed_unless_voices_are_listed(affekt, beeps):
    for arguments, wanted in ((["speak"], "TEXT"), (["speak", "Hello."], "--output")):
        done = affekt(*arguments, "-p", beeps)
        assert done.returncode == 2
        assert wanted in done.stderr


@pytest.fixture
def choir(tmp_path, monkeypatch):
    """A pipeline whose speaker has two voices and says what it knows of them."""
    (tmp_path / "choir.py").write_text(
        "from dataclasses import dataclass\nfrom typing import ClassVar\nimport numpy as np\n"
        "from affekt import AudioSignal, ComponentInfo, SpeechResult, Component, hookimpl\n"
        "@dataclass\nclass Voice:\n    sex: str\n    accent: str\n"
        "class Choir(Component):\n"
        "    voices: ClassVar = {'ada': Voice('woman', 'Welsh'), 'ben': Voice('man', '<b>')}\n"
        "    def speak(self, requests):\n"
        "        rows = []\n"
        "        for one in requests:\n"
        "            time = np.arange(24000) / 24000\n"
        "            hertz = 180 if one.voice == 'ada' else 110\n"
        "            hum = sum(np.sin(2 * np.pi * k * hertz * time) / k for k in range(1, 20))\n"
        "            hum = 0.1 * hum * np.clip(np.sin(2 * np.pi * 3 * time), 0, 1)\n"
        "            sound = AudioSignal(samples=hum.astype(np.float32), sample_rate=24000)\n"
        "            made = {'synthetic': True, 'voice': one.voice}\n"
        "            rows.append(SpeechResult(audio=sound, request=one, provenance=made))\n"
        "        return rows\n"
        "@hookimpl\ndef affekt_components():\n"
        "    yield ComponentInfo(role='speaker', name='choir', target='choir:Choir', summary='Two voices')\n"
    )
    monkeypatch.syspath_prepend(str(tmp_path))
    (tmp_path / "choir-1.0.dist-info").mkdir()
    (tmp_path / "choir-1.0.dist-info" / "METADATA").write_text(
        "Metadata-Version: 2.1\nName: choir\nVersion: 1.0\nRequires-Dist: affekt-core>=0.1,<0.2\n"
    )
    (tmp_path / "choir-1.0.dist-info" / "entry_points.txt").write_text("[affekt]\nchoir = choir\n")
    path = tmp_path / "choir.yaml"
    path.write_text("reasoner: glad\nspeaker: choir\n")
    return path


def test_the_voices_of_a_speaker_are_listed_with_what_it_says_of_them(affekt, choir, beeps):
    done = affekt("speak", "--list-voices", "-p", choir)
    assert done.returncode == 0, done.stderr
    lines = [line.split() for line in done.stdout.splitlines() if line.strip()]
    assert lines == [["voice", "sex", "accent"], ["ada", "woman", "Welsh"], ["ben", "man", "<b>"]]
    done = affekt("speak", "--list-voices", "-p", beeps)
    assert (done.returncode, 'the speaker "beeps" names no voices' in done.stderr) == (1, True)


@pytest.mark.usefixtures("watermark")
def test_a_page_of_voices_has_a_marked_recording_of_each(affekt, choir, tmp_path):
    import affekt_media
    import affekt_voices

    done = affekt("speak", "I & you.", "--list-voices", "-o", "deep/voices.html", "-p", choir)
    assert done.returncode == 0, done.stderr
    page = (tmp_path / "deep" / "voices.html").read_text()
    assert "I &amp; you." in page
    assert "<td>&lt;b&gt;</td>" in page
    for name in ("ada", "ben"):
        assert f'src="voices/{name}.mp3"' in page
        assert affekt_voices.detect(affekt_media.load(tmp_path / "deep" / "voices" / f"{name}.mp3").audio).found
    done = affekt("speak", "--list-voices", "-o", "voices.wav", "-p", choir)
    assert (done.returncode, "Try: voices.html" in done.stderr) == (1, True)

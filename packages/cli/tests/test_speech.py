import importlib.util
import sys

import pytest

BEEPS = "reasoner: glad\nspeaker: beeps\n"
needs_voices = pytest.mark.skipif(not importlib.util.find_spec("affekt_voices"), reason="needs affekt-voices")


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


@needs_voices
def test_speak_refuses_a_pipeline_without_a_speaker(affekt, tmp_path):
    done = affekt("speak", "Hello.", "-o", "out.wav", "-p", "made-up")
    assert done.returncode == 2
    assert "has no speaker" in done.stderr


def test_the_intensity_is_from_0_to_1(affekt, beeps):
    assert affekt("speak", "Hello.", "-o", "out.wav", "-p", beeps, "--intensity", "2").returncode == 2

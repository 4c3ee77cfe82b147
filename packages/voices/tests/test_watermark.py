import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import soundfile
from affekt import AudioSignal
from affekt_voices import WatermarkError, detect, mark, watermark
from affekt_voices.commands import app
from affekt_voices.measure import wilson
from affekt_voices.treatments import TREATMENTS, read, treated
from affekt_voices.watermark import SHORTEST, THRESHOLD
from typer.testing import CliRunner

from .conftest import syllables


def test_the_mark_is_heard_and_its_absence_too(speech: AudioSignal, marked: AudioSignal):
    assert detect(marked).score > 0.95
    assert detect(marked).found
    assert detect(speech).score < 0.2
    assert not detect(speech).found


def test_length_and_rate_stay_and_the_mark_lies_well_below_the_speech(speech: AudioSignal, marked: AudioSignal):
    assert marked.sample_rate == speech.sample_rate
    assert marked.samples.shape == speech.samples.shape
    difference = marked.samples - speech.samples
    assert 10 * np.log10(np.sum(speech.samples**2) / np.sum(difference**2)) > 12


def test_a_quiet_recording_with_pauses_of_digital_silence_is_no_marked_one(speech: AudioSignal):
    quiet = np.where(np.abs(speech.samples) < 0.02, 0, 0.05 * speech.samples).astype(np.float32)
    assert not detect(AudioSignal(samples=quiet, sample_rate=speech.sample_rate)).certain


def test_marking_is_deterministic(speech: AudioSignal, marked: AudioSignal):
    np.testing.assert_array_equal(mark(speech).samples, marked.samples)


# This sound is thinner than speech and loses the mark in noise; what real speech keeps is in the readme.
@pytest.mark.parametrize("name", sorted(name for name in TREATMENTS if "noise" not in name))
def test_the_mark_survives(name: str, speech: AudioSignal, marked: AudioSignal, tmp_path: Path):
    assert detect(read(treated(marked, name, tmp_path))).certain
    assert detect(read(treated(speech, name, tmp_path))).score < THRESHOLD


def test_a_command_counts_what_is_found_with_intervals(speech: AudioSignal, tmp_path: Path):
    for number in range(3):
        soundfile.write(tmp_path / f"{number}.wav", speech.samples, speech.sample_rate)
    done = CliRunner().invoke(app, ["measure", str(tmp_path), "--clips", "1", "--json"])
    told = json.loads(done.stdout)
    found = told["found"]
    assert told["refused"] == 0
    assert found["as written, .mp3"] == {"clips": 1, "marked": 1, "signed": 1, "alarms": None}
    assert found["MP3"] == {"clips": 1, "marked": 1, "signed": 0, "alarms": 0}, "coding again loses the manifest"
    assert wilson(50, 100) == pytest.approx((0.4038, 0.5962), abs=1e-4)
    empty = CliRunner().invoke(app, ["measure", str(tmp_path / "none")])
    assert (empty.exit_code, "cannot be read" in empty.stderr) == (1, True)


@pytest.mark.parametrize("rate", [8_000, 11_025, 16_000, 22_050, 32_000, 44_100, 48_000])
def test_every_usual_sample_rate_can_be_marked(rate: int):
    sound = syllables(1.0, rate)
    result = mark(sound)
    assert (result.sample_rate, result.samples.shape) == (rate, sound.samples.shape)
    assert detect(result).score > 0.9


def test_high_frequencies_pass_unchanged():
    sound = syllables(1.0, 48_000)
    change = np.abs(np.fft.rfft(mark(sound).samples - sound.samples))
    hertz = np.fft.rfftfreq(len(sound.samples), 1 / 48_000)
    assert change[hertz > 4_000].max() < 0.02 * change.max()


def test_a_loud_sound_is_scaled_rather_than_clipped(speech: AudioSignal):
    loud = AudioSignal(samples=speech.samples / np.abs(speech.samples).max(), sample_rate=speech.sample_rate)
    result = mark(loud)
    assert np.abs(result.samples).max() <= 1
    assert detect(result).score > 0.95


def test_the_shortest_sound_is_marked_and_a_shorter_one_refused(speech: AudioSignal):
    def cut(seconds: float) -> AudioSignal:
        samples = speech.samples[2_000 : 2_000 + round(seconds * speech.sample_rate)]
        return AudioSignal(samples=samples, sample_rate=speech.sample_rate)

    assert detect(mark(cut(SHORTEST))).found
    assert not detect(cut(0.05)).found
    with pytest.raises(WatermarkError, match=r"lasts 0\.10 s, less than 0\.2 s\nTry: "):
        mark(cut(0.1))


@pytest.mark.parametrize("samples", [np.zeros(24_000, np.float32), np.zeros(0, np.float32)])
def test_silence_and_nothing_are_refused_and_not_found(samples: np.ndarray):
    nothing = AudioSignal(samples=samples, sample_rate=24_000)
    assert not detect(nothing).found
    assert detect(nothing).reason
    with pytest.raises(WatermarkError, match="cannot carry a watermark"):
        mark(nothing)


def test_a_mark_that_cannot_be_heard_afterwards_is_an_error(speech: AudioSignal, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(watermark, "THRESHOLD", 2.0)
    with pytest.raises(WatermarkError, match=r"written but cannot be heard: it scores (0\.9|1\.0)"):
        mark(speech)


def test_importing_the_package_and_listing_its_weights_imports_no_torch():
    check = "import sys, affekt_voices, affekt_voices.plugin; assert 'torch' not in sys.modules"
    subprocess.run([sys.executable, "-c", check], check=True)

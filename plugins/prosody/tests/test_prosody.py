import numpy as np
import pytest
from affekt import AudioSignal, Clip, Missing, plugins

RATE = 16_000


@pytest.fixture(scope="module")
def encoder():
    return plugins().create("encoder", "prosody")


def voice(hertz, seconds=1.0, level=0.3, rate=RATE):
    """A glottal-like tone: ten harmonics that fall by 6 dB an octave."""
    time = np.arange(int(rate * seconds)) / rate
    phase = 2 * np.pi * np.cumsum(np.broadcast_to(hertz, time.shape)) / rate
    tone = sum(np.sin(n * phase) / n for n in range(1, 11))
    return (level * tone / np.abs(tone).max()).astype(np.float32)


def clip(samples, rate=RATE):
    return Clip(id="a", audio=AudioSignal(samples=samples.astype(np.float32), sample_rate=rate))


@pytest.mark.parametrize("hertz", [80.0, 150.0, 300.0, 500.0])
def test_pitch_is_right_to_a_quarter_of_a_semitone(encoder, hertz):
    (found,) = encoder.encode([clip(voice(hertz))])
    assert found.column("voicing").mean() > 0.8
    assert np.median(found.column("pitch")) == pytest.approx(12 * np.log2(hertz / 27.5), abs=0.25)


def test_loudness_follows_the_level_in_decibels(encoder):
    loud, soft = encoder.encode([clip(voice(150, level=0.5)), clip(voice(150, level=0.05))])
    assert np.median(loud.column("loudness")) - np.median(soft.column("loudness")) == pytest.approx(20, abs=0.2)


def test_noise_on_the_voice_lowers_harmonicity(encoder):
    clean = voice(150)
    noisy = clean + 0.1 * np.random.default_rng(0).standard_normal(len(clean))
    tidy, rough = encoder.encode([clip(clean), clip(noisy)])
    assert np.median(tidy.column("harmonicity")) > np.median(rough.column("harmonicity")) + 10


def test_five_bursts_a_second_are_a_rate_of_five_and_a_gap_is_a_pause(encoder):
    time = np.arange(3 * RATE) / RATE
    bursts = voice(150, 3.0) * (0.05 + np.clip(np.sin(2 * np.pi * 5 * time), 0, 1))
    bursts[RATE : int(1.6 * RATE)] = 0
    (found,) = encoder.encode([clip(bursts)])
    pause = found.column("pause")
    assert pause[110:150].mean() > 0.9
    assert pause[:90].mean() == 0
    assert found.column("rate")[-50:].mean() == pytest.approx(5, abs=1)


def test_rows_cover_the_clip_at_any_sample_rate(encoder):
    for rate in (8_000, 44_100):
        (found,) = encoder.encode([clip(voice(150, rate=rate), rate)])
        assert found.clock()[-1, 1] == pytest.approx(1.0, abs=0.02)
        assert np.median(found.column("pitch")) == pytest.approx(12 * np.log2(150 / 27.5), abs=0.3)


def test_silence_noise_and_no_sound_are_missing_with_a_reason(encoder):
    noise = 0.1 * np.random.default_rng(0).standard_normal(RATE)
    silent, none, short, unvoiced = encoder.encode(
        [clip(np.zeros(RATE)), Clip(id="b", missing={"audio": "no audio track"}), clip(voice(150, 0.02)), clip(noise)]
    )
    assert "silent" in silent.reason
    assert none == Missing(reason="no audio track")
    assert "too short" in short.reason
    assert isinstance(unvoiced, Missing) or unvoiced.column("voicing").mean() < 0.1

import os
from pathlib import Path

import numpy as np
import pytest
import soundfile
from affekt import AudioSignal, Clip, Features, Missing, OptionsError, plugins
from affekt_prosody.encoder import COLUMNS

RATE = 16_000
RAVDESS = Path(os.environ.get("AFFEKT_SHARED", "../shared")) / "data" / "ravdess"


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
    assert (found.column("voicing") > 0.5).mean() > 0.8
    assert np.median(found.column("pitch")) == pytest.approx(12 * np.log2(hertz / 27.5), abs=0.25)


def test_a_gliding_pitch_is_followed_without_leaps_of_an_octave(encoder):
    hertz = np.geomspace(110, 330, 2 * RATE)
    (found,) = encoder.encode([clip(voice(hertz, 2.0))])
    rows = found.column("pitch")[5:-5]
    wanted = 12 * np.log2(hertz[RATE // 200 :: RATE // 100][5 : len(rows) + 5] / 27.5)
    assert np.abs(rows - wanted).max() < 0.5


def test_loudness_follows_the_level_in_decibels(encoder):
    loud, soft = encoder.encode([clip(voice(150, level=0.5)), clip(voice(150, level=0.05))])
    assert np.median(loud.column("loudness")) - np.median(soft.column("loudness")) == pytest.approx(20, abs=0.2)
    for column in ("pitch", "effort", "harmonicity", "cepstral_peak"):
        assert np.median(loud.column(column)) == pytest.approx(np.median(soft.column(column)), abs=0.1)


def test_noise_on_the_voice_lowers_harmonicity_and_the_cepstral_peak(encoder):
    clean = voice(150)
    noisy = clean + 0.1 * np.random.default_rng(0).standard_normal(len(clean))
    tidy, rough = encoder.encode([clip(clean), clip(noisy)])
    assert np.median(tidy.column("harmonicity")) > np.median(rough.column("harmonicity")) + 10
    assert np.median(tidy.column("cepstral_peak")) > np.median(rough.column("cepstral_peak")) + 3


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


def test_silence_and_no_sound_are_missing_with_a_reason(encoder):
    silent, none, short = encoder.encode(
        [clip(np.zeros(RATE)), Clip(id="b", missing={"audio": "no audio track"}), clip(voice(150, 0.02))]
    )
    assert "silent" in silent.reason
    assert none == Missing(reason="no audio track")
    assert "lasts only 0.020 s" in short.reason


def test_noise_has_no_voice(encoder):
    (found,) = encoder.encode([clip(0.1 * np.random.default_rng(0).standard_normal(2 * RATE))])
    assert (found.column("voicing") > 0.5).mean() < 0.02
    assert np.isfinite(found.values).all()


def test_pitches_less_than_an_octave_apart_are_refused():
    with pytest.raises(OptionsError, match="octave"):
        plugins().create("encoder", "prosody", lowest=150, highest=200)


@pytest.mark.skipif(not RAVDESS.is_dir(), reason="AFFEKT_SHARED/data/ravdess is absent")
def test_an_angry_voice_is_higher_louder_and_more_effortful_than_a_calm_one(encoder):
    means = {}
    for emotion in ("02", "05"):
        clips = []
        for path in sorted(RAVDESS.glob(f"Actor_0[1-4]/03-01-{emotion}-02-01-01-*.flac")):
            samples, rate = soundfile.read(path, dtype="float32")
            clips.append(clip(samples, rate))
        rows = [
            [found.column(name)[found.column("voicing") > 0.5].mean() for name in COLUMNS]
            for found in encoder.encode(clips)
            if isinstance(found, Features)
        ]
        assert len(rows) == 4
        means[emotion] = dict(zip(COLUMNS, np.mean(rows, axis=0), strict=True))
    calm, angry = means["02"], means["05"]
    assert angry["pitch"] > calm["pitch"] + 4
    assert angry["loudness"] > calm["loudness"] + 10
    assert angry["effort"] > calm["effort"] + 3

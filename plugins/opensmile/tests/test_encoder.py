import numpy as np
import pytest
from affekt import AudioSignal, Clip, Missing, plugins

RATE = 16_000


def tone(hertz, seconds=1.0, level=0.2, rate=RATE):
    time = np.arange(round(seconds * rate)) / rate
    harmonics = sum(np.sin(2 * np.pi * hertz * k * time) / k for k in range(1, 8))
    return Clip(id=f"{hertz}", audio=AudioSignal(samples=(level * harmonics).astype(np.float32), sample_rate=rate))


def make(**options):
    return plugins().create("encoder", "opensmile", **options)


def test_the_named_columns_hold_what_they_name():
    low, high, quiet = make().encode([tone(110), tone(220), tone(110, level=0.02)])
    assert low.values.shape == (1, 88)
    pitch = "F0semitoneFrom27.5Hz_sma3nz_amean"
    assert low.column(pitch)[0] == pytest.approx(24, abs=0.3)  # two octaves over 27.5 Hz
    assert high.column(pitch)[0] == pytest.approx(36, abs=0.3)
    assert quiet.column("equivalentSoundLevel_dBp")[0] == pytest.approx(
        low.column("equivalentSoundLevel_dBp")[0] - 20, abs=0.5
    )
    np.testing.assert_array_equal(low.clock(), [[0.0, 1.0]])


def test_descriptors_come_every_ten_milliseconds():
    (found,) = make(level="descriptors").encode([tone(220, seconds=0.5)])
    assert found.values.shape[1] == 25
    np.testing.assert_allclose(np.diff(found.clock()[:, 0]), 0.01, atol=1e-9)
    assert found.clock()[-1, 1] == 0.5


@pytest.mark.parametrize(("parameters", "columns"), [("GeMAPSv01b", 62), ("ComParE_2016", 6373)])
def test_the_other_sets_have_their_published_sizes(parameters, columns):
    (found,) = make(parameters=parameters).encode([tone(150)])
    assert found.values.shape == (1, columns)


def test_another_sample_rate_gives_the_same_pitch():
    low, same = make().encode([tone(110), tone(110, rate=48_000)])
    pitch = "F0semitoneFrom27.5Hz_sma3nz_amean"
    assert low.column(pitch)[0] == pytest.approx(same.column(pitch)[0], abs=0.1)


def test_silence_and_no_sound_are_missing_with_a_reason():
    silent, short, none = make().encode(
        [tone(100, level=0.0), tone(100, seconds=0.05), Clip(id="b", missing={"audio": "no audio track"})]
    )
    assert "silent" in silent.reason
    assert "lasts only 0.050 s" in short.reason
    assert none == Missing(reason="no audio track")

import numpy as np
import pytest
import torch
from affekt import AudioSignal, Clip, Component, Missing, OptionsError
from affekt_encoding.hearing import Clock
from affekt_encoding.options import Layer, Pool
from affekt_encoding.presets import Preset, with_preset
from affekt_encoding.sound import faint_gain, heard
from affekt_encoding.windows import windows
from pydantic import model_validator


def clip_of(samples, rate=16_000):
    return Clip(id="a", audio=AudioSignal(samples=np.asarray(samples, dtype=np.float32), sample_rate=rate))


def test_sound_is_resampled_and_its_absence_has_a_reason():
    noise = np.random.default_rng(0).standard_normal(48_000) * 0.1
    assert len(heard(clip_of(noise, 48_000), 16_000)) == 16_000
    assert "silent" in heard(clip_of(np.zeros(16_000)), 16_000).reason
    assert "lasts only 0.010 s" in heard(clip_of(noise[:160]), 16_000).reason
    assert heard(Clip(id="b", missing={"audio": "no track"}), 16_000) == Missing(reason="no track")


@pytest.mark.parametrize("level", [1e-3, 1e-2, 0.1, 1.0])
def test_a_faint_sound_is_raised_and_any_other_is_left_as_it_is(level):
    sound = (0.5 * level * np.sin(np.arange(16_000) / 10)).astype(np.float32)
    sound[7] = 0.9 * level  # a click
    given = clip_of(sound)
    found = heard(given, 16_000)
    if level <= 1e-2:
        assert np.abs(found).max() == pytest.approx(0.25 * 0.9 / 0.5, rel=0.01)
        assert faint_gain(sound) == pytest.approx(20 * np.log10(0.25 / 0.5 / level), abs=0.1)
        np.testing.assert_allclose(found / found[100], sound / sound[100], rtol=1e-4)
    else:
        assert found is given.audio.samples
        assert faint_gain(sound) == 0.0


@pytest.mark.parametrize("samples", [400, 719, 720, 721, 16_000])
def test_a_clock_counts_the_rows_that_a_convolution_gives(samples):
    clock = Clock(sample_rate=16_000, stride=320, field=400)
    convolved = torch.nn.functional.conv1d(torch.zeros(1, 1, samples), torch.zeros(1, 1, 400), stride=320)
    assert clock.rows(samples) == convolved.shape[2]
    assert clock.rows(399) == 0, "no row where the sound is shorter than what a row is made of"
    assert (clock.hop, clock.start) == (0.02, 0.0025), "40 samples of the first field lie before its stride"


@pytest.mark.parametrize("rows", [1, 99, 100, 101, 163, 1000, 12_345])
def test_windows_join_without_gap_or_overlap(rows):
    kept = []
    for window in windows(rows, longest=100, margin=10):
        assert window.last - window.first <= 100
        kept += list(range(window.first, window.last))[window.keep]
    assert kept == list(range(rows))


class Ear(Component):
    layer: Layer = -1
    pool: Pool = "none"
    preset: str | None = None

    @model_validator(mode="before")
    @classmethod
    def _fill(cls, given):
        return with_preset(given, {"paper": Preset(options={"layer": 3, "pool": "mean"}, source="Table 1")})


def test_a_preset_fills_what_is_not_given_and_survives_a_file():
    ear = Ear.create(preset="paper", layer=(1, 2))
    assert (ear.layer, ear.pool) == ((1, 2), "mean")
    assert Ear.create(**ear.model_dump(mode="json")) == ear
    with pytest.raises(OptionsError, match='did you mean "paper"'):
        Ear.create(preset="papper")
    with pytest.raises(OptionsError, match="layer"):
        Ear.create(layer=[])

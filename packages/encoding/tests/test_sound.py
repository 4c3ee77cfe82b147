import numpy as np
import pytest
from affekt import AudioSignal, Clip, Component, Missing, OptionsError
from affekt_encoding.options import Layer, Pool
from affekt_encoding.presets import Preset, with_preset
from affekt_encoding.sound import heard
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

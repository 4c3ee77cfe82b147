"""The probe that tells voices from other sounds, on made-up statistics. Real figures: `affekt_training.heads.vocal`."""

from dataclasses import replace

import numpy as np
import pytest
import soundfile
from affekt import DataError
from affekt_training.heads import vocal

RANDOM = np.random.default_rng(0)


def windows(count=60):
    """Voices have a high first column; source "odd" has it, too."""
    kinds = np.repeat(["speech", "bursts", "others"], count)
    groups = [f"{kind} {index % 6}" for index, kind in enumerate(kinds)]
    values = RANDOM.standard_normal((len(kinds), 8)).astype(np.float32)
    values[:, 0] += np.where(kinds == "others", -40, 40)
    return vocal.Windows(values=values, vocal=kinds != "others", groups=tuple(groups), kinds=tuple(kinds))


def test_voices_are_told_from_other_sounds_of_sources_that_were_left_out():
    known = windows()
    odd = tuple("odd" if kind == "others" and index % 6 == 0 else group
                for index, (kind, group) in enumerate(zip(known.kinds, known.groups, strict=True)))  # fmt: skip
    values = known.values.copy()
    values[[group == "odd" for group in odd], 0] += 80
    found = vocal.report(replace(known, groups=odd, values=values))
    assert found["speech"] == found["bursts"] == 1.0
    assert found["source odd"] == found["worst source"] == 1.0
    assert found["others"] == pytest.approx(1 / 6)
    assert all(found[f"source others {number}"] == 0.0 for number in range(1, 6))


def test_the_probe_works_on_statistics_as_they_are():
    known = windows()
    probe = vocal.fit(replace(known, values=known.values * 3 + 7))
    assert ((probe(known.values * 3 + 7) > 0.5) == known.vocal).all()


def test_windows_of_a_file_are_loud_enough_and_of_the_length_of_a_burst(tmp_path):
    sound = np.concatenate([np.zeros(16_000 * 20), RANDOM.standard_normal(16_000 * 20) * 0.1])
    soundfile.write(tmp_path / "half.wav", sound, 16_000)
    (tmp_path / "none.ogg").write_bytes(b"no sound")
    cut = list(vocal._windows(tmp_path / "half.wav", np.random.default_rng(1)))
    assert 0 < len(cut) < vocal.A_FILE
    assert all(16_000 <= len(one) <= 3.2 * 16_000 for one in cut)
    assert all(10**-1.5 * 0.99 <= np.abs(one).max() <= 10**-0.15 * 1.01 for one in cut)
    assert not list(vocal._windows(tmp_path / "none.ogg", np.random.default_rng(1)))


@pytest.mark.parametrize("number", range(6))
def test_noise_that_is_made_is_finite_and_never_clips(number):
    for seed in range(4):
        sound = vocal.synthetic(number, np.random.default_rng(seed))
        assert np.isfinite(sound).all()
        assert 0 < np.abs(sound).max() < 1


def test_one_source_is_refused_because_none_could_be_left_out(tmp_path):
    (tmp_path / "music").mkdir()
    soundfile.write(tmp_path / "music" / "a.wav", np.zeros(16_000), 16_000)
    with pytest.raises(DataError, match="a folder a source of sounds; found 1"):
        vocal.others(tmp_path)

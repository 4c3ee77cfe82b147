"""The command's own arithmetic: who is compared with what, and what happens to a reference."""

import numpy as np
import pytest
import soundfile
from affekt import AudioSignal

pytest.importorskip("affekt_speakers")

from affekt_clone.fitting import CHECK, SHORT
from affekt_clone.measure import CONDITIONS, SENTENCES, _person


def hum(hertz: float, seconds: float, rate: int = 16_000) -> np.ndarray:
    time = np.arange(round(seconds * rate)) / rate
    return (0.2 * np.sin(2 * np.pi * hertz * time)).astype(np.float32)


def test_every_other_recording_is_only_compared_with(tmp_path):
    for number in range(4):
        soundfile.write(tmp_path / f"{number}.wav", hum(200 if number % 2 == 0 else 900, 1.0), 16_000)
    person = _person(tmp_path)
    assert person.name == tmp_path.name
    for sound, hertz in ((person.reference(60), 200), (person.others, 900)):
        assert sound.duration == pytest.approx(2.0, abs=0.05)
        spectrum = np.abs(np.fft.rfft(sound.samples))
        assert np.fft.rfftfreq(len(sound.samples), 1 / 16_000)[spectrum.argmax()] == pytest.approx(hertz, abs=5)
    assert person.reference(0.5).duration == 0.5
    (tmp_path / "empty").mkdir()
    with pytest.raises(SystemExit, match="holds 0 recordings"):
        _person(tmp_path / "empty")


def test_a_telephone_and_noise_change_the_reference():
    low = AudioSignal(samples=hum(100, 1.0), sample_rate=16_000)
    voiced = AudioSignal(samples=hum(1000, 1.0), sample_rate=16_000)

    def level(sound):
        return 10 * np.log10(np.mean(sound.samples[4000:-4000].astype(np.float64) ** 2))

    assert level(CONDITIONS["telephone"](low)) < level(low) - 20
    assert level(CONDITIONS["telephone"](voiced)) == pytest.approx(level(voiced), abs=1)
    noise = CONDITIONS["noisy"](voiced).samples - voiced.samples
    assert 10 * np.log10(np.mean(voiced.samples**2) / np.mean(noise**2)) == pytest.approx(20, abs=0.5)
    assert CONDITIONS["clean"](voiced) is voiced


def test_what_is_judged_was_said_by_no_candidate():
    assert not set(SENTENCES) & {*SHORT, *CHECK}

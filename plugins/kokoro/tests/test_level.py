import numpy as np
import pytest
from affekt_kokoro.level import CEILING, NEUTRAL_LEVEL, brightened, levelled, limited, resampled, speech_level, trimmed

RATE = 24_000


def bursts(seed: int = 0) -> np.ndarray:
    """Noise in syllables, half of the time silent."""
    noise = np.random.default_rng(seed).standard_normal(RATE * 2)
    return (noise * (np.sin(np.arange(RATE * 2) * 2 * np.pi * 3 / RATE) > 0) * 0.05).astype(np.float32)


@pytest.mark.parametrize("energy", [-6.0, 0.0, 4.0])
def test_the_level_is_what_was_asked_for(energy: float):
    assert speech_level(levelled(bursts(), RATE, energy), RATE) == pytest.approx(NEUTRAL_LEVEL + energy, abs=0.1)


def test_pauses_do_not_count_towards_the_level():
    sound = bursts()
    padded = np.concatenate([np.zeros(RATE, np.float32), sound, np.zeros(RATE * 3, np.float32)])
    assert speech_level(padded, RATE) == pytest.approx(speech_level(sound, RATE), abs=0.2)


def test_the_limiter_keeps_every_peak_below_the_ceiling_and_leaves_the_rest():
    sound = bursts()
    sound[10_000] = 3.0
    calm = limited(sound, RATE)
    assert np.abs(calm).max() <= CEILING
    np.testing.assert_array_equal(calm[:9_000], sound[:9_000])
    np.testing.assert_array_equal(calm[11_000:], sound[11_000:])


def test_quiet_sound_passes_the_limiter_untouched():
    sound = bursts()
    assert limited(sound, RATE) is sound


def test_brightness_raises_what_is_high_and_leaves_what_is_low():
    sound = bursts()
    change = np.abs(np.fft.rfft(brightened(sound, RATE, 6.0))) / np.abs(np.fft.rfft(sound))
    hertz = np.fft.rfftfreq(len(sound), 1 / RATE)
    assert 20 * np.log10(np.median(change[hertz < 150])) == pytest.approx(0, abs=0.3)
    assert 20 * np.log10(np.median(change[hertz > 8_000])) == pytest.approx(6, abs=0.3)


def test_resampling_raises_every_frequency_and_shortens_the_sound():
    tone = np.sin(2 * np.pi * 440 * np.arange(RATE) / RATE).astype(np.float32)
    higher = resampled(tone, 1.1)
    assert len(higher) == round(RATE / 1.1)
    assert np.abs(np.fft.rfft(higher)).argmax() * RATE / len(higher) == pytest.approx(484, abs=1)
    assert np.abs(higher).max() == pytest.approx(1, abs=0.05)
    assert resampled(tone, 1.0) is tone


def test_silence_stays_silence():
    silence = np.zeros(RATE, np.float32)
    assert speech_level(silence, RATE) == -np.inf
    assert not levelled(silence, RATE, 4.0).any()
    assert len(trimmed(silence, RATE)) == RATE


def test_silence_around_speech_is_trimmed():
    sound = bursts()[: RATE // 6]
    padded = np.concatenate([np.zeros(RATE, np.float32), sound, np.zeros(RATE, np.float32)])
    assert len(trimmed(padded, RATE)) / RATE == pytest.approx(len(sound) / RATE + 0.18, abs=0.05)

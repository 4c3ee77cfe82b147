"""The noise of MER2024."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from affekt import AudioSignal, Clip, VideoFrames
from affekt_datasets import DatasetError
from affekt_datasets.noise import Mer2024Noise, add_noise

RNG = np.random.default_rng(3)
VOICE = (0.1 * RNG.standard_normal(16_000)).astype(np.float32)


@pytest.fixture
def noises(tmp_path: Path, sounds: Callable[[int], bytes]) -> Path:
    for number in range(3):
        (tmp_path / f"noise-{number}.wav").write_bytes(sounds(number))
    return tmp_path


@pytest.mark.parametrize("snr", [5, 10])
def test_the_noise_lies_as_far_below_the_voice_as_asked(snr: int) -> None:
    noise = RNG.standard_normal(16_000)
    added = add_noise(VOICE, noise, snr).astype(np.float64) - VOICE
    measured = 20 * np.log10(np.sqrt(np.mean(VOICE.astype(np.float64) ** 2)) / np.sqrt(np.mean(added**2)))
    assert measured == pytest.approx(snr, abs=0.01)


def test_what_exceeds_sixteen_bits_is_made_quieter_and_not_clipped() -> None:
    loud = np.sign(VOICE) * np.float32(0.99)
    mixed = add_noise(loud, RNG.standard_normal(16_000), 5)
    assert np.abs(mixed).max() <= 1.0
    assert (np.abs(mixed) > 0.9999).sum() < 5
    steps = mixed.astype(np.float64) * 32768
    np.testing.assert_array_equal(steps, np.round(steps))


def test_silent_noise_and_silence_are_no_division_by_zero() -> None:
    np.testing.assert_array_equal(add_noise(np.zeros(10, np.float32), np.ones(10), 5), np.zeros(10, np.float32))
    assert np.isfinite(add_noise(VOICE, np.zeros(16_000), 5)).all()


def test_a_clip_gets_the_same_noise_again_and_another_clip_another(noises: Path) -> None:
    frames = RNG.integers(0, 256, (2, 32, 48, 3), dtype=np.uint8)
    video = VideoFrames(frames=frames, fps=10.0)
    clips = [
        Clip(id=n, audio=AudioSignal(samples=VOICE, sample_rate=16_000), video=video) for n in ("a", "b", "c", "d")
    ]
    one, other = Mer2024Noise(noises)(clips), Mer2024Noise(noises)(clips)
    for left, right in zip(one, other, strict=True):
        assert left.notes == right.notes
        np.testing.assert_array_equal(left.audio.samples, right.audio.samples)
        np.testing.assert_array_equal(left.video.frames, right.video.frames)
    assert len({clip.audio.samples.tobytes() for clip in one}) == 4
    assert "noise" in one[0].notes[0]
    np.testing.assert_array_equal(clips[0].audio.samples, VOICE)


def test_blur_halves_the_picture_and_enlarges_it_again(noises: Path) -> None:
    cv2 = pytest.importorskip("cv2")
    frame = RNG.integers(0, 256, (32, 48, 3), dtype=np.uint8)
    clip = Clip(id="x", video=VideoFrames(frames=frame[None], fps=10.0))
    (noisy,) = Mer2024Noise(noises, blur=(4,))([clip])
    np.testing.assert_array_equal(noisy.video.frames[0], cv2.pyrUp(cv2.pyrUp(cv2.pyrDown(cv2.pyrDown(frame)))))


def test_a_folder_without_noise_is_named(tmp_path: Path) -> None:
    with pytest.raises(DatasetError, match="holds no recordings of noise"):
        Mer2024Noise(tmp_path)([Clip(id="x", audio=AudioSignal(samples=VOICE, sample_rate=16_000))])

"""Open files, and sound in memory, are read as files are."""

import gc
import io
from pathlib import Path

import numpy as np
import pytest
from affekt import DataError
from affekt_media import load, probe, windows, windows_of_sound
from affekt_media.errors import UnreadableMedia
from affekt_media.spooling import Spooled

RATE = 16_000
TONE = (0.5 * np.sin(2 * np.pi * 300 * np.arange(RATE) / RATE)).astype(np.float32)


def only(waveform, rate=RATE, **options):
    (clip,) = windows_of_sound(waveform, rate, **options)
    return clip


def test_an_open_file_is_read_as_its_path_is(write_media, tmp_path: Path) -> None:
    path = write_media(tmp_path / "a.mp4", pictures=[{}], sounds=[{}])
    wanted = load(path)
    with path.open("rb") as file:
        found = load(file)
        assert not file.closed
    assert found.id == "a.mp4"
    np.testing.assert_array_equal(found.audio.samples, wanted.audio.samples)
    np.testing.assert_array_equal(found.video.frames, wanted.video.frames)
    data = io.BytesIO(path.read_bytes())
    assert [track.kind for track in probe(data).tracks] == ["video", "audio"]
    data.seek(0)
    assert [clip.id for clip in windows(data)] == ["open file"]
    with pytest.raises(UnreadableMedia, match=r'"open file" gave nothing.*\nTry: file.seek\(0\)'):
        load(data)


def test_what_is_open_and_gives_no_bytes_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_text("no media")
    with path.open() as file, pytest.raises(UnreadableMedia, match="is open as text"):
        load(file)
    with path.open("rb") as file:
        file.close()
        with pytest.raises(UnreadableMedia, match="cannot be read: read of closed file"):
            load(file)
    with path.open("rb") as file, pytest.raises(UnreadableMedia):
        load(file)


def test_the_temporary_file_goes_with_the_iterator() -> None:
    file = Spooled.of(io.BytesIO(b"abc"))
    folder = file.path.parent
    assert folder.is_dir()
    del file
    gc.collect()
    assert not folder.exists()


def test_sound_in_memory_comes_back_as_it_is() -> None:
    clip = only(TONE, name="meeting/one")
    assert (clip.id, clip.audio.sample_rate) == ("one", RATE)
    np.testing.assert_allclose(clip.audio.samples, TONE, atol=1e-6)
    np.testing.assert_allclose(only((TONE * 32767).astype(np.int16)).audio.samples, TONE, atol=1e-4)
    np.testing.assert_allclose(only(((TONE + 1) * 127.5).astype(np.uint8)).audio.samples, TONE, atol=2e-2)
    assert only(np.repeat(TONE, 3), 3 * RATE).duration == pytest.approx(1, abs=1e-3)


def test_channels_are_mixed_or_taken_and_silence_is_no_sound() -> None:
    both = np.stack([TONE, 0.5 * TONE])
    np.testing.assert_allclose(only(both).audio.samples, 0.75 * TONE, atol=1e-6)
    np.testing.assert_allclose(only(both, channel=1).audio.samples, 0.5 * TONE, atol=1e-6)
    silent = only(0 * TONE)
    assert silent.audio is None
    assert "audio" in silent.missing


@pytest.mark.parametrize("waveform", [np.zeros(0), np.zeros((1, 2, 3)), np.array([0, np.nan]), np.zeros((500, 2)), "x"])
def test_what_is_no_waveform_is_refused(waveform) -> None:
    with pytest.raises(DataError):
        windows_of_sound(waveform, RATE)

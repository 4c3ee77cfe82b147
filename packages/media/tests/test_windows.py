"""Long media as a stream of clips."""

import subprocess
import sys

import numpy as np
import pytest
from affekt import OptionsError
from affekt_media import Limits, load, windows
from affekt_media.errors import MediaTooLong


def test_windows_put_together_are_the_whole(tmp_path, write_media):
    pictures = [{"times": [k / 10 for k in range(47)]}]
    path = write_media(
        tmp_path / "a.mkv", pictures=pictures, sounds=[{"codec": "flac", "rate": 22_050, "seconds": 4.7}]
    )
    whole, parts = load(path), list(windows(path, 2.0))
    assert [part.start for part in parts] == [0, 2, 4]
    assert [part.id for part in parts] == ["a.mkv@0s", "a.mkv@2s", "a.mkv@4s"]
    assert [len(part.audio.samples) for part in parts] == [32_000, 32_000, 11_200]
    assert np.array_equal(np.concatenate([part.audio.samples for part in parts]), whole.audio.samples)
    assert np.array_equal(np.concatenate([part.video.frames for part in parts]), whole.video.frames)
    assert np.concatenate([part.start + part.video.times for part in parts]) == pytest.approx(whole.video.times)


def test_a_file_that_fits_one_window_is_as_if_it_had_been_loaded(tmp_path, write_media):
    path = write_media(tmp_path / "a.wav", sounds=[{"codec": "pcm_s16le", "gains": [0.0]}])
    (only,) = windows(path)
    assert only.id == "a.wav"
    assert only.missing == load(path).missing


def test_a_sliver_at_the_end_joins_the_window_before(tmp_path, write_media):
    path = write_media(tmp_path / "a.wav", sounds=[{"codec": "pcm_s16le", "seconds": 8.3}])
    assert [part.audio.duration for part in windows(path, 4.0)] == pytest.approx([4.0, 4.3])


def test_tracks_that_are_not_interleaved_are_joined_window_by_window(tmp_path, write_media):
    # The picture ends long before the sound does, and all of it comes first in the file.
    path = write_media(tmp_path / "a.mov", pictures=[{}], sounds=[{"codec": "pcm_s16le", "seconds": 7}])
    parts = list(windows(path, 3.0))
    assert [part.video is None for part in parts] == [False, True, True]
    assert [part.audio.duration for part in parts] == pytest.approx([3, 3, 1])
    assert parts[1].missing["video"] == "the video track holds nothing from 3 s to 6 s"


def test_a_silent_stretch_is_missing_in_its_windows_only(tmp_path, write_media):
    wave = 0.5 * np.sin(np.arange(5 * 16_000) / 5)
    wave[2 * 16_000 : 4 * 16_000] = 0
    sound = {"codec": "pcm_s16le", "rate": 16_000, "samples": wave.astype(np.float32)[None]}
    parts = list(windows(write_media(tmp_path / "a.wav", sounds=[sound]), 2.0))
    assert [part.audio is None for part in parts] == [False, True, False]
    assert parts[1].missing["audio"] == "the audio track is silent from 2 s to 4 s (peak -inf dBFS)"


def test_a_stretch_with_nothing_at_all_is_skipped(tmp_path, write_media):
    pictures = [{"times": [0, 0.1, 3600.0, 3600.1]}]
    parts = list(windows(write_media(tmp_path / "a.mkv", pictures=pictures), 10.0))
    assert [part.start for part in parts] == [0, 3600]


def test_a_file_that_is_too_long_for_one_clip_is_refused_at_once(tmp_path):
    path = tmp_path / "ten_hours.wav"
    hours = 10 * 3600 * 32_000
    header = b"RIFF" + (hours + 36).to_bytes(4, "little") + b"WAVEfmt " + (16).to_bytes(4, "little")
    header += bytes.fromhex("0100 0100 803e0000 007d0000 0200 1000") + b"data" + hours.to_bytes(4, "little")
    with path.open("wb") as file:
        file.write(header)
        file.truncate(len(header) + hours)  # the silence takes no room on the disk
    expected = r"lasts 36,000.0 s; Limits.max_seconds allows 300 s in one clip\nTry: affekt_media.windows\(path\)"
    with pytest.raises(MediaTooLong, match=expected):
        load(path)
    first = next(iter(windows(path)))
    assert first.missing["audio"] == "the audio track is silent from 0 s to 30 s (peak -inf dBFS)"


def test_a_file_that_turns_out_too_long_is_refused_while_it_is_read(tmp_path, write_media):
    path = write_media(tmp_path / "a.aac", sounds=[{"seconds": 4}])  # a format whose length is only guessed
    with pytest.raises(MediaTooLong):
        load(path, limits=Limits(max_seconds=2))


def test_windows_refuses_bad_lengths_and_paths_before_the_first_is_asked_for(tmp_path, write_media):
    path = write_media(tmp_path / "a.wav", sounds=[{"codec": "pcm_s16le", "seconds": 0.2}])
    with pytest.raises(OptionsError, match="seconds should be from"):
        windows(path, 0)
    with pytest.raises(OptionsError, match="seconds should be from"):
        windows(path, 301)


_MEASURE = """
import resource, sys
from affekt_media import windows

peaks = []
for clip in windows(sys.argv[1], 10.0):
    peaks.append(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)
child = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
print(len(peaks), peaks[2], peaks[-1], child)
"""


def test_memory_stays_flat_over_ten_minutes(tmp_path, write_media):
    times = [2 * k for k in range(300)]
    sound = {"codec": "pcm_s16le", "rate": 16_000, "seconds": 600}
    path = write_media(tmp_path / "a.mkv", pictures=[{"times": times, "size": (320, 180)}], sounds=[sound])
    done = subprocess.run([sys.executable, "-c", _MEASURE, path], stdout=subprocess.PIPE, text=True, check=True)
    count, early, late, child = map(int, done.stdout.split())
    assert count == 60
    assert late - early < 20_000  # KiB
    assert child < 250_000

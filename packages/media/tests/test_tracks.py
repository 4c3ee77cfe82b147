"""Which of several tracks is taken."""

import numpy as np
import pytest
from affekt_media import Limits, load, probe
from affekt_media.errors import MediaTooBig, TrackNotFound


def loudness(clip):
    return np.abs(clip.audio.samples[2000:-2000]).max()


def test_the_track_marked_default_is_taken_and_the_choice_is_stated(tmp_path, write_media):
    sounds = [
        {"codec": "flac", "gains": [0.1], "default": False, "seconds": 3},
        {"codec": "flac", "gains": [0.2], "language": "deu"},
    ]
    path = write_media(tmp_path / "a.mkv", sounds=sounds)
    clip = load(path)
    assert loudness(clip) == pytest.approx(0.2, abs=0.01)
    assert clip.notes == (
        "audio track 1 (deu, mono) of 2 was taken: the one marked default, else the longest, else the largest",
    )
    assert [track.chosen for track in probe(path).tracks] == [False, True]
    asked = load(path, audio_track=0)
    assert loudness(asked) == pytest.approx(0.1, abs=0.01)
    assert asked.notes == ("audio track 0 (mono) of 2 was taken: as asked",)


def test_among_equals_the_longest_then_the_widest_track_is_taken(tmp_path, write_media):
    sounds = [{"gains": [0.1], "seconds": 1}, {"gains": [0.2], "seconds": 2}, {"gains": [0.1], "seconds": 1}]
    assert load(write_media(tmp_path / "a.mp4", sounds=[s | {"codec": "flac"} for s in sounds])).audio.duration == 2
    sounds = [{"gains": [0.1]}, {"gains": [0.3, 0.3], "layout": "stereo"}]
    clip = load(write_media(tmp_path / "b.mp4", sounds=[s | {"codec": "flac"} for s in sounds]))
    assert loudness(clip) == pytest.approx(0.3, abs=0.01)


def test_the_larger_of_two_video_tracks_is_taken(tmp_path, write_media):
    pictures = [{"times": [0, 0.1]}, {"times": [0, 0.1], "size": (96, 64)}]
    path = write_media(tmp_path / "a.mp4", pictures=pictures)
    assert load(path).video.frames.shape[1:3] == (64, 96)
    assert load(path, video_track=0).video.frames.shape[1:3] == (48, 64)


def test_a_track_that_is_not_there_is_an_error_that_lists_those_that_are(tmp_path, write_media):
    path = write_media(tmp_path / "a.mp4", pictures=[{"times": [0, 0.1]}], sounds=[{"seconds": 0.2}])
    with pytest.raises(TrackNotFound, match=r"track 0 is no audio track .*audio tracks: \[1\]\nTry: audio_track=1"):
        load(path, audio_track=0)


def test_too_many_tracks_are_refused(tmp_path, write_media):
    sounds = [{"codec": "pcm_s16le", "seconds": 0.1}] * 5
    with pytest.raises(MediaTooBig, match=r"5 tracks; Limits.max_streams allows 4\nTry: Limits\(max_streams=5\)"):
        load(write_media(tmp_path / "a.mkv", sounds=sounds), limits=Limits(max_streams=4))


def test_a_file_without_sound_and_one_without_pictures_say_so(tmp_path, write_media):
    mute = load(write_media(tmp_path / "a.mp4", pictures=[{"times": [0, 0.1]}]))
    assert mute.audio is None
    assert dict(mute.missing) == {"audio": "the file has no audio track"}
    blind = load(write_media(tmp_path / "b.mp4", sounds=[{"seconds": 0.2}]))
    assert blind.video is None
    assert dict(blind.missing) == {"video": "the file has no video track"}


def test_a_title_that_is_no_text_can_be_printed(tmp_path, write_media):
    sounds = [{"codec": "flac", "title": "Cafe noises"}, {"codec": "flac", "seconds": 1}]
    path = write_media(tmp_path / "a.mkv", sounds=sounds)
    data = path.read_bytes()
    assert data.count(b"Cafe noises") == 1
    path.write_bytes(data.replace(b"Cafe", b"Caf\xe9"))
    assert probe(path).tracks[0].title == "Caf\N{REPLACEMENT CHARACTER} noises"
    assert "(Caf\N{REPLACEMENT CHARACTER} noises, mono)" in load(path).notes[0].encode("utf-8").decode("utf-8")

"""Sound and pictures of every container, rate, layout and option."""

import struct

import numpy as np
import pytest
from affekt import OptionsError
from affekt_media import load, probe

CONTAINERS = {
    "mp4": ("libx264", "aac"),
    "mkv": ("libx264", "flac"),
    "avi": ("mpeg4", "libmp3lame"),
    "mov": ("libx264", "pcm_s16le"),
    "webm": ("libvpx", "libopus"),
    "wav": (None, "pcm_s16le"),
    "flac": (None, "flac"),
    "mp3": (None, "libmp3lame"),
    "ogg": (None, "libopus"),
    "m4a": (None, "aac"),
}


def pitch(samples, rate):
    """Hertz of the strongest partial."""
    spectrum = np.abs(np.fft.rfft(samples * np.hanning(len(samples))))
    return spectrum.argmax() * rate / len(samples)


@pytest.mark.parametrize("extension", CONTAINERS)
def test_every_container_gives_its_sound_and_pictures(tmp_path, write_media, extension):
    video, audio = CONTAINERS[extension]
    pictures = [{"codec": video}] if video else []
    clip = load(write_media(tmp_path / f"a.{extension}", pictures=pictures, sounds=[{"codec": audio}]))
    assert clip.id == f"a.{extension}"
    assert clip.audio.samples.dtype == np.float32
    assert clip.audio.duration == pytest.approx(2.0, abs=0.06)
    assert pitch(clip.audio.samples, 16_000) == pytest.approx(440, abs=1)
    assert clip.audio.samples.std() * 2**0.5 == pytest.approx(0.5, abs=0.03)
    if video:
        assert clip.video.frames.shape == (20, 48, 64, 3)
        assert clip.video.fps == pytest.approx(10, abs=0.6)
        assert clip.video.frames[19].mean() == pytest.approx(190, abs=4)
        assert dict(clip.missing) == {}
    else:
        assert clip.missing["video"] == "the file has no video track"


@pytest.mark.parametrize("rate", [8_000, 44_100, 96_000, 192_000])
def test_every_rate_is_resampled_to_the_one_asked_for(tmp_path, write_media, rate):
    path = write_media(tmp_path / "a.wav", sounds=[{"codec": "pcm_s16le", "rate": rate, "seconds": 1.0}])
    clip = load(path, sample_rate=16_000)
    assert clip.audio.sample_rate == 16_000
    assert len(clip.audio.samples) == 16_000
    reference = 0.5 * np.sin(2 * np.pi * 440 * np.arange(16_000) / 16_000)
    # The same wave at the same place: no delay creeps in, and nothing is lost at the ends.
    assert np.abs(clip.audio.samples - reference)[200:-200].max() < 2e-3


@pytest.mark.parametrize("layout", ["mono", "2.1", "5.1", "7.1"])
def test_every_layout_is_folded_to_one_channel_without_clipping(tmp_path, write_media, layout):
    path = write_media(tmp_path / "a.wav", sounds=[{"codec": "pcm_s16le", "layout": layout, "seconds": 0.5}])
    clip = load(path)
    # Every channel carries the same half-scale wave and the weights sum to 1; only the bass channel is left out.
    assert np.abs(clip.audio.samples).max() == pytest.approx(0.5, abs=0.01)


def test_eight_channels_each_in_a_plane_of_its_own_are_read(tmp_path, write_media):
    # PyAV 18 looks for a ninth plane behind the eighth, and crashes.
    path = write_media(tmp_path / "a.m4a", sounds=[{"layout": "7.1", "gains": [0.1] * 3 + [0] + [0.1] * 4}])
    assert load(path).audio.samples.std() * 2**0.5 == pytest.approx(0.1, abs=0.02)


def test_speech_in_the_centre_of_surround_sound_is_kept_and_the_bass_channel_is_not(tmp_path, write_media):
    centre = {"codec": "flac", "layout": "5.1", "seconds": 0.5, "gains": [0, 0, 0.9, 0, 0, 0]}
    bass = centre | {"gains": [0, 0, 0, 0.9, 0, 0]}
    clip = load(write_media(tmp_path / "centre.mkv", sounds=[centre]))
    assert np.abs(clip.audio.samples).max() == pytest.approx(0.9 / 3.414, abs=0.01)
    assert "silent" not in clip.missing.get("audio", "")
    clip = load(write_media(tmp_path / "bass.mkv", sounds=[bass]))
    assert clip.audio is None
    assert "cancel each other out" in clip.missing["audio"]


def test_channels_that_cancel_each_other_are_told_from_silence_and_one_can_be_taken_alone(tmp_path, write_media):
    sound = {"codec": "pcm_s16le", "layout": "stereo", "seconds": 0.5, "gains": [0.5, -0.5]}
    path = write_media(tmp_path / "a.wav", sounds=[sound])
    clip = load(path)
    assert clip.audio is None
    assert "cancel each other out" in clip.missing["audio"]
    assert "channel=0" in clip.missing["audio"]
    assert np.abs(load(path, channel=0).audio.samples).max() == pytest.approx(0.5, abs=0.01)


def test_a_silent_track_is_missing_and_says_its_peak(tmp_path, write_media):
    quiet = {"codec": "pcm_s16le", "seconds": 0.5, "gains": [0.0]}
    clip = load(write_media(tmp_path / "a.wav", sounds=[quiet]))
    assert clip.audio is None
    assert clip.duration == pytest.approx(0.5), "silence lasts, too"
    assert clip.missing["audio"] == "the audio track is silent (peak -inf dBFS)"
    faint = quiet | {"gains": [2 / 32768]}
    assert "(peak -84 dBFS)" in load(write_media(tmp_path / "b.wav", sounds=[faint])).missing["audio"]
    soft = quiet | {"gains": [0.003]}
    assert load(write_media(tmp_path / "c.wav", sounds=[soft])).audio is not None


def test_the_silent_track_of_a_real_recording_gives_no_voice(samples):
    clip = load(samples / "tears_to_laughter_pexels.mp4")
    assert clip.audio is None
    assert clip.missing["audio"] == "the audio track is silent (peak -inf dBFS)"
    assert clip.video.frames.shape == (197, 360, 640, 3)
    assert clip.duration == pytest.approx(19.7, abs=0.1)


def test_a_real_recording_has_sound_and_pictures_and_their_times(sentence):
    clip = load(sentence)
    assert clip.audio.duration == pytest.approx(8.73, abs=0.05)
    assert clip.video.frames.shape == (87, 240, 320, 3)
    assert np.all(np.diff(clip.video.times) > 0)
    assert clip.video.fps == pytest.approx(9.92, abs=0.01)
    assert dict(clip.missing) == {}
    assert clip.notes == ()


def test_values_that_are_no_numbers_become_zero_and_are_counted(tmp_path, write_media):
    wave = (0.5 * np.sin(np.arange(16_000) / 5)).astype(np.float32)[None]
    wave[0, 100:103] = [np.nan, np.inf, -np.inf]
    sound = {"codec": "pcm_f32le", "rate": 16_000, "samples": wave}
    clip = load(write_media(tmp_path / "a.wav", sounds=[sound]))
    assert np.isfinite(clip.audio.samples).all()
    assert (clip.audio.samples[100:103] == 0).all()
    assert clip.notes == ("3 samples of the audio track were no numbers (NaN or infinite) and became zero",)


def test_sound_that_is_scaled_as_integers_is_told(tmp_path, write_media):
    wave = (12_000 * np.sin(np.arange(8000) / 5)).astype(np.float32)[None]
    sound = {"codec": "pcm_f32le", "rate": 16_000, "samples": wave}
    clip = load(write_media(tmp_path / "a.wav", sounds=[sound]))
    assert clip.notes == ("the sound reaches 12,000 times full scale: its samples are scaled wrongly",)


def test_sound_that_begins_late_keeps_its_place_beside_the_pictures(tmp_path, write_media):
    sound = {"codec": "flac", "delay": 0.7, "seconds": 1.0}
    clip = load(write_media(tmp_path / "a.mkv", pictures=[{}], sounds=[sound]))
    onset = np.flatnonzero(np.abs(clip.audio.samples) > 0.2)[0] / 16_000
    assert onset == pytest.approx(0.7, abs=0.005)
    assert clip.notes == ("no sound was recorded from 0.00 s to 0.70 s: silence stands there",)


def test_odd_file_names_are_taken_as_they_are(tmp_path, write_media):
    for name in [
        "-i.wav",
        "a\nb.wav",
        "; rm x.wav",
        "%d.wav",
        "pipe:0.wav",
        "日本語 ä.wav",
        b"\xff\xfe.wav".decode("utf-8", "surrogateescape"),
    ]:
        path = write_media(tmp_path / "a.wav", sounds=[{"codec": "pcm_s16le", "seconds": 0.2}]).rename(tmp_path / name)
        assert load(path).audio.duration == pytest.approx(0.2)


def test_options_out_of_range_are_refused_before_anything_is_opened(tmp_path, write_media):
    path = write_media(tmp_path / "a.wav", sounds=[{"codec": "pcm_s16le", "seconds": 0.2}])
    for options in [{"fps": 0}, {"fps": float("nan")}, {"max_side": 4}, {"sample_rate": -1}]:
        with pytest.raises(OptionsError, match=r"should be from .*\nTry: "):
            load(path, **options)


def test_probe_tells_tracks_duration_and_rates_without_decoding(tmp_path, write_media):
    sounds = [{"layout": "stereo", "rate": 44_100, "language": "deu"}]
    info = probe(write_media(tmp_path / "a.mp4", pictures=[{}], sounds=sounds))
    assert info.container.startswith("mov,mp4")
    assert info.duration == pytest.approx(2.0, abs=0.1)
    video, audio = info.track("video"), info.track("audio")
    assert (video.codec, video.width, video.height, video.chosen) == ("h264", 64, 48, True)
    assert (audio.codec, audio.sample_rate, audio.layout, audio.language) == ("aac", 44_100, "stereo", "deu")
    assert audio.index == 1


def test_a_header_that_claims_ten_hours_does_not_hide_the_second_that_is_there(tmp_path, write_media):
    path = write_media(tmp_path / "a.wav", sounds=[{"codec": "pcm_s16le", "rate": 16_000, "seconds": 1.0}])
    data = bytearray(path.read_bytes())
    place = data.index(b"data") + 4
    data[place : place + 4] = struct.pack("<I", 36_000 * 32_000)
    path.write_bytes(data)
    clip = load(path)
    assert clip.audio.duration == pytest.approx(1.0)
    assert "the file states 36000.0 s of audio, of which 1.0 s could be decoded" in clip.notes[0]


def test_an_mp4_whose_duration_was_edited_to_ten_hours_is_read_as_what_it_is(tmp_path, write_media):
    path = write_media(tmp_path / "a.mp4", pictures=[{}], sounds=[{}])
    data = bytearray(path.read_bytes())
    for box in (b"mvhd", b"mdhd"):
        place = -1
        while (place := data.find(box, place + 1)) >= 0:
            (ticks_a_second,) = struct.unpack_from(">I", data, place + 16)
            struct.pack_into(">I", data, place + 20, ticks_a_second * 36_000)
    path.write_bytes(data)
    clip = load(path)
    assert clip.audio.duration == pytest.approx(2.0, abs=0.1)
    assert len(clip.video.frames) == 20

"""Words from a subtitle track, or from a file beside the recording."""

import pytest
from affekt_media import load, windows
from affekt_media.errors import UnreadableMedia

CUES = [(0.5, 1.1, "Hello {\\i1}there{\\i0}\\Nyou"), (1.2, 1.8, "Grüße, 世界")]
SRT = """1
00:00:00,500 --> 00:00:01,100
<i>Hello</i> there
you

2
00:00:01,200 --> 00:00:01,800
Grüße
"""


@pytest.fixture(scope="module")
def recording(tmp_path_factory, write_media):
    return write_media(tmp_path_factory.mktemp("subtitles") / "clip.mp4", pictures=[{"times": [0, 1.9]}])


@pytest.fixture
def clip_path(tmp_path, recording):
    path = tmp_path / "clip.mp4"
    path.write_bytes(recording.read_bytes())
    return path


@pytest.mark.parametrize(
    ("name", "video", "codec"),
    [
        ("a.mp4", "libx264", "mov_text"),
        ("a.mkv", "libx264", "subrip"),
        ("a.mkv", "libx264", "ass"),
        ("a.webm", "libvpx", "webvtt"),
    ],
)
def test_the_cues_of_a_track_become_words_with_the_times_of_the_cue(tmp_path, write_media, name, video, codec):
    path = write_media(tmp_path / name, pictures=[{"codec": video}], cues=CUES, cue_codec=codec)
    clip = load(path)
    assert clip.text == "Hello there you Grüße, 世界"
    assert [word.text for word in clip.words] == ["Hello there you", "Grüße, 世界"]
    assert [time for word in clip.words for time in (word.start, word.end)] == pytest.approx([0.5, 1.1, 1.2, 1.8])
    assert load(path, subtitles=False).text is None


def test_a_file_beside_the_recording_is_read_before_any_track(clip_path):
    clip_path.with_name("clip.srt").write_text(SRT, encoding="utf-8")
    clip = load(clip_path)
    assert clip.text == "Hello there you Grüße"
    assert (clip.words[0].start, clip.words[0].end) == (0.5, 1.1)
    assert clip.language is None
    assert clip.notes == ('the words are those of "clip.srt", with the times of whole cues',)


def test_the_language_in_the_name_of_the_file_is_that_of_the_clip(clip_path):
    clip_path.with_name("clip.en.srt").write_text(SRT, encoding="utf-8")
    assert load(clip_path).language == "en"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
def test_the_encoding_is_found_and_a_guess_is_stated(clip_path, encoding):
    clip_path.with_name("clip.srt").write_bytes(SRT.replace("\n", "\r\n").encode(encoding))
    clip = load(clip_path)
    assert clip.words[1].text == "Grüße"
    assert any("Windows-1252" in note for note in clip.notes) == (encoding == "cp1252")


def test_malformed_cues_are_left_out_and_counted(clip_path):
    broken = "3\n00:00:xx --> 00:00:03,000\nno\n\n4\n00:00:03,000 --> 00:00:02,000\nbackwards\n\nnoise\n"
    clip_path.with_name("clip.srt").write_text(SRT + "\n" + broken, encoding="utf-8")
    clip = load(clip_path)
    assert len(clip.words) == 2
    assert clip.notes[-1] == '3 cues of "clip.srt" are malformed and were left out'


def test_a_file_without_cues_is_stated_when_found_and_an_error_when_asked_for(clip_path):
    path = clip_path.with_name("clip.srt")
    path.write_text("nothing here")
    clip = load(clip_path)
    assert clip.text is None
    assert clip.notes == (f'"{path}" holds no subtitle cue that can be read',)
    with pytest.raises(UnreadableMedia, match="holds no subtitle cue"):
        load(clip_path, subtitles=path)


def test_windows_carry_the_cues_that_begin_in_them_on_their_own_clock(clip_path):
    clip_path.with_name("clip.srt").write_text(SRT, encoding="utf-8")
    first, second = windows(clip_path, 1.0)
    assert [word.text for word in first.words] == ["Hello there you"]
    assert first.words[0].end == 1.0
    assert second.words[0].start == pytest.approx(0.2)

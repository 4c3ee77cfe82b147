"""What is no media, or only part of it: one typed error that says what to do, or a clip that says what is lost."""

import os
import socket

import pytest
from affekt import AffektError, MediaError
from affekt_media import Limits, load, probe, windows
from affekt_media.errors import MediaNotFound, MediaTooBig, TruncatedMedia, UnreadableMedia


def refusal(path, kind, **options):
    """The message of the error that `load` raises; it must be of the kind, in affekt's tree, and end in a hint."""
    with pytest.raises(AffektError) as caught:
        load(path, **options)
    assert type(caught.value) is kind
    assert isinstance(caught.value, MediaError)
    message, _, hint = str(caught.value).rpartition("\n")
    assert hint.startswith("Try: ")
    assert len(hint) > 8
    return message


def test_a_missing_file_is_named_with_one_of_a_similar_name(tmp_path):
    (tmp_path / "holiday.mp4").write_bytes(b"x")
    with pytest.raises(MediaNotFound, match=r'there is no file ".*holidya.mp4"\nTry: "holiday.mp4"'):
        load(tmp_path / "holidya.mp4")
    with pytest.raises(FileNotFoundError, match="this one does not exist"):
        load(tmp_path / "no" / "such.mp4")


def test_what_is_no_file_is_refused_without_being_opened(tmp_path):
    os.mkfifo(tmp_path / "pipe.mp4")
    (tmp_path / "loop.mp4").symlink_to(tmp_path / "loop.mp4")
    (tmp_path / "empty.mp4").touch()
    listener = socket.socket(socket.AF_UNIX)
    listener.bind(str(tmp_path / "socket.mp4"))
    assert refusal(tmp_path, UnreadableMedia).endswith("is a directory, not a file")
    assert refusal(tmp_path / "pipe.mp4", UnreadableMedia).endswith("is a pipe, not a file")
    assert refusal(tmp_path / "socket.mp4", UnreadableMedia).endswith("is a socket, not a file")
    assert refusal("/dev/zero", UnreadableMedia).endswith("is a device, not a file")
    assert refusal(tmp_path / "empty.mp4", UnreadableMedia).endswith("is empty: 0 bytes")
    assert "cannot be opened" in refusal(tmp_path / "loop.mp4", UnreadableMedia)
    assert "cannot be opened" in refusal("a" * 5000 + ".mp4", UnreadableMedia)
    assert "cannot be opened" in refusal("a\0.mp4", UnreadableMedia)
    assert "only local files" in refusal("https://example.org/a.mp4", UnreadableMedia)
    listener.close()


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (b"Dear diary,\ntoday I felt\n" * 40, 'this holds text, not media; it begins "Dear diary, today'),
        ("Grüße aus Köln\n".encode() * 99, 'this holds text, not media; it begins "Grüße'),
        (b"#EXTM3U\n#EXTINF:1,\n/etc/passwd\n", "this is a playlist, which points to other files"),
        (b"ffconcat version 1.0\nfile /etc/passwd\n", "this is a playlist, which points to other files"),
        (b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n" + bytes(99), "this is no media format affekt reads; it begins 25 50 44 46"),
        (bytes(5000), "the file begins with nothing but zero bytes"),
    ],
)
def test_what_is_no_media_is_named_by_its_first_bytes(tmp_path, content, expected):
    path = tmp_path / "film.mp4"
    path.write_bytes(content)
    assert expected in refusal(path, UnreadableMedia)


def test_a_playlist_with_media_suffix_reads_no_other_file(tmp_path, write_media):
    write_media(tmp_path / "inner.ts", sounds=[{"codec": "mp2", "seconds": 0.5}], format="mpegts")
    for name in ("list.m3u8", "list.mp4", "list.wav"):
        (tmp_path / name).write_text("#EXTM3U\n#EXT-X-TARGETDURATION:1\n#EXTINF:1,\ninner.ts\n#EXT-X-ENDLIST\n")
        assert "playlist" in refusal(tmp_path / name, UnreadableMedia)


def test_a_header_without_any_sound_is_not_a_clip(tmp_path, write_media):
    path = write_media(tmp_path / "a.wav", sounds=[{"codec": "pcm_s16le", "seconds": 0.1}])
    path.write_bytes(path.read_bytes()[:78])
    assert "nothing could be decoded" in refusal(path, TruncatedMedia)


def test_the_error_of_a_cut_mp4_says_where_it_is_cut(tmp_path, sentence):
    path = tmp_path / "cut.mp4"
    path.write_bytes(sentence.read_bytes()[:50_000])
    message = refusal(path, TruncatedMedia)
    assert "its index (the moov box) is missing" in message
    assert "box b'mdat' should end at byte 169,752, the file ends at 50,000" in message


@pytest.mark.parametrize("name", ["neutral_to_smile", "tears_to_laughter_pexels", "white_house_statement_2015"])
def test_a_recording_cut_at_every_tenth_gives_what_it_still_holds_or_one_error(tmp_path, samples, name):
    data = (samples / f"{name}.mp4").read_bytes()
    frames = []
    for tenth in range(1, 10):
        path = tmp_path / "cut.mp4"
        path.write_bytes(data[: len(data) * tenth // 10])
        if name != "tears_to_laughter_pexels":  # whose index alone lies at the beginning
            refusal(path, TruncatedMedia)
            continue
        clip = load(path, fps=2)
        frames.append(len(clip.video.frames))
        assert clip.audio is None  # no voice is made up of a silent track, however short
        assert "of video, of which" in clip.notes[-1]
        assert "it is cut off" in clip.notes[-1]
    assert frames == sorted(frames)
    assert not frames or frames[0] >= 3


@pytest.mark.parametrize("extension", ["mkv", "avi", "flac", "mp3", "wav"])
def test_other_containers_cut_in_half_give_the_half_and_say_so(tmp_path, write_media, extension):
    codecs = {"mkv": "flac", "avi": "libmp3lame", "flac": "flac", "mp3": "libmp3lame", "wav": "pcm_s16le"}
    pictures = [{"codec": "mpeg4", "times": [k / 10 for k in range(60)]}] if extension in ("mkv", "avi") else []
    path = write_media(
        tmp_path / f"a.{extension}", pictures=pictures, sounds=[{"codec": codecs[extension], "seconds": 6}]
    )
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    clip = load(path)
    assert 2.0 < clip.audio.duration < 4.0
    assert any("it is cut off" in note for note in clip.notes)


def test_damage_in_the_middle_costs_the_damaged_packets_only(tmp_path, write_media):
    path = write_media(tmp_path / "a.mkv", pictures=[{"times": [k / 10 for k in range(60)]}], sounds=[{"seconds": 6}])
    data = bytearray(path.read_bytes())
    middle = len(data) // 2
    data[middle : middle + 400] = os.urandom(400)
    path.write_bytes(data)
    clip = load(path)
    assert clip.audio.duration > 4
    assert clip.notes


def test_pictures_beyond_the_limit_are_refused_before_they_are_decoded(tmp_path, write_media):
    path = write_media(tmp_path / "a.mp4", pictures=[{"size": (640, 480), "times": [0, 0.1]}])
    message = refusal(path, MediaTooBig, limits=Limits(max_pixels=300_000))
    assert message.endswith("its pictures have 640x480 pixels; Limits.max_pixels allows 300,000")


def test_a_clip_beyond_the_limit_of_bytes_is_refused_and_windows_are_named(tmp_path, write_media):
    path = write_media(tmp_path / "a.mp4", pictures=[{"times": [k / 10 for k in range(30)]}])
    assert "more than the 0 MiB that Limits.max_clip_bytes allows" in refusal(
        path, MediaTooBig, limits=Limits(max_clip_bytes=99_999)
    )
    with pytest.raises(MediaTooBig, match=r"Try: affekt_media.windows"):
        load(path, limits=Limits(max_clip_bytes=99_999))
    assert len(list(windows(path, 1.0, limits=Limits(max_clip_bytes=99_999)))) == 3


def test_probe_and_windows_refuse_as_load_does(tmp_path):
    path = tmp_path / "a.mp4"
    path.write_text("no film")
    with pytest.raises(UnreadableMedia, match="holds text"):
        probe(path)
    with pytest.raises(UnreadableMedia, match="holds text"):
        next(windows(path))
    with pytest.raises(MediaNotFound):
        windows(tmp_path / "none.mp4")

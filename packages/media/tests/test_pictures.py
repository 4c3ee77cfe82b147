"""Times, sizes, turns and colours of pictures."""

import struct

import numpy as np
import pytest
from affekt_media import Limits, load, windows
from affekt_media.errors import MediaTooBig, UnreadableMedia
from PIL import Image

CORNERS = np.zeros((48, 64, 3), np.uint8)
CORNERS[:24, :32] = (230, 20, 20)  # upper left
CORNERS[:24, 32:] = (20, 230, 20)  # upper right
CORNERS[24:, :32] = (20, 20, 230)  # lower left
CORNERS[24:, 32:] = (230, 230, 230)  # lower right
NAMES = {(1, 0, 0): "red", (0, 1, 0): "green", (0, 0, 1): "blue", (1, 1, 1): "white"}


def corners(picture):
    """Colours of upper left, upper right, lower left, lower right."""
    height, width, _ = picture.shape
    places = [
        (height // 4, width // 4),
        (height // 4, -width // 4),
        (-height // 4, width // 4),
        (-height // 4, -width // 4),
    ]
    return [NAMES[tuple(int(value > 128) for value in picture[y, x])] for y, x in places]


@pytest.mark.parametrize("suffix", ["png", "jpg"])
@pytest.mark.parametrize(("turn", "shown"), [(1, "red green blue white"), (6, "blue red white green"),
                                             (3, "white blue green red"), (8, "green white red blue")])  # fmt: skip
def test_a_still_picture_is_a_clip_of_one_upright_picture_without_a_voice(tmp_path, suffix, turn, shown):
    path, orientation = tmp_path / f"a%03d.{suffix}", Image.Exif()  # no pattern of many files
    orientation[0x0112] = turn
    Image.fromarray(CORNERS).save(path, exif=orientation)
    clip = load(path)
    assert len(clip.video.frames) == 1
    assert corners(clip.video.frames[0]) == shown.split()
    assert clip.audio is None
    assert clip.missing["audio"] == "the file is a still picture, which has no sound"
    assert any("still picture" in note for note in clip.notes)
    (window,) = windows(path)
    assert np.array_equal(window.video.frames, clip.video.frames)


@pytest.mark.parametrize(("mode", "suffix"), [("RGBA", "png"), ("P", "png"), ("L", "jpg"), ("I;16", "png")])
def test_pictures_of_other_colours_are_read_as_rgb(tmp_path, mode, suffix):
    picture = Image.fromarray(np.full((48, 64), 40_000, np.uint16)) if mode == "I;16" else Image.fromarray(CORNERS)
    (picture if mode == "I;16" else picture.convert(mode)).save(tmp_path / f"a.{suffix}")
    assert load(tmp_path / f"a.{suffix}").video.frames.shape == (1, 48, 64, 3)


def test_an_avif_picture_is_named_with_its_article(tmp_path):
    (tmp_path / "a.jpg").write_bytes(b"\0\0\0\x1cftypavif" + bytes(99))
    with pytest.raises(UnreadableMedia, match="this is an AVIF picture"):
        load(tmp_path / "a.jpg")


@pytest.mark.parametrize("kind", ["GIF", "BMP", "TIFF", "WebP"])
def test_a_picture_of_another_format_is_named_and_told_what_to_be_instead(tmp_path, kind):
    Image.fromarray(CORNERS).save(tmp_path / "a.png", format=kind)
    with pytest.raises(UnreadableMedia, match=f"this is a {kind} picture") as caught:
        load(tmp_path / "a.png")
    assert "as PNG" in caught.value.hint


@pytest.mark.parametrize(("suffix", "options"), [("jpg", {}), ("jpg", {"progressive": True}), ("png", {})])
def test_a_picture_that_is_cut_off_is_refused_or_says_so(tmp_path, suffix, options):
    noise = np.random.default_rng(0).integers(0, 256, (64, 64, 3), np.uint8)
    preview = Image.Exif()
    preview[0x010E] = "a description \xff\xd9"
    path = tmp_path / f"a.{suffix}"
    Image.fromarray(noise).save(path, exif=preview, **options)
    whole = path.read_bytes()
    assert not any("cut off" in note for note in load(path).notes)
    path.write_bytes(whole + b"trailing bytes of a camera")
    assert not any("cut off" in note for note in load(path).notes)
    for share in (0.5, 0.9):
        path.write_bytes(whole[: int(share * len(whole))])
        try:
            clip = load(path)
        except UnreadableMedia:
            continue
        assert any("the picture is cut off" in note for note in clip.notes)


def test_a_photo_of_a_telephone_may_be_larger_than_a_film(tmp_path):
    path = tmp_path / "a.jpg"
    Image.new("L", (8064, 6048)).save(path)
    assert load(path, max_side=64).video.frames.shape[1:] == (48, 64, 3)
    with pytest.raises(MediaTooBig, match=r"Limits\.max_still_pixels allows 1,000"):
        load(path, limits=Limits(max_still_pixels=1000))


def test_a_damaged_picture_is_refused(tmp_path):
    Image.fromarray(CORNERS).save(tmp_path / "a.png")
    whole = (tmp_path / "a.png").read_bytes()
    (tmp_path / "a.png").write_bytes(whole[:40])
    with pytest.raises(UnreadableMedia):
        load(tmp_path / "a.png")


def test_pictures_of_varying_rate_are_chosen_by_their_time_stamps(tmp_path, write_media):
    times = [0.0, 0.03, 0.06, 0.10, 0.11, 0.45, 0.46, 1.2, 1.30, 1.31]
    clip = load(write_media(tmp_path / "a.mp4", pictures=[{"times": times}]))
    assert clip.video.times == pytest.approx([0.0, 0.1, 0.45, 1.2, 1.3])
    shown = clip.video.frames.mean(axis=(1, 2, 3))
    assert shown == pytest.approx([0, 30, 50, 70, 80], abs=3)  # frame k has brightness 10 k
    assert clip.video.fps == pytest.approx(4 / 1.3)


def test_a_lower_rate_takes_fewer_pictures_and_a_higher_one_invents_none(tmp_path, write_media):
    path = write_media(tmp_path / "a.mp4", pictures=[{"times": [k / 25 for k in range(50)]}])
    assert load(path, fps=5).video.times == pytest.approx(np.arange(10) / 5)
    assert load(path, fps=100).video.times == pytest.approx(np.arange(50) / 25)


def test_times_count_from_the_first_of_sound_and_picture(tmp_path, write_media):
    times = [5 + k / 10 for k in range(10)]
    clip = load(write_media(tmp_path / "a.mkv", pictures=[{"times": times}]))
    assert clip.video.times == pytest.approx(np.arange(10) / 10)


@pytest.mark.parametrize(
    ("matrix", "shape", "expected"),
    [
        ((1, 0, 0, 1), (48, 64), ["red", "green", "blue", "white"]),
        ((0, 1, -1, 0), (64, 48), ["blue", "red", "white", "green"]),  # a telephone held upright
        ((-1, 0, 0, -1), (48, 64), ["white", "blue", "green", "red"]),
        ((0, -1, 1, 0), (64, 48), ["green", "white", "red", "blue"]),
        ((-1, 0, 0, 1), (48, 64), ["green", "red", "white", "blue"]),  # a mirrored front camera
        ((0, 0, 0, 0), (48, 64), ["red", "green", "blue", "white"]),  # nonsense is left alone
    ],
)
def test_pictures_are_turned_as_a_player_turns_them(tmp_path, write_media, matrix, shape, expected):
    path = write_media(tmp_path / "a.mp4", pictures=[{"pixels": CORNERS, "times": [0, 0.1]}])
    data = bytearray(path.read_bytes())
    a, b, c, d = (value << 16 for value in matrix)
    struct.pack_into(">9i", data, data.index(b"tkhd") + 44, a, b, 0, c, d, 0, 0, 0, 1 << 30)
    path.write_bytes(data)
    clip = load(path)
    assert clip.video.frames.shape[1:3] == shape
    assert corners(clip.video.frames[0]) == expected


def test_large_pictures_are_made_smaller_and_small_ones_are_left_alone(tmp_path, write_media):
    path = write_media(tmp_path / "a.mp4", pictures=[{"size": (1280, 720), "times": [0, 0.1]}])
    assert load(path).video.frames.shape == (2, 360, 640, 3)
    assert load(path, max_side=100).video.frames.shape == (2, 56, 100, 3)
    assert load(path, max_side=4000).video.frames.shape == (2, 720, 1280, 3)


def test_pixels_that_are_not_square_are_made_so(tmp_path, write_media):
    changes = {"sample_aspect_ratio": 2}
    clip = load(write_media(tmp_path / "a.mp4", pictures=[{"times": [0, 0.1], "changes": changes}]))
    assert clip.video.frames.shape[1:3] == (48, 128)


def test_colours_survive(tmp_path, write_media):
    clip = load(write_media(tmp_path / "a.mp4", pictures=[{"pixels": CORNERS, "times": [0, 0.1]}]))
    assert np.abs(clip.video.frames[0, 12, 16].astype(int) - (230, 20, 20)).max() < 16
    assert np.abs(clip.video.frames[0, 12, 48].astype(int) - (20, 230, 20)).max() < 16


def test_a_cover_picture_is_no_video(tmp_path, write_media):
    path = tmp_path / "a.mp3"
    jpeg = write_media(
        tmp_path / "cover.mjpeg", pictures=[{"codec": "mjpeg", "times": [0.0]}], format="mjpeg"
    ).read_bytes()
    sound = write_media(path, sounds=[{"codec": "libmp3lame", "rate": 44_100}]).read_bytes()
    path.write_bytes(_id3_with_cover(jpeg) + sound)
    clip = load(path)
    assert clip.video is None
    assert clip.missing["video"] == "the file has no video track; its cover picture is no video"
    assert clip.audio.duration == pytest.approx(2.0, abs=0.06)


def _id3_with_cover(jpeg):
    frame = b"\0image/jpeg\0\x03\0" + jpeg
    body = b"APIC" + struct.pack(">I", len(frame)) + b"\0\0" + frame
    size = bytes((len(body) >> shift) & 0x7F for shift in (21, 14, 7, 0))
    return b"ID3\x03\0\0" + size + body

import numpy as np
import pytest
from affekt import Clip, Features, Missing, OptionsError, VideoFrames
from affekt_encoding.frames import (
    chosen,
    moving,
    peak_time,
    sample_frames,
    segments,
    spans_of,
    strongest,
    uniform,
    unit_encoder,
)


def pictures(count):
    return np.arange(count, dtype=np.uint8)[:, None, None, None] * np.ones((1, 2, 2, 3), np.uint8)


def units(values, names=("AU04", "AU12", "AU25")):
    return Features(values=np.array(values, np.float32), hop=0.5, names=names)


@pytest.mark.parametrize(
    ("frames", "kept", "spans"),
    [
        ("all", [0, 1, 2, 3, 4], [[0, 0.1], [0.1, 0.2], [0.2, 0.3], [0.3, 0.4], [0.4, 0.5]]),
        ("first", [0], [[0, 0.5]]),
        ("middle", [2], [[0, 0.5]]),
        ("uniform", [1, 3], [[0, 0.2], [0.2, 0.5]]),
        ("peak", [3], [[0, 0.5]]),
    ],
)
def test_each_choice_takes_its_pictures_and_the_stretch_they_speak_for(frames, kept, spans):
    clip = Clip(id="a", video=VideoFrames(frames=pictures(5), fps=10))
    found = chosen(sample_frames(clip, "video"), frames, count=2, peak=0.31)
    assert found.pictures[:, 0, 0, 0].tolist() == kept
    np.testing.assert_allclose(found.spans, spans)


def test_uniform_takes_the_middles_of_equal_stretches_and_never_repeats():
    assert uniform(100, 4).tolist() == [12, 37, 62, 87]
    assert uniform(3, 16).tolist() == [0, 1, 2]


def test_segments_are_those_of_videomae_at_test_time():
    assert segments(125, 8, 2).tolist() == [7, 8, 23, 24, 38, 39, 54, 55, 69, 70, 85, 86, 100, 101, 116, 117]
    assert segments(10, 8, 2).tolist() == [0, 1, 1, 2, 2, 3, 3, 4, 5, 6, 6, 7, 7, 8, 8, 9]
    assert segments(9, 8, 2).tolist() == [0, 0, 1, 1, 2, 3, 3, 4, 4, 5, 5, 6, 7, 7, 8, 8]
    assert segments(1, 8, 2).tolist() == [0] * 16


@pytest.mark.parametrize(
    ("frames", "kept", "first_row", "last_row"),
    [
        ("segments", [2, 3, 7, 8, 11, 12, 16, 17], [0, 0.5], [1.5, 2]),
        ("uniform", [1, 3, 6, 8, 11, 13, 16, 18], [0, 0.5], [1.5, 2]),
        ("first", [0, 1, 2, 3, 4, 5, 6, 7], [0, 0.2], [0.6, 0.8]),
        ("middle", [6, 7, 8, 9, 10, 11, 12, 13], [0.6, 0.8], [1.2, 1.4]),
        ("peak", [12, 13, 14, 15, 16, 17, 18, 19], [1.2, 1.4], [1.8, 2]),
    ],
)
def test_moving_pictures_come_in_order_and_rows_say_when_they_are(frames, kept, first_row, last_row):
    clip = Clip(id="a", video=VideoFrames(frames=pictures(20), fps=10))
    found = moving(sample_frames(clip, "video"), frames, 8, peak=1.9)
    assert found.pictures[:, 0, 0, 0].tolist() == kept
    assert found.spans.shape == (4, 2)
    np.testing.assert_allclose(found.spans[[0, -1]], [first_row, last_row], atol=1e-9)


def test_the_peak_is_the_largest_sum_of_action_units_without_those_of_speech():
    talking = units([[0, 0.2, 5], [0.3, 0.4, 0], [0.1, 0.1, 0]])
    assert strongest(talking) == 0
    assert strongest(talking, without=("AU25",)) == 1
    with pytest.raises(OptionsError, match="no action unit is left"):
        strongest(units([[1.0]], names=("loudness",)))


def test_the_peak_asks_the_named_encoder_and_passes_its_reason_on():
    class Says:
        def __init__(self, answer):
            self.answer = answer

        def encode(self, clips):
            return [self.answer for _ in clips]

    assert peak_time(Clip(id="a"), Says(units([[0, 0, 0], [1, 1, 0]]))) == 0.5
    nobody = peak_time(Clip(id="a"), Says(Missing(reason="nobody is there")))
    assert nobody == Missing(reason="no peak frame without action units: nobody is there")


def test_the_encoder_of_the_peak_is_named_as_in_a_pipeline_file():
    pytest.importorskip("affekt_basics", reason="affekt-basics is not installed")
    assert type(unit_encoder("loudness")).__name__ == "Loudness"
    assert unit_encoder({"use": "loudness", "hop": 0.2}).hop == 0.2
    for wrong in ({"hop": 0.2}, {"use": "loudness", "hopp": 0.2}):
        with pytest.raises(OptionsError, match=r"names no encoder|hopp"):
            unit_encoder(wrong)


def test_a_gap_in_a_track_belongs_to_no_picture():
    np.testing.assert_allclose(spans_of(np.array([0, 0.1, 0.2, 1.0]), 0.1)[2:], [[0.2, 0.35], [1.0, 1.1]])


def test_an_empty_track_is_missing():
    clip = Clip(id="a", video=VideoFrames(frames=pictures(0), fps=10), missing={"face": "too dark"})
    assert sample_frames(clip, "video") == Missing(reason="the clip's video track holds no picture")
    assert sample_frames(clip, "face") == Missing(reason="too dark")

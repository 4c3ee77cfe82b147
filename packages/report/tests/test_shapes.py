import re

import numpy as np
import pytest
from affekt import AudioSignal, Clip, Evidence, Features, Moment
from affekt_report import sound, timeline
from affekt_report.palette import colours


def numbers(path):
    return [tuple(map(float, pair.split())) for pair in re.findall(r"-?[\d.]+ -?[\d.]+", path)]


def moment(start, end, **scores):
    return Moment(start=start, end=end, scores=scores)


def test_the_stack_fills_the_height_and_spans_the_recording():
    moments = [moment(0, 1, a=0.25, b=0.75), moment(1, 2, a=0.75, b=0.25)]
    low, high = timeline.ribbons(moments, 2.0, {"a": "red", "b": "blue"})
    assert (low.emotion, high.emotion) == ("a", "b")
    assert numbers(low.path) == [
        (0, 75),
        (250, 75),
        (750, 25),
        (1000, 25),
        (1000, 100),
        (750, 100),
        (250, 100),
        (0, 100),
    ]
    assert min(y for _, y in numbers(high.path)) == 0


def test_a_gap_of_the_timeline_is_a_hole():
    (ribbon,) = timeline.ribbons([moment(0, 1, a=1.0), moment(3, 4, a=1.0)], 4.0, {"a": "red"})
    assert ribbon.path.count("M") == 2


def test_a_long_timeline_is_averaged():
    moments = [moment(t, t + 1, a=0.5, b=0.5) for t in range(5000)]
    (low, _) = timeline.ribbons(moments, 5000.0, {"a": "red", "b": "blue"})
    assert len(numbers(low.path)) <= 2 * (timeline.POINTS + 2)


@pytest.mark.parametrize("duration", [0.3, 2.4, 8.7, 59, 61, 600, 36_000])
def test_ticks_are_round_and_few(duration):
    ticks = timeline.ticks(duration)
    assert 1 <= len(ticks) <= 11
    assert ticks[0].percent == 0
    assert len({tick.text for tick in ticks}) == len(ticks)


def test_clue_bars_share_a_row_where_they_do_not_meet():
    assert timeline.rows_without_overlap([(0, 2), (1, 3), (2, 4), (3, 5)]) == [0, 1, 0, 1]


def test_the_waveform_reaches_its_peak_where_the_sound_does():
    samples = np.zeros(1000, np.float32)
    samples[500] = 0.5
    path = sound.waveform(AudioSignal(samples=samples, sample_rate=1000), 1.0)
    x, y = min(numbers(path), key=lambda point: point[1])
    assert y == 0
    assert x == pytest.approx(500, abs=3)
    assert sound.waveform(AudioSignal(samples=samples[:0], sample_rate=1000), 1.0) == ""


def test_unusual_emotions_have_colours_of_their_own():
    assert len(set(colours(["happy", "wistful", "smug", "sad"]).values())) == 4


@pytest.mark.parametrize("hertz", [60.0, 110.0, 220.0, 800.0])
def test_pitch_in_semitones_and_in_hertz_is_the_same_pitch(hertz):
    semitones = 12 * np.log2(hertz / 27.5)
    assert sound.in_hertz(np.float32([0, semitones])) == pytest.approx([0, hertz], rel=1e-3)
    assert sound.in_hertz(np.float32([0, hertz])) == pytest.approx([0, hertz])


def test_pitch_is_drawn_only_where_there_is_a_voice():
    voicing = np.repeat(np.float32([1, 0, 1]), 20)
    values = np.stack([np.full(60, 24, np.float32), voicing], axis=1)
    features = Features(values=values, hop=0.01, names=("pitch", "voicing"))
    curve = sound.pitch(Evidence(clip=Clip(id="a"), features={"prosody": features}), 0.6)
    assert curve.path.count("M") == 2
    assert (curve.low, curve.high) == ("110", "110 Hz")

from dataclasses import replace

import numpy as np
import pytest
from affekt import Clip, Evidence, FaceTrack, Features, Moment
from affekt_emotion_llama.explaining import rationale
from affekt_emotion_llama.explaining import timeline as timelines


def timeline(*labels):
    return [Moment(start=float(i), end=i + 1.0, scores={label: 0.8, "other": 0.2}) for i, label in enumerate(labels)]


def told(*labels):
    return [(run.label, run.start, run.end) for run in timelines.stretches(timeline(*labels))]


def test_short_leads_belong_to_what_is_around_them():
    assert told("sad", "sad", "happy", "sad") == [("sad", 0.0, 4.0)]
    assert told("sad", "sad", "sad", "happy", "happy") == [("sad", 0.0, 3.0), ("happy", 3.0, 5.0)]
    assert told("sad") == [("sad", 0.0, 1.0)]
    assert told() == []


def test_a_stretch_has_the_mean_score_of_its_label():
    moments = [Moment(start=float(i), end=i + 1.0, scores={"sad": sad, "other": 1 - sad})
               for i, sad in enumerate((0.9, 0.6, 0.1, 0.3))]  # fmt: skip
    assert [(run.label, round(run.score, 6)) for run in timelines.stretches(moments)] == [("sad", 0.75), ("other", 0.8)]


def test_a_stretch_whose_score_is_too_low_is_not_told_as_an_emotion():
    runs = [timelines.Stretch(start=0, end=2, label="happy", score=0.3), timelines.Stretch(start=2, end=8, label="sad")]
    scores = {"sad": 0.6, "happy": 0.4}
    assert rationale.conclusion(scores, None, runs, 0.33) == "From something unclear to sad at about 2 s."
    assert rationale.conclusion(scores, None, runs, 0.3) == "From happy to sad at about 2 s."
    vague = [replace(run, score=0.2) for run in runs]
    assert "something unclear" not in rationale.conclusion(scores, "it is too close", vague, 0.33)


def test_no_more_than_three_stretches_are_told():
    runs = told(*["a"] * 3, *["b"] * 2, *["c"] * 4, *["d"] * 2, *["e"] * 5)
    assert len(runs) <= 3
    assert (runs[0][1], runs[-1][2]) == (0.0, 16.0)


def test_windows_stay_in_the_clip():
    spans = timelines.windows(timelines.slices(8.0, 1.0), 3.0, 8.0)
    assert spans[0].tolist() == [0.0, 3.0]
    assert spans[4].tolist() == [3.0, 6.0]
    assert spans[-1].tolist() == [5.0, 8.0]


def faces(times, shots):
    boxes, crops = np.zeros((len(times), 4), np.float32), np.zeros((len(times), 8, 8, 3), np.uint8)
    times = np.array(times, np.float64)
    return FaceTrack(times=times, boxes=boxes, crops=crops, ends=times + 0.1, shots=np.array(shots, np.int64))


def test_no_moment_goes_on_over_a_cut():
    track = faces([0.0, 1.9, 2.5, 4.0, 4.4], [0, 0, 1, 1, 3])
    cuts = timelines.cuts_of(track)
    assert cuts == [2.5, 4.4]
    spans = timelines.slices(6.0, 1.0, cuts)
    assert {2.5, 4.4} <= set(spans[:, 0].tolist())
    assert (spans[0, 0], spans[-1, 1]) == (0.0, 6.0)
    np.testing.assert_array_equal(spans[1:, 0], spans[:-1, 1])
    assert timelines.cuts_of(None) == timelines.cuts_of(faces([0.0, 1.0], [0, 0])) == []


def test_shots_keep_their_own_emotion_however_short_they_are():
    runs = timelines.stretches(timeline("a", "b", "c", "c", "d"), [1.0, 2.0, 4.0])
    assert [run.label for run in runs] == ["a", "b", "c", "d"]
    assert [run.label for run in timelines.stretches(timeline("a", "a", "b", "a", "a", "c", "c"), [5.0])] == ["a", "c"]
    many = [chr(97 + index % 3) for index in range(9)]
    (whole,) = timelines.stretches(timeline(*many), [float(index) for index in range(1, 9)])
    assert (whole.start, whole.end) == (0.0, 9.0)


@pytest.mark.parametrize("seen", [(0.0, 0.4), (1.2, 3.1), (2.5, 2.9)])
def test_nobody_is_judged_for_longer_than_they_are_seen(seen):
    times = np.arange(seen[0], seen[1] - 1e-9, 0.1)
    clock = np.stack([times, times + 0.1], axis=1)
    face = Features(values=np.ones((len(times), 2), np.float32), spans=clock)
    known = Evidence(clip=Clip(id="a", faces=faces(times, [0] * len(times))), features={"face": face})
    for begin, end in timelines.slices(6.0, 1.0):
        own = timelines._of_the_moment(face, known.clip.faces, (begin, end))
        assert (own is not None) == bool(((clock[:, 1] > begin) & (clock[:, 0] < end)).any())
        if own is not None:
            first, last = timelines.observed_in(known, (begin, end))
            assert max(begin, seen[0]) == pytest.approx(first)
            assert min(end, clock[-1, 1]) == pytest.approx(last)


def test_a_face_beyond_a_cut_says_nothing_of_the_moment():
    track = faces([0.0, 0.5, 1.0, 1.5], [0, 0, 1, 1])
    face = Features(values=np.arange(4, dtype=np.float32)[:, None], spans=np.stack([track.times, track.ends], axis=1))
    own = timelines._of_the_moment(face, track, (0.0, 1.0))
    assert own is not None
    assert own.values.ravel().tolist() == [0.0, 1.0]

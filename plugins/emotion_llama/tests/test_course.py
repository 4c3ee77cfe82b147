from affekt import Moment
from affekt_emotion_llama import course


def timeline(*labels):
    return [Moment(start=float(i), end=i + 1.0, scores={label: 0.8, "other": 0.2}) for i, label in enumerate(labels)]


def told(*labels):
    return [(run.label, run.start, run.end) for run in course.stretches(timeline(*labels))]


def test_short_leads_belong_to_what_is_around_them():
    assert told("sad", "sad", "happy", "sad") == [("sad", 0.0, 4.0)]
    assert told("sad", "sad", "sad", "happy", "happy") == [("sad", 0.0, 3.0), ("happy", 3.0, 5.0)]
    assert told("sad") == [("sad", 0.0, 1.0)]
    assert told() == []


def test_no_more_than_three_stretches_are_told():
    runs = told(*["a"] * 3, *["b"] * 2, *["c"] * 4, *["d"] * 2, *["e"] * 5)
    assert len(runs) <= 3
    assert (runs[0][1], runs[-1][2]) == (0.0, 16.0)


def test_windows_stay_in_the_clip():
    spans = course.windows(8.0, 3.0, 1.0)
    assert spans[0].tolist() == [0.0, 3.0]
    assert spans[4].tolist() == [3.0, 6.0]
    assert spans[-1].tolist() == [5.0, 8.0]

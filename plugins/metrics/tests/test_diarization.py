"""Who speaks and what is felt when: by hand, against pyannote.metrics, and against the published definition."""

import numpy as np
import pytest
from affekt import DataError
from affekt_metrics.diarization import diarization_errors
from affekt_metrics.emotion_diarization import attributed_emotion_errors, emotion_diarization_errors
from affekt_metrics.turns import Turn
from hypothesis import given, settings
from hypothesis import strategies as st


def speech(*turns):
    return [Turn(start=start, end=end, person=person) for start, end, person in turns]


def felt(*turns):
    return [Turn(start=start, end=end, label=label, person=person) for start, end, label, person in turns]


TRUE = speech((0, 10, "Ann"), (8, 20, "Ben"))
"""Two seconds of overlap."""


def test_names_do_not_matter_and_a_perfect_answer_has_no_error():
    found = diarization_errors([(TRUE, speech((0, 10, "1"), (8, 20, "0")))])
    assert (found["der"], found["jer"], found["total"], found["people_found"]) == (0, 0, 22, 2)


def test_a_missed_overlap_counts_unless_it_is_left_out():
    said = speech((0, 9, "1"), (9, 20, "0"))
    found = diarization_errors([(TRUE, said)])
    assert found["missed"] == pytest.approx(2)
    assert found["der"] == pytest.approx(2 / 22)
    assert diarization_errors([(TRUE, said)], skip_overlap=True)["der"] == 0


def test_the_collar_is_that_of_nist_on_each_side():
    true, said = speech((1, 5, "Ann")), speech((1.25, 5, "1"))
    assert diarization_errors([(true, said)])["missed"] == pytest.approx(0.25)
    assert diarization_errors([(true, said)], collar=0.2)["missed"] == pytest.approx(0.05)
    assert diarization_errors([(true, said)], collar=0.25)["missed"] == pytest.approx(0)


def test_pooled_and_mean_errors_are_both_told():
    short, long = speech((0, 1, "Ann")), speech((0, 9, "Ann"))
    found = diarization_errors([(short, []), (long, long)])
    assert found["der"] == pytest.approx(0.1)
    assert found["der_mean"] == pytest.approx(0.5)


def test_a_person_split_in_two_is_confusion_and_a_jaccard_error():
    found = diarization_errors([(speech((0, 4, "Ann")), speech((0, 3, "1"), (3, 4, "2")))])
    assert found["confusion"] == pytest.approx(1)
    assert found["jer"] == pytest.approx(0.25)
    assert (found["people"], found["people_found"]) == (1, 2)


def test_emotion_error_counts_every_event():
    true = felt((1, 2, "Happy", ""), (4, 6, "sad", ""))
    said = felt((1, 2.5, "happy", ""), (4, 5, "surprised", ""))
    found = emotion_diarization_errors([(true, said)], durations=[10])
    # "sad" taken for "surprised" 1 s, "sad" for neutral 1 s, neutral for "happy" 0.5 s; first letters would agree once.
    assert found["eder"] == pytest.approx(0.25)
    assert (found["confusion"], found["missed"], found["total"]) == (pytest.approx(2.5), 0, 10)
    without = emotion_diarization_errors([(true, said)], background=None)
    assert (without["missed"], without["false_alarm"], without["confusion"]) == (1, 0.5, 1)
    assert without["total"] == 3


LABELS = st.sampled_from(["neutral", "happy", "sad", "surprised"])


@settings(max_examples=40, deadline=None, derandomize=True)
@given(true=st.lists(LABELS, min_size=1, max_size=12), said=st.lists(LABELS, min_size=1, max_size=12))
def test_on_recordings_without_overlap_it_is_the_published_definition(true, said):
    length = min(len(true), len(said))
    turns = [felt(*((n, n + 1, label, "") for n, label in enumerate(side[:length]))) for side in (true, said)]
    wrong = np.mean([one != two for one, two in zip(true, said, strict=False)])
    assert emotion_diarization_errors([tuple(turns)])["eder"] == pytest.approx(wrong)


def test_an_emotion_of_the_wrong_person_is_wrong():
    true = felt((0, 4, "happy", "Ann"), (4, 8, "sad", "Ben"), (6, 8, "happy", "Ann"))
    said = felt((0, 4, "happy", "1"), (4, 6, "sad", "2"), (6, 8, "happy", "2"), (6, 8, "sad", "1"))
    found = attributed_emotion_errors([(true, said)])
    assert (found["wrong_person"], found["confusion"], found["total"]) == (4, 4, 10)
    assert found["attributed_eder"] == pytest.approx(0.4)
    assert emotion_diarization_errors([(true, said)], background=None)["eder"] == 0


def test_people_that_nobody_is_are_false_alarms():
    true = felt((0, 2, "happy", "Ann"))
    found = attributed_emotion_errors([(true, felt((0, 2, "happy", "1"), (0, 2, "happy", "2")))])
    assert (found["false_alarm"], found["confusion"], found["wrong_person"]) == (2, 0, 0)


@settings(max_examples=40, deadline=None, derandomize=True)
@given(
    st.lists(st.tuples(st.integers(0, 20), st.integers(1, 9), LABELS, st.sampled_from("AB")), min_size=1, max_size=6)
)
def test_a_renamed_reference_has_no_attributed_error(rows):
    turns = [Turn(start=start, end=start + length, label=label, person=who) for start, length, label, who in rows]
    renamed = [Turn(start=one.start, end=one.end, label=one.label, person=f"speaker {one.person}") for one in turns]
    # Two people who are there at just the same times cannot be told apart by when they are.
    times = {who: sorted((one.start, one.end) for one in turns if one.person == who) for who in "AB"}
    if times["A"] != times["B"]:
        found = attributed_emotion_errors([(turns, renamed)])
        assert found["missed"] == found["false_alarm"] == 0


def test_nothing_to_measure_and_uneven_lengths_are_refused():
    for measure in (diarization_errors, emotion_diarization_errors, attributed_emotion_errors):
        with pytest.raises(DataError, match="nothing to measure"):
            measure([([], speech((0, 1, "1")))])
    with pytest.raises(DataError, match="2 durations for 1 recordings"):
        emotion_diarization_errors([(TRUE, [])], durations=[1, 2])

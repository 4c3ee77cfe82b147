"""The first difference of two results is told with its place."""

import numpy as np
import pytest
from affekt import EmotionPrediction, Word
from affekt_testing.comparing import difference


def test_equal_results_have_no_difference():
    felt = EmotionPrediction(scores={"happy": 0.7, "sad": 0.3})
    assert difference([felt, "a", None], [felt, "a", None], 0.0) is None


@pytest.mark.parametrize(
    ("left", "right", "words"),
    [
        (1.0, 1, "result is float and int"),
        ([1, 2], [1], "result has 2 and 1 entries"),
        ({"a": 1}, {"b": 1}, "result has the keys ['a'] and ['b']"),
        ([{"a": "x"}], [{"a": "y"}], "result[0]['a'] is 'x' and 'y'"),
        (Word(text="a", start=0, end=1), Word(text="a", start=0, end=2), "result.end is 1 and 2"),
        (np.zeros(2), np.zeros(3), "result is float64 of shape [2] and float64 of shape [3]"),
        (np.zeros(2), np.zeros(2, np.float32), "result is float64 of shape [2] and float32 of shape [2]"),
    ],
)
def test_a_difference_is_told_with_its_place(left, right, words):
    assert difference(left, right, 0.0) == words


def test_numbers_may_differ_by_the_tolerance_of_the_largest():
    assert difference(100.0, 100.9, 0.01) is None
    assert difference(100.0, 101.1, 0.01) == "result is 100.0 and 101.1"
    assert difference(0.0, 0.009, 0.01) is None, "below 1 the tolerance is absolute"
    assert difference(np.array([100.0, 0.0]), np.array([100.0, 0.9]), 0.01) is None
    assert difference(np.array([100.0, 0.0]), np.array([100.0, 1.1]), 0.01) == "result differs by up to 1.1"

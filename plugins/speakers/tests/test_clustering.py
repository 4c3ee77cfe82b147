"""Which stretches are one person's, among voices that are made up."""

import time

import numpy as np
import pytest
from affekt_speakers.clustering import LARGE, MANY, Bounds, _evenly, centres_of, cluster

RANDOM = np.random.default_rng(7)
PEOPLE = np.linalg.qr(RANDOM.standard_normal((192, 192)))[0].astype(np.float32)
"""Directions at right angles: voices of people who do not resemble each other."""


def voices(*people, spread=0.03):
    rows = PEOPLE[list(people)] + spread * RANDOM.standard_normal((len(people), 192)).astype(np.float32)
    return (rows / np.linalg.norm(rows, axis=1, keepdims=True)).astype(np.float32)


def who(rows, seconds=None, apart=(), share=0.0, **bounds):
    seconds = np.full(len(rows), 2.0) if seconds is None else np.array(seconds)
    return cluster(rows, seconds, apart, threshold=0.6, bounds=Bounds(**bounds), share=share).tolist()


def test_people_are_numbered_in_order_of_appearance():
    assert who(voices(5, 5, 2, 5, 9, 2)) == [0, 0, 1, 0, 2, 1]


def test_nobody_and_one_are_answers_too():
    assert who(np.zeros((0, 192), np.float32)) == []
    assert who(voices(4)) == [0]
    assert who(voices(4), seconds=[0.0]) == [0], "what is hardly heard is still somebody"


def test_the_number_of_people_is_bounded_from_both_sides():
    rows = voices(1, 1, 2, 2, 3, 3)
    assert len(set(who(rows))) == 3
    assert len(set(who(rows, most=2))) == 2
    assert len(set(who(rows, least=4))) == 4
    assert len(set(who(voices(1, 1, 1), least=2, most=2))) == 2


def test_a_short_stretch_founds_nobody_and_joins_whom_it_resembles():
    rows = voices(1, 2, 1, 2, 3)
    assert who(rows, seconds=[3, 3, 3, 3, 2]) == [0, 1, 0, 1, 2]
    assert who(rows, seconds=[3, 3, 3, 3, 0.3])[4] in (0, 1)


def test_who_speaks_hardly_at_all_joins_another_person_unless_the_number_is_given():
    rows = voices(1, 2, 1, 2, 3)
    seconds = [30, 30, 30, 30, 1.5]
    assert len(set(who(rows, seconds, share=0.02))) == 2
    assert len(set(who(rows, seconds, share=0.02, least=3))) == 3
    assert len(set(who(voices(1, 2, 3, 1, 2, 3, 4), [*[30] * 6, 1.5], share=0.02))) == 3, "the others stay apart"


def test_two_who_speak_at_once_are_two_people_however_alike():
    rows = voices(1, 1)
    assert who(rows) == [0, 0]
    assert who(rows, apart=[(0, 1)]) == [0, 1]


def test_a_centre_is_weighted_by_time():
    rows = PEOPLE[[0, 1]]
    (centre,) = centres_of(rows, np.array([9.0, 1.0]), np.array([0, 0]))
    assert centre @ rows[0] == pytest.approx(9 / np.sqrt(82), abs=1e-5)


def chain(person, places, step):
    """Voices of a person that move step by step towards a direction of their own, as emotion grows."""
    rows = PEOPLE[person] + np.arange(places)[:, None] * step * PEOPLE[100 + person]
    return (rows / np.linalg.norm(rows, axis=1, keepdims=True)).astype(np.float32)


def test_a_person_whose_voice_moves_with_emotion_stays_one_person():
    rows = np.concatenate([chain(1, 6, 0.6), chain(2, 6, 0.6)])
    assert rows[0] @ rows[5] < 0.4, "the ends of a person are further apart than the threshold of linkage"
    assert who(rows) == [0] * 6 + [1] * 6
    assert who(chain(1, 6, 0.6)) == [0] * 6, "one person alone is one"


def test_somebody_who_speaks_once_and_resembles_nobody_is_a_person():
    assert who(voices(1, 1, 1, 1, 2, 2, 2, 2, 3)) == [0, 0, 0, 0, 1, 1, 1, 1, 2]
    assert who(voices(1, 1, 1, 1, 2, 2, 2, 2, 3), most=2)[:8] == [0, 0, 0, 0, 1, 1, 1, 1]


def test_five_thousand_stretches_take_seconds_and_are_told_apart():
    random = np.random.default_rng(3)
    true = random.integers(5, size=5000)
    rows = voices(*true.tolist(), spread=0.08)
    assert len(rows) > MANY > LARGE, "a part is clustered, by few eigenvalues"
    assert 0.3 < rows[true == 0][0] @ rows[true == 0][1] < 0.7
    began = time.process_time()
    found = np.array(who(rows, seconds=random.uniform(0.3, 4, len(rows)), share=0.02, most=12))
    assert time.process_time() - began < 15
    assert len(set(found)) == 5
    assert all(len(set(found[true == person])) == 1 for person in range(5))


def test_rows_are_left_out_at_equal_distances():
    assert _evenly(np.arange(10), 4).tolist() == [0, 3, 6, 9]
    assert _evenly(np.arange(3), 4).tolist() == [0, 1, 2]

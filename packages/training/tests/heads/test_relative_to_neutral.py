import numpy as np
import pytest
from affekt_training.heads.relative_to_neutral import ANSWERS, recognition
from affekt_training.heads.scored import Scored


def scored(*rows):
    """Two neutral recordings of one actor's sentence, then one that is only a little less neutral."""
    probabilities = np.array(rows) / np.sum(rows, axis=1, keepdims=True)
    truth = [0, 0, *(ANSWERS.index("sad") for _ in rows[2:])]
    ids = [f"03-01-01-01-01-{number:02}-01" for number in range(len(rows))]
    groups = ("ravdess-01",) * len(rows)
    return Scored(labels=ANSWERS, probabilities=probabilities, truth=np.array(truth), groups=groups, ids=tuple(ids))


NEUTRAL = (0.9, 0.05, 0.01, 0.01, 0.01, 0.01, 0.01)


def test_a_slight_change_is_recognised_relative_to_neutral_only():
    emotional, neutral = recognition(scored(NEUTRAL, NEUTRAL, (0.8, 0.05, 0.11, 0.01, 0.01, 0.01, 0.01)), "ravdess")
    assert (emotional.by_itself, emotional.relative, emotional.count) == (0, 1, 1)
    assert (neutral.by_itself, neutral.count) == (1, 2)


def test_a_recording_of_another_sentence_has_no_neutral_to_compare_with():
    rows = scored(NEUTRAL, NEUTRAL, NEUTRAL)
    moved = Scored(**{**vars(rows), "ids": (*rows.ids[:2], "03-01-01-01-02-01-01")})
    assert recognition(moved, "ravdess")[0].count == 0


def test_a_weakened_change_is_nearer_to_neutral():
    strong = (0.05, 0.05, 0.8, 0.04, 0.02, 0.02, 0.02)
    assert recognition(scored(NEUTRAL, NEUTRAL, strong), "ravdess")[0].by_itself == 1
    weak, _ = recognition(scored(NEUTRAL, NEUTRAL, strong), "ravdess", change=0.2)
    assert (weak.by_itself, weak.relative) == (0, pytest.approx(1))

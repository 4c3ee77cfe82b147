"""What an expression is worth while the mouth talks, and without raised lip corners."""

import numpy as np
import pytest
from affekt import Clip, Features, Word
from affekt_clues.expression import LABELS, is_expression, sober, talking
from affekt_clues.speech import seconds, spoken

HAPPY = LABELS.index("happy")


def faces(rows=20):
    shares = np.full((rows, 7), 0.05, np.float32)
    shares[:, HAPPY] = 0.7
    return Features(values=shares, hop=0.1, names=LABELS)


def lips(height, rows=20):
    return Features(values=np.full((rows, 1), height, np.float32), hop=0.1, names=("AU12",))


def test_a_face_that_neither_talks_nor_smiles_wrongly_stays_as_it_is():
    found = sober(faces(), Clip(id="a"), lips(0.8), None)
    np.testing.assert_allclose(found.values, faces().values, atol=1e-6)
    assert found.names == LABELS


def test_a_smile_without_raised_lip_corners_counts_less_and_rows_stay_probabilities():
    found = sober(faces(), Clip(id="a"), lips(0.0), None)
    half = sober(faces(), Clip(id="a"), lips(0.1), None)
    assert (found.values[:, HAPPY] < half.values[:, HAPPY]).all()
    assert (half.values[:, HAPPY] < 0.7).all()
    np.testing.assert_allclose(found.values.sum(axis=1), 1.0, atol=1e-6)


def test_a_face_counts_less_only_while_it_talks():
    clip = Clip(id="a", text="well then", words=(Word(text="well", start=1.0, end=1.5),))
    found = sober(faces(), clip, lips(0.8), None)
    assert talking(clip, None, faces().clock()).tolist() == [False] * 7 + [True] * 11 + [False] * 2
    np.testing.assert_allclose(found.values[[*range(7), 18, 19], HAPPY], 0.7, atol=1e-6)
    assert (found.values[7:18, HAPPY] < 0.6).all()


def test_voicing_tells_better_than_the_times_of_words():
    clip = Clip(id="a", text="well", words=(Word(text="well", start=0.0, end=2.0),))
    rows = np.array([[0.9, 1.0]] * 5 + [[0.1, 1.0]] * 15, np.float32)
    voicing = Features(values=rows, hop=0.1, names=("voicing", "speech"))
    assert seconds(np.array([[0.0, 1.0], [1.0, 2.0]]), spoken(clip, voicing)) == pytest.approx([0.5, 0.0])
    assert seconds(np.array([[0.0, 1.0], [1.0, 2.0]]), spoken(clip, None)) == pytest.approx([1.0, 1.0])
    assert spoken(Clip(id="a"), None) is None


def test_only_probabilities_of_the_seven_classes_are_an_expression():
    assert is_expression(faces())
    assert not is_expression(lips(0.2))
    assert not is_expression(Features(values=faces().values, hop=0.1))

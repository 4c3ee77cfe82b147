import pytest
from affekt import DataError
from affekt_kokoro.controls import EMOTIONS, Controls, controls_for


def test_intensity_zero_is_the_neutral_voice_in_every_emotion():
    for emotion in EMOTIONS:
        assert controls_for(emotion, 0.0) == Controls()


def test_intensity_one_is_the_row_of_the_table():
    assert all(controls_for(emotion, 1.0) == row for emotion, row in EMOTIONS.items())


def test_more_intensity_moves_further_from_neutral():
    faint, strong = controls_for("sad", 0.3), controls_for("sad", 0.9)
    assert 0 > faint.pitch > strong.pitch
    assert 1 > faint.span > strong.span
    assert 1 > faint.rate > strong.rate
    assert 0 > faint.energy > strong.energy


def test_the_nine_emotions_of_the_default_pipeline_are_there():
    asked = {"neutral", "calm", "happy", "sad", "angry", "fearful", "disgusted", "surprised", "bored"}
    assert set(EMOTIONS) == asked
    rows = list(EMOTIONS.values())
    assert all(row != other for position, row in enumerate(rows) for other in rows[:position])


def test_an_unknown_emotion_is_refused_with_a_suggestion():
    with pytest.raises(DataError, match=r'Did you mean "happy"\?(.|\n)*Try: one of neutral, calm'):
        controls_for("hapy", 0.5)

import pytest
from affekt import DataError
from affekt_kokoro.controls import EMOTIONS, Controls, controls_for
from affekt_kokoro.hints import hinted


def test_intensity_zero_is_the_neutral_voice_in_every_emotion():
    for emotion in EMOTIONS:
        assert controls_for(emotion, 0.0) == Controls()


@pytest.mark.parametrize("emotion", sorted(EMOTIONS.keys() - {"neutral"}))
def test_more_intensity_moves_everything_further_from_neutral(emotion):
    rows = [controls_for(emotion, intensity) for intensity in (0.0, 0.2, 0.4, 0.6, 0.8, 1.0)]
    for measure in ("pitch", "span", "energy", "brightness", "formants", "rate", "pauses"):
        away = [abs(getattr(row, measure) - getattr(rows[0], measure)) for row in rows]
        assert away == sorted(away)


def test_emotions_move_the_voice_as_studies_report():
    full = {emotion: controls_for(emotion, 1.0) for emotion in EMOTIONS}
    for low in ("sad", "bored"):
        assert full[low].pitch < 0
        assert full[low].span < 1
        assert full[low].rate < 1
        assert full[low].energy < 0
    for high in ("happy", "angry", "surprised"):
        assert full[high].pitch > 0
        assert full[high].span > 1
        assert full[high].energy > 0
    assert full["angry"].energy == max(controls.energy for controls in full.values())
    assert full["angry"].brightness == max(controls.brightness for controls in full.values())
    assert full["happy"].formants > 1
    assert full["fearful"].pitch > 0
    assert full["fearful"].rate > 1


def test_the_style_moves_the_controls():
    told = hinted(Controls(), "The pitch is 3 semitones above this speaker's own average. Louder, slower.")
    assert (told.pitch, told.energy, told.brightness) == (1.5, 3.0, 4.0)
    assert told.rate < 1
    assert hinted(Controls(), "not loud, and without a hurried tone; the table is set") == Controls()
    assert hinted(Controls(), "higher higher higher lower") == hinted(Controls(), "higher and higher")


def test_the_nine_emotions_of_the_default_pipeline_are_there():
    asked = {"neutral", "calm", "happy", "sad", "angry", "fearful", "disgusted", "surprised", "bored"}
    assert set(EMOTIONS) == asked
    rows = [controls_for(emotion, 1.0) for emotion in EMOTIONS]
    assert all(row != other for position, row in enumerate(rows) for other in rows[:position])


def test_an_unknown_emotion_is_refused_with_a_suggestion():
    with pytest.raises(DataError, match=r'Did you mean "happy"\?(.|\n)*Try: one of neutral, calm'):
        controls_for("hapy", 0.5)

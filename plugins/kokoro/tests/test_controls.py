import math

import pytest
from affekt import DataError
from affekt_kokoro.controls import REACH, Controls, controls_for, table
from affekt_kokoro.hints import hinted


def test_intensity_zero_is_the_neutral_voice_in_every_emotion():
    for emotion in table():
        assert controls_for(emotion, 0.0) == Controls()


def test_intensity_one_is_the_reach_of_the_fitted_shift():
    fitted, strong = table()["angry"]["shift"], controls_for("angry", 1.0)
    assert strong.pitch == pytest.approx(REACH["pitch"] * fitted["pitch"])
    assert strong.energy == pytest.approx(REACH["energy"] * fitted["energy"])
    assert strong.rate == pytest.approx(math.exp(REACH["rate"] * fitted["rate"]))


def test_half_the_intensity_is_the_normal_one_of_the_recordings():
    fitted = table()["happy"]
    assert controls_for("happy", 0.5).pitch == pytest.approx(
        REACH["pitch"] * fitted["share"] * fitted["shift"]["pitch"]
    )


@pytest.mark.parametrize("emotion", sorted(table().keys() - {"neutral"}))
def test_more_intensity_moves_everything_further_from_neutral(emotion):
    rows = [controls_for(emotion, intensity) for intensity in (0.0, 0.2, 0.4, 0.6, 0.8, 1.0)]
    for measure in ("pitch", "span", "energy", "brightness", "rate", "pauses"):
        away = [abs(getattr(row, measure) - getattr(rows[0], measure)) for row in rows]
        assert away == sorted(away)


def test_the_recordings_say_what_is_known_of_voices_in_emotion():
    shifts = {emotion: row["shift"] for emotion, row in table().items()}
    assert max(shifts["angry"]["energy"], shifts["angry"]["brightness"]) > 9
    assert shifts["calm"]["energy"] < 0 > shifts["calm"]["rate"]
    assert shifts["surprised"]["span"] == max(row["span"] for row in shifts.values() if row)
    assert min(row["speakers"] for row in table().values() if row["shift"]) >= 7


def test_the_style_moves_the_controls():
    told = hinted(Controls(), "The pitch is 3 semitones above this speaker's own average. Louder, slower.")
    assert (told.pitch, told.energy) == (1.5, 3.0)
    assert told.rate < 1
    assert hinted(Controls(), "not loud, and without a hurried tone; the table is set") == Controls()
    assert hinted(Controls(), "higher higher higher lower") == hinted(Controls(), "higher and higher")


def test_the_nine_emotions_of_the_default_pipeline_are_there():
    asked = {"neutral", "calm", "happy", "sad", "angry", "fearful", "disgusted", "surprised", "bored"}
    assert set(table()) == asked
    rows = [controls_for(emotion, 1.0) for emotion in table()]
    assert all(row != other for position, row in enumerate(rows) for other in rows[:position])


def test_an_unknown_emotion_is_refused_with_a_suggestion():
    with pytest.raises(DataError, match=r'Did you mean "happy"\?(.|\n)*Try: one of neutral, angry'):
        controls_for("hapy", 0.5)

"""Recordings that were once answered wrongly, through the default pipeline: the right answer, or an honest one."""

import pytest
from affekt_recordings import Analysis


@pytest.fixture(scope="module")
def judged(shared, pipeline):
    """A function that analyses a recording once, however many tests ask."""
    found: dict[str, Analysis] = {}

    def analysis(name: str) -> Analysis:
        if name not in found:
            found[name] = pipeline.analyze(shared / "samples" / "failing" / name)
        return found[name]

    return analysis


def reasons(felt: Analysis) -> str:
    return " ".join(clue.text for clue in felt.prediction.clues)


@pytest.mark.parametrize("name", ["nv_laugh1.wav", "nv_evil.wav"])
def test_a_laugh_without_words_is_judged(judged, name):
    felt = judged(name)
    assert felt.label == "happy"
    assert not felt.prediction.abstained
    assert "The voice that is heard says no words." in felt.rationale
    assert not felt.text


def test_of_a_sob_that_is_not_clear_nothing_is_claimed(judged):
    felt = judged("nv_cry1.wav")
    assert felt.prediction.abstained == "no emotion reaches 50%, from which on one is claimed"
    assert "The voice that is heard says no words." in felt.rationale


def test_a_scream_that_may_be_music_is_never_no_voice(judged):
    felt = judged("nv_scream1.wav")
    assert felt.prediction.abstained
    assert "there may be a voice without words" in felt.rationale
    assert "no voice" not in felt.rationale


@pytest.mark.parametrize("name", ["multi_face.jpg", "still_multi_face.mp4"])
def test_of_five_frontal_faces_the_largest_is_judged(judged, name):
    felt = judged(name)
    assert felt.label == "happy"
    assert "face 5 of 5" in felt.rationale


def test_each_shot_is_judged_by_the_face_it_shows(judged):
    felt = judged("jump.mp4")
    assert "happy until 2 s, angry until 4 s, sad until 6 s, happy until 8 s, then surprised" in felt.rationale
    assert "after a cut it may be another person's" in felt.rationale


def test_nobody_is_judged_in_the_dark_and_no_reason_ends_after_the_file(judged):
    felt = judged("dark.mp4")
    assert "No face was seen" in felt.rationale
    assert all(clue.end <= felt.evidence.clip.duration for clue in felt.prediction.clues)


def test_an_expression_that_never_changes_has_its_reason(judged):
    felt = judged("still_happy.mp4")
    assert felt.label == "happy"
    assert "the lip corners stay raised" in reasons(felt)


def test_music_is_no_speakers_voice_and_a_face_is_judged_while_it_is_seen(judged):
    felt = judged("face_noface.mov")
    assert felt.label == "happy"
    assert "The face is seen for 2.4 of 6.4 s" in felt.rationale
    assert all(clue.modality == "face" and clue.end <= 2.5 for clue in felt.prediction.clues)


def test_speech_at_61_decibels_below_full_scale_is_heard(judged):
    felt = judged("quiet.wav")
    assert felt.text.startswith("Today, after two years of negotiations")
    assert any("amplified" in note for note in felt.evidence.clip.notes)


def test_two_people_on_a_channel_each_are_told(judged):
    assert any("--channel each" in note for note in judged("stereo_diarization.wav").evidence.clip.notes)


def test_after_a_minute_of_silence_times_are_the_recordings(judged):
    felt = judged("after_silence.opus")
    assert felt.to_dict()["languages"] == ["en"]
    assert "there is nothing to judge for 1:00 (87%)" in felt.rationale
    assert all(clue.start >= 60 for clue in felt.prediction.clues)


def test_two_languages_are_both_told_and_the_second_is_read_in_translation(judged):
    felt = judged("multilingual.mp3")
    assert felt.to_dict()["languages"] == ["en", "de"]
    assert any("translation from de" in part.prediction.rationale for part in felt.parts)

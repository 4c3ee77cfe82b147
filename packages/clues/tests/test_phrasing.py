"""Sentences that reasoners share."""

import numpy as np
import pytest
from affekt import AudioSignal, Clip, Clue, FaceTrack
from affekt_clues.phrasing import Absent, alone, because, changes, headline, nothing, silences, whose_face


def clue(start, end, text):
    return Clue(modality="face", start=start, end=end, text=text, checked=True)


def test_a_second_emotion_is_named_from_half_the_first_on():
    assert headline({"sad": 0.4, "happy": 0.2, "calm": 0.1}) == "Most likely sad (40%), perhaps happy (20%)."
    assert headline({"sad": 0.6, "happy": 0.2}) == "Mostly sad (60%)."
    assert headline({"sad": 0.25, "happy": 0.1}, tentative=True) == "The likeliest would be sad (25%)."
    assert headline({"sad": 1.0}) == "Mostly sad (100%)."


def test_changes_are_told_with_their_times():
    assert changes(["sad", "happy"], [7.2, 9.0]) == "From sad to happy at about 7 s."
    told = changes(["sad", "fearful", "happy"], [6.0, 9.0, 20.0])
    assert told == "It changes: sad until 6 s, fearful until 9 s, then happy."


def test_a_clue_that_comes_back_is_told_once_with_all_its_times():
    told = because("Sad", [clue(0, 1, "the brows rise"), clue(2, 3, "the lids drop"), clue(4, 5, "the brows rise")])
    assert told == "Sad: the brows rise from 0.0 to 1.0 s and from 4.0 to 5.0 s and the lids drop from 2.0 to 3.0 s."
    assert because("Sad", []) == ""


def test_what_each_modality_says_alone_agrees_differs_or_is_open():
    assert alone({"audio": ("sad", 0.9)}) == ""
    agree = alone({"audio": ("sad", 0.5), "face": ("sad", 0.4)})
    assert agree == "They agree: alone, the voice sounds sad (50%) and the face looks sad (40%)."
    assert alone({"audio": ("sad", 0.5), "face": ("happy", 0.4)}).startswith("They differ: alone")
    vague = alone({"audio": ("sad", 0.5), "face": ("happy", 0.2), "text": ("calm", 0.1)})
    assert vague == "Alone, the voice sounds sad (50%); the face and the words leave it open."
    assert alone({"audio": ("sad", 0.2), "face": ("happy", 0.2)}) == "Alone, the voice and the face leave it open."


@pytest.mark.parametrize(
    ("choice", "seen", "told"),
    [
        ("face 1 of 1: the only one, seen in 60 of 60 frames", 60, ""),
        ("face 1 of 1: the only one, seen in 24 of 60 frames", 24, "The face is seen for 2.4 of 6.0 s."),
        ("face 2 of 2: seen largest and longest", 40, "The face judged is face 2 of 2: seen largest and longest."),
        (
            "one in each of 5 shots; after a cut it may be another person's",
            10,
            "The face judged is one in each of 5 shots; after a cut it may be another person's. "
            "It is seen for 1.0 of 6.0 s.",
        ),
        ("the picture is a cut-out face", 60, ""),
    ],
)
def test_which_face_was_judged_and_how_briefly_it_is_seen_is_told(choice, seen, told):
    times = np.arange(seen) / 10
    blank = {"boxes": np.zeros((seen, 4), np.float32), "crops": np.zeros((seen, 8, 8, 3), np.uint8)}
    faces = FaceTrack(times=times, ends=times + 0.1, choice=choice, **blank)
    sound = AudioSignal(samples=np.zeros(6000, np.float32), sample_rate=1000)
    assert whose_face(Clip(id="a", audio=sound, faces=faces)) == told
    assert whose_face(Clip(id="a", audio=sound)) == ""


def test_what_is_missing_is_told_with_its_reason_once():
    absent = [Absent(modality="audio", reason="silent."), Absent(modality="text", reason="silent")]
    assert silences(absent) == "The voice was not judged and no words were read: silent."
    assert silences([Absent(modality="face", reason="nobody asked", asked=False)]) == (
        "The face was not looked at: nobody asked."
    )
    assert nothing(absent) == "no speech was heard and no words were read"
    assert nothing([]) == "nothing was looked at"

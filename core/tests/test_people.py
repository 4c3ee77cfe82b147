"""Who is in a recording: turns, faces, words and feelings of each person, over all windows and on one clock."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import numpy as np
import pytest
from affekt import Analysis, Appearance, Clip, EmotionPrediction, Evidence, Features, Moment, Pipeline, Word
from affekt.windows import Part

SCORES = {"happy": 0.7, "sad": 0.2, "neutral": 0.1}
GLOOM = {"happy": 0.1, "sad": 0.8, "neutral": 0.1}


def heard(person, start, end, **fields):
    return Appearance(modality="audio", person=person, start=start, end=end, **fields)


def seen(person, start, end):
    return Appearance(modality="face", person=person, start=start, end=end)


def window(start, *appearances, words=(), scores=SCORES, features=None):
    timeline = (
        Moment(start=0, end=5, scores=scores, valence=0.5, arousal=0.1),
        Moment(start=5, end=10, scores=GLOOM, valence=-0.5, arousal=-0.1),
    )
    clip = Clip(id="x", start=start, length=10, appearances=appearances, words=tuple(words))
    return Part(
        evidence=Evidence(clip=clip, features=features or {}),
        prediction=EmotionPrediction(scores=scores, timeline=timeline),
    )


def people(*parts):
    return {person.name: person for person in Analysis(source="meeting.wav", parts=parts).people}


def test_turns_of_all_windows_are_on_the_recordings_clock_and_join_where_a_window_ended():
    found = people(window(0, heard("a", 1, 4), heard("b", 6, 10)), window(10, heard("b", 0.1, 3)))
    assert found["a"].turns == ((1, 4),)
    assert found["b"].turns == ((6, 13),)
    assert list(found) == ["b", "a"], "who speaks longest comes first"


def test_a_word_belongs_to_whoever_speaks_most_of_it_and_to_nobody_far_from_all_turns():
    words = [Word(start=at, end=at + 0.4, text=text) for at, text in ((1, "yes"), (3.8, "well"), (4.1, "no"), (8, "?"))]
    found = people(window(0, heard("a", 1, 4), heard("b", 3.9, 6), words=words))
    assert found["a"].text == "yes"
    assert found["b"].text == "well no"


def test_what_is_felt_is_cut_to_a_persons_own_turns_with_valence_and_arousal_over_time():
    found = people(window(0, heard("a", 1, 4), heard("b", 4, 9)))
    assert found["a"].felt["speaking"].scores == pytest.approx(SCORES)
    assert [(moment.start, moment.end, moment.valence) for moment in found["b"].timeline] == [(4, 5, 0.5), (5, 9, -0.5)]
    assert found["b"].felt["speaking"].scores["sad"] == pytest.approx((0.2 + 4 * 0.8) / 5)
    assert found["b"].felt["speaking"].label == "sad"


def test_each_source_says_that_it_was_measured_or_why_it_was_not():
    rows = Features(
        values=np.array([[0.9, 0.05, 0.05], [0.0, 0.9, 0.1]], np.float32), hop=5.0, names=("happy", "sad", "neutral")
    )
    found = people(
        window(0, heard("a", 0, 4), heard("b", 4, 6), seen("a", 0, 5), seen("c", 5, 10), features={"expression": rows})
    )
    assert found["a"].felt["face"].label == "happy"
    assert found["a"].felt["face"].seconds == 5
    assert found["a"].on_screen == 1
    assert found["b"].felt["face"].missing == "the person is off screen, or the face is not known"
    assert found["b"].on_screen == 0
    assert found["c"].felt["speaking"].missing == "the person is seen and never heard"
    alone = people(window(0, heard("a", 0, 4)))["a"]
    assert alone.felt["face"].missing == "no faces were told apart"
    assert alone.on_screen is None


def test_json_holds_times_words_and_states_and_never_what_a_voice_is_made_of():
    voice = heard("a", 1, 4, traits=np.ones(192, np.float32), strength=3.0)
    document = Analysis(source="x", parts=(window(0, voice, words=[Word(start=1, end=2, text="yes")]),)).to_dict()
    (person,) = document["people"]
    assert person["turns"] == [[1, 4]]
    assert person["words"] == [[1, 2, "yes"]]
    assert person["felt"]["face"]["state"] == "missing"
    assert person["timeline"][0]["valence"] == 0.5
    assert "traits" not in str(document)


@dataclass
class Ear:
    """Names whoever speaks by the window, and in the end by the strength that was noted."""

    linked: list[int] = field(default_factory=list)

    def prepare(self, clips: Sequence[Clip]) -> list[Clip]:
        return [replace(clip, appearances=(heard("voice 1", 0, 1, strength=clip.start),)) for clip in clips]

    def link(self, clips: Sequence[Clip]) -> list[Clip]:
        self.linked.append(len(clips))
        return [
            replace(clip, appearances=tuple(replace(each, person=f"at {each.strength:g}") for each in clip.appearances))
            for clip in clips
        ]


class Calm:
    def reason(self, evidence: Sequence[Evidence]) -> list[EmotionPrediction]:
        return [EmotionPrediction(scores=SCORES) for _ in evidence]


def test_a_preparer_that_links_sees_all_windows_once_after_the_last(monkeypatch):
    clips = [Clip(id="long", start=start, length=30.0) for start in (0.0, 30.0, 60.0)]
    monkeypatch.setattr("affekt.analyzing.read_windows", lambda path, channel: iter(clips))
    ear = Ear()
    felt = Pipeline(reasoner=Calm(), prepare={"voices": ear}).analyze("long.mp3")
    assert ear.linked == [3]
    assert [(person.name, person.turns) for person in felt.people] == [
        ("at 0", ((0, 1),)),
        ("at 30", ((30, 31),)),
        ("at 60", ((60, 61),)),
    ]

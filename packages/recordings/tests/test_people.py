"""Who is in a recording: turns, faces, words and feelings of each person, over all windows and on one clock."""

import json
import time
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import numpy as np
import pytest
from affekt import Appearance, Clip, EmotionPrediction, Evidence, FaceLooks, Moment, Pipeline, Word
from affekt_isolation.packing import pack, unpack
from affekt_recordings import Analysis
from affekt_recordings.windows import Part

SCORES = {"happy": 0.7, "sad": 0.2, "neutral": 0.1}
GLOOM = {"happy": 0.1, "sad": 0.8, "neutral": 0.1}


def heard(person, start, end, **fields):
    return Appearance(modality="audio", person=person, start=start, end=end, **fields)


def seen(person, start, end, rows=None):
    """A face, with a row of happy, sad and neutral a second where `rows` are given."""
    count = 1 if rows is None else len(rows)
    looks = FaceLooks(
        times=np.arange(count, dtype=float),
        boxes=np.zeros((count, 4), np.float32),
        mouth=np.zeros(count, np.float32),
        scores=None if rows is None else np.array(rows, np.float32),
        emotions=("happy", "sad", "neutral") if rows is not None else (),
    )
    return Appearance(modality="face", person=person, start=start, end=end, looks=looks)


def window(start, *appearances, words=(), scores=SCORES):
    timeline = (
        Moment(start=0, end=5, scores=scores, valence=0.5, arousal=0.1),
        Moment(start=5, end=10, scores=GLOOM, valence=-0.5, arousal=-0.1),
    )
    clip = Clip(id="x", start=start, length=10, appearances=appearances, words=tuple(words))
    return Part(
        evidence=Evidence(clip=clip),
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
    smile, gloom = [[0.9, 0.05, 0.05]] * 5, [[0.0, 0.9, 0.1]] * 5
    found = people(
        window(
            0,
            heard("a", 0, 4, face="on screen"),
            heard("b", 4, 6, face="off screen"),
            heard("d", 6, 7, face="unknown"),
            seen("a", 0, 5, smile),
            seen("c", 0, 5, gloom),
            seen("e", 0, 5),
        )
    )
    assert found["a"].felt["face"].label == "happy", "two faces are in view at once, and each has its own"
    assert found["c"].felt["face"].label == "sad"
    assert found["a"].felt["face"].seconds == 5
    assert (found["a"].on_screen, found["b"].on_screen) == (1, 0)
    assert [found[name].face for name in "abcd"] == ["on screen", "off screen", None, "unknown"]
    assert found["b"].felt["face"].missing == "the person is off screen"
    assert found["d"].felt["face"].missing == "which face is the person's is not known"
    assert found["e"].felt["face"].missing == "no expression was measured while the face is in view"
    assert found["c"].felt["speaking"].missing == "the person is seen and never heard"
    alone = people(window(0, heard("a", 0, 4)))["a"]
    assert alone.felt["face"].missing == "no faces were told apart"
    assert (alone.on_screen, alone.face) == (None, None)


def test_the_time_of_a_persons_speech_divides_into_what_is_claimed_and_what_is_not():
    found = people(window(0, heard("a", 1, 8)), window(10, heard("a", 9, 12)))
    assert found["a"].time.claimed == {"happy": 4, "sad": 4}
    assert found["a"].time.empty == 2, "nothing was judged after the last window"
    unsure = window(0, heard("a", 1, 8))
    part = replace(unsure, prediction=replace(unsure.prediction, claims_from=0.75))
    (person,) = Analysis(source="x", parts=(part,)).people
    assert person.time.claimed == {"sad": 3}
    assert person.time.unclaimed == 4


def test_a_recordings_time_divides_among_its_people():
    felt = Analysis(
        source="x", parts=(window(0, heard("a", 0, 4), heard("b", 3, 6), heard("b", 8, 9), seen("c", 0, 9)),)
    )
    assert felt.speaking.alone == {"a": 3, "b": 3}
    assert (felt.speaking.several, felt.speaking.nobody) == (1, 3)
    assert felt.to_dict()["speaking"] == {"alone": {"a": 3, "b": 3}, "several": 1, "nobody": 3}
    assert felt.speaking.describe() == (
        "a speaks alone for 3 s (30%), b speaks alone for 3 s (30%), several speak at once for 1 s (10%), "
        "nobody speaks for 3 s (30%)"
    )
    assert Analysis(source="x", parts=(window(0),)).to_dict()["speaking"] is None


def test_thousands_of_turns_and_words_are_told_apart_in_a_moment():
    turns = [heard(f"p{at % 4}", at, at + 0.9) for at in range(0, 7200)]
    words = [Word(start=at / 3, end=at / 3 + 0.3, text="word") for at in range(3 * 7200)]
    began = time.process_time()
    found = people(window(0, *turns, words=words))
    assert time.process_time() - began < 3
    assert sum(len(person.words) for person in found.values()) == len(words)


def test_json_holds_times_words_and_states_and_never_what_a_voice_is_made_of():
    voice = heard("a", 1, 4, traits=np.ones(192, np.float32), strength=3.0)
    document = Analysis(source="x", parts=(window(0, voice, words=[Word(start=1, end=2, text="yes")]),)).to_dict()
    (person,) = document["people"]
    assert person["turns"] == [[1, 4]]
    assert person["words"] == document["words"] == [[1, 2, "yes"]]
    assert person["felt"]["face"]["state"] == "missing"
    assert person["timeline"][0]["valence"] == 0.5
    assert "traits" not in str(document)


def test_what_is_seen_of_a_face_survives_a_kill_with_the_finished_windows():
    before = seen("face 1", 1, 3, [[0.9, 0.05, 0.05]] * 2)
    tree, buffers = pack(before)
    after = unpack(json.loads(json.dumps(tree)), [bytearray(buffer.tobytes()) for buffer in buffers])
    assert (after.person, after.looks.emotions) == ("face 1", ("happy", "sad", "neutral"))
    np.testing.assert_array_equal(after.looks.scores, before.looks.scores)
    np.testing.assert_array_equal(after.looks.times, before.looks.times)


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
    monkeypatch.setattr("affekt_recordings.windows.read_windows", lambda path, channel: iter(clips))
    ear = Ear()
    felt = Pipeline(reasoner=Calm(), prepare={"voices": ear}).analyze("long.mp3")
    assert ear.linked == [3]
    assert [(person.name, person.turns) for person in felt.people] == [
        ("at 0", ((0, 1),)),
        ("at 30", ((30, 31),)),
        ("at 60", ((60, 61),)),
    ]

"""Voices and faces of one recording joined: over windows and scenes, and in a video that is decoded."""

import numpy as np
import pytest
from affekt import Appearance, Clip, EmotionPrediction, Evidence, FaceLooks, WeightsError
from affekt_recordings import Analysis
from affekt_recordings.windows import Part
from affekt_speakers import filmed
from affekt_speakers.faces_of_voices import with_faces
from affekt_weights import fetch

FPS = 10
TURNS = {"speaker 1": [(1.0, 4.0), (9.0, 12.0)], "speaker 2": [(5.0, 8.0), (13.0, 16.0)]}


def voice(name, start, end):
    return Appearance(modality="audio", person=name, start=start, end=end)


def face(name, start, end, talking, seed=0, offset=0.0):
    """A face that moves its mouth while its person talks; times of talking are on the recording's clock."""
    times = np.arange(round((end - start) * FPS)) / FPS
    random = np.random.default_rng(seed)
    opening = 0.002 * random.standard_normal(len(times))
    for first, last in talking:
        inside = (offset + start + times >= first) & (offset + start + times < last)
        opening[inside] += 0.1 * random.random(inside.sum())
    looks = FaceLooks(times=times, boxes=np.ones((len(times), 4), np.float32), mouth=opening.astype(np.float32))
    return Appearance(modality="face", person=name, start=start, end=end, looks=looks)


def window(*appearances, start=0.0, length=17.0):
    return Clip(id="talk", start=start, length=length, appearances=appearances)


def voices():
    return [voice(name, *span) for name, spans in TURNS.items() for span in spans]


def who(clips, modality):
    return {(each.person, each.face) for clip in clips for each in clip.appearances if each.modality == modality}


def test_faces_have_the_names_of_those_who_speak_and_turns_say_whether_the_face_is_in_view():
    seen = [face("face 1", 0, 17, TURNS["speaker 2"]), face("face 2", 0, 17, TURNS["speaker 1"], seed=1)]
    (clip,) = with_faces([window(*voices(), voice("speaker 3", 16.2, 17), *seen)])
    assert [each.person for each in clip.appearances if each.modality == "face"] == ["speaker 2", "speaker 1"]
    said = who([clip], "audio")
    assert {("speaker 1", "on screen"), ("speaker 2", "on screen")} <= said
    assert ("speaker 3", "unknown") in said, "less than a second says nothing"
    part = Part(evidence=Evidence(clip=clip), prediction=EmotionPrediction(scores={"calm": 1.0}))
    people = {person.name: person for person in Analysis(source="talk", parts=(part,)).people}
    assert people["speaker 1"].on_screen == pytest.approx(1)
    assert people["speaker 1"].seen == ((0, 17),)


def test_a_face_is_heard_over_the_end_of_a_window():
    """Each window alone holds less of one of the two than is needed to know."""
    clips = []
    for start, end in ((0.0, 8.5), (8.5, 17.0)):
        heard = [
            voice(name, max(a, start) - start, min(b, end) - start)
            for name, spans in TURNS.items()
            for a, b in spans
            if a < end and b > start
        ]
        faces = [face("face 1", 0, 8.5, TURNS["speaker 1"], offset=start), face("face 2", 0, 8.5, (), 1, start)]
        clips.append(window(*heard, *faces, start=start, length=8.5))
    named = with_faces(clips)
    assert who(named, "face") == {("speaker 1", None), ("face 2", None)}
    assert who(named, "audio") == {("speaker 1", "on screen"), ("speaker 2", "off screen")}


def test_a_turn_while_the_own_face_is_out_of_view_is_off_screen():
    faces = face("face 1", 0, 6, TURNS["speaker 1"]), face("face 2", 0, 17, TURNS["speaker 2"], seed=1)
    (clip,) = with_faces([window(*voices(), *faces)])
    states = {(each.person, each.start): each.face for each in clip.appearances if each.modality == "audio"}
    assert states[("speaker 1", 1.0)] == "on screen"
    assert states[("speaker 1", 9.0)] == "off screen"


def test_where_no_face_was_followed_nothing_is_said_about_faces():
    (clip,) = with_faces([window(*voices())])
    assert who([clip], "audio") == {("speaker 1", None), ("speaker 2", None)}


def test_two_people_in_a_video_are_given_their_faces(shared, tmp_path):
    """Real pictures and sound: written, decoded, searched for faces; turns are the true ones."""
    try:
        fetch("face-landmarker")
    except WeightsError as error:
        pytest.skip(f"needs the weights of the face landmarker: {error}")
    actors = filmed.recordings(shared / "data")
    scene = filmed.film(actors, number=1, seed=0, folder=tmp_path, turns_filmed=2)
    how, clip = next(filmed.analysed(scene, filmed.FaceTracker(everybody=True)))
    assert how == "true turns"
    assert filmed.judged(scene, clip) == dict.fromkeys(scene.turns, (True, "on screen"))
    other = filmed.Scene(scene.path, {name: 1 - side for name, side in scene.sides.items()}, scene.turns)
    assert not any(good for good, _ in filmed.judged(other, clip).values()), "sides that are exchanged are wrong"

"""Every face of a clip, with its mouth and its expression, and one name over the ends of windows."""

from dataclasses import replace

import numpy as np
from affekt import Appearance, Clip, FaceLooks
from affekt_face.everybody import linked
from affekt_face.face_track import FaceTracker
from affekt_face.network import CLASSES


def face(name, start, end, x, size=100.0):
    """A face that stays in its place."""
    count = round((end - start) * 10)
    looks = FaceLooks(
        times=np.arange(count) / 10,
        boxes=np.tile(np.array([x, 50, size, size], np.float32), (count, 1)),
        mouth=np.zeros(count, np.float32),
    )
    return Appearance(modality="face", person=name, start=start, end=end, looks=looks)


def window(start, *faces, length=10.0):
    return Clip(id="x", start=start, length=length, appearances=faces)


def names(clips):
    return [[each.person for each in clip.appearances] for clip in clips]


def test_a_face_in_the_same_place_over_the_end_of_a_window_is_the_same():
    clips = linked([
        window(0, face("face 1", 0, 10, 300), face("face 2", 0, 10, 10)),
        window(10, face("face 1", 0, 4, 20), face("face 1", 6, 10, 20), face("face 2", 0, 10, 310)),
        window(20, face("face 1", 0, 10, 20)),
    ])  # fmt: skip
    assert names(clips) == [["face 1", "face 2"], ["face 2", "face 2", "face 1"], ["face 2"]]


def test_a_face_elsewhere_of_another_size_or_later_is_another():
    ended = window(0, face("face 1", 0, 9, 10), face("face 2", 0, 10, 300))
    clips = linked([ended, window(10, face("face 1", 0, 10, 10), face("face 2", 0, 10, 300, size=300))])
    assert names(clips)[1] == ["face 3", "face 4"]
    late = linked([ended, window(10, face("face 1", 1, 10, 300))])
    assert names(late)[1] == ["face 3"]
    gap = linked([window(0, face("face 1", 0, 10, 300)), window(60, face("face 1", 0, 10, 300))])
    assert names(gap)[1] == ["face 2"], "a window was left out between them"


def test_voices_and_clips_without_faces_stay_as_they_are():
    voice = Appearance(modality="audio", person="speaker 1", start=0, end=1)
    clips = [window(0, voice), window(10, voice, face("face 1", 0, 1, 0))]
    first, second = linked(clips)
    assert first is clips[0]
    assert second.appearances[0] is voice


def test_every_face_is_kept_with_its_mouth_and_expression_where_that_is_asked_for(load, tracked) -> None:
    clip = load("white_house_statement_2015")
    (prepared,) = FaceTracker(everybody=True).prepare([clip])
    assert prepared.faces is not None
    found: dict[str, list[Appearance]] = {}
    for each in prepared.appearances:
        found.setdefault(each.person, []).append(each)
    assert len(found) >= 2
    speaker = found["face 1"]
    looks = speaker[0].looks
    assert looks is not None
    assert looks.scores is not None
    assert looks.emotions == CLASSES
    np.testing.assert_allclose(looks.scores.sum(axis=1), 1, atol=1e-4)
    times = np.concatenate([each.start + each.looks.times for each in speaker if each.looks is not None])
    np.testing.assert_allclose(times, prepared.faces.times, atol=1e-6)
    assert np.ptp(looks.mouth) > 0.05, "he talks"
    assert tracked("white_house_statement_2015").appearances == (), "nobody is kept who was not asked for"
    assert replace(prepared, appearances=()).faces is prepared.faces

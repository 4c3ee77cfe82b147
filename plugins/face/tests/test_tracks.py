"""Joining the faces of frames into tracks."""

import cv2
import numpy as np
from affekt_face.tracks import Sighting, cuts_between, follow


def face(frame: int, x: float, y: float = 0.0, size: float = 40.0, fps: float = 10.0) -> Sighting:
    landmarks = np.zeros((478, 3), np.float32)
    landmarks[:, :2] = np.random.default_rng(0).uniform(0, size, (478, 2)) + np.array([x, y])
    return Sighting(frame, frame / fps, landmarks)


def places(sightings: list[Sighting]) -> list[int]:
    return [round(float(sighting.box[0])) for sighting in sightings]


def test_faces_keep_apart_whatever_order_they_are_found_in() -> None:
    frames = [[face(k, 10 + k), face(k, 100 - k)][:: 1 if k % 2 else -1] for k in range(10)]
    tracks = follow(frames, np.zeros(10, bool))
    assert sorted(places(track.sightings)[0] // 50 for track in tracks) == [0, 2]
    assert all(len(track.sightings) == 10 for track in tracks)


def test_the_longest_track_comes_first_and_a_false_alarm_is_dropped() -> None:
    frames = [[face(k, 200)] if 3 <= k < 7 else [] for k in range(12)]
    for k in range(12):
        frames[k].append(face(k, 10))
    frames[5].append(face(5, 400))
    tracks = follow(frames, np.zeros(12, bool))
    assert [len(track.sightings) for track in tracks] == [12, 4]


def test_a_face_that_comes_back_soon_is_the_same_and_later_is_another() -> None:
    seen = {*range(5), *range(15, 20), *range(45, 50)}
    tracks = follow([[face(k, 10)] if k in seen else [] for k in range(50)], np.zeros(50, bool))
    assert [len(track.sightings) for track in tracks] == [10, 5]


def test_a_face_elsewhere_or_of_another_size_is_another() -> None:
    frames = [[face(k, 10 if k < 5 else 80)] for k in range(10)]
    assert len(follow(frames, np.zeros(10, bool))) == 2
    frames = [[face(k, 10, size=40 if k < 5 else 90)] for k in range(10)]
    assert len(follow(frames, np.zeros(10, bool))) == 2


def test_a_cut_ends_a_track() -> None:
    cuts = np.arange(10) == 5
    assert [len(track.sightings) for track in follow([[face(k, 10)] for k in range(10)], cuts)] == [5, 5]


def test_a_single_picture_is_enough_for_a_track() -> None:
    assert len(follow([[face(0, 10)]], np.zeros(1, bool))) == 1
    assert follow([], np.zeros(0, bool)) == []


def test_cuts_are_large_changes_and_the_first_frame_is_none() -> None:
    bright = np.full((4, 60, 80, 3), 200, np.uint8)
    bright[1] += 5
    bright[2:] = 100
    assert cuts_between(list(bright)).tolist() == [False, False, True, False]
    assert cuts_between(list(bright[:1])).tolist() == [False]


def test_a_face_that_flickers_is_dropped_and_one_in_a_short_shot_is_kept() -> None:
    flickering = [[face(k, 10)] if k in (1, 2, 6, 7, 11, 15) else [] for k in range(20)]
    assert follow(flickering, np.zeros(20, bool)) == []
    cuts = np.arange(6) == 4
    assert [len(track.sightings) for track in follow([[face(k, 10)] for k in range(6)], cuts)] == [4, 2]


def room(light: int, person: int) -> np.ndarray:
    """A grey room with somebody of this brightness in its middle."""
    frame = np.full((120, 160, 3), light, np.uint8)
    frame[20:110, 50:110] = person
    return frame


def test_a_cut_between_two_people_in_one_room_is_a_cut() -> None:
    frames = [room(120, 150)] * 5 + [room(120, 90)] * 5
    assert cuts_between(frames).tolist() == [k == 5 for k in range(10)]


def test_a_camera_that_moves_all_the_time_makes_no_cut() -> None:
    wall = np.random.default_rng(0).integers(0, 256, (8, 40, 3)).astype(np.float32)
    wall = cv2.resize(wall, (1600, 120), interpolation=cv2.INTER_CUBIC).clip(0, 255).astype(np.uint8)
    frames = [wall[:, 15 * k : 15 * k + 160] for k in range(30)]
    assert not cuts_between(frames).any()
    jump = [*frames[:15], *(frame[:, ::-1] for frame in frames[15:])]
    assert cuts_between([np.ascontiguousarray(frame) for frame in jump]).tolist() == [k == 15 for k in range(30)]

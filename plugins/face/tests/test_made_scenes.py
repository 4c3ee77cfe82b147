"""Scenes that are made up: whoever comes and goes in however many shots, nobody is judged where they are not seen.

People are squares of one colour each, and a stand-in for the networks finds them by their colour: what is tested is
everything after the networks, from sightings to the track that encoders read.
"""

from dataclasses import dataclass

import numpy as np
from affekt import Clip, FaceTrack, VideoFrames
from affekt_face.face_track import FaceTracker
from affekt_face.landmarker import Detection
from affekt_face.sightings import CLOSE_LOOK
from affekt_face.tracks import FEWEST
from hypothesis import given, settings
from hypothesis import strategies as st

HEIGHT, WIDTH = 120, 180
LANE = 60
"""Pixels of the picture's width that each person keeps to."""
SMALL = 16
"""Pixels under which a face is only found by a close look, as with the networks."""


@dataclass(frozen=True)
class Person:
    """A square in a lane of one shot, from a look until another, that sways a little."""

    lane: int
    size: int
    first: int
    last: int
    """The first look that no longer shows them."""

    def corner(self, look: int) -> tuple[int, int]:
        return self.lane * LANE + 14 + round(5 * np.sin(look / 4)), 30


@dataclass(frozen=True)
class Shot:
    light: int
    length: int
    people: tuple[Person, ...]

    def seen(self, look: int) -> list[Person]:
        return [person for person in self.people if person.first <= look < person.last]

    def lasting(self) -> list[Person]:
        """Those who are seen long enough to be judged."""
        return [one for one in self.people if one.last - one.first >= min(FEWEST, self.length)]

    def certain(self) -> list[Person]:
        """Those of them who cannot be missed: small faces that come later may wait for the next close look."""
        waits = round(CLOSE_LOOK * 10)
        return [
            one
            for one in self.lasting()
            if one.size >= SMALL or one.first == 0 or one.last - one.first >= waits + FEWEST
        ]


class Squares:
    """Finds squares as the networks find faces: large ones at every look, small ones by a close look."""

    def detect(self, frame, threshold):
        return [found for found in self._squares(frame) if found.box[2] >= SMALL]

    def detect_small(self, frame, threshold):
        return self._squares(frame)

    def mesh(self, frame, detection):
        x, y, width, height = detection.box
        middle = int(y + height / 2), int(x + width / 2)
        if frame[middle][2]:
            return np.zeros((478, 3), np.float32), 0.0
        (found,) = [one for one in self._squares(frame) if one.box[0] <= middle[1] < one.box[0] + one.box[2]]
        x, y, width, height = found.box
        grid = np.random.default_rng(0).uniform(0, 1, (478, 3)).astype(np.float32)
        grid[:2, :2] = [[0, 0], [1, 1]]
        grid[33], grid[133], grid[362], grid[263] = [0.2, 0.4, 0], [0.4, 0.4, 0], [0.6, 0.4, 0], [0.8, 0.4, 0]
        points = grid * np.array([width, height, 0], np.float32) + np.array([x, y, 0], np.float32)
        return points, 1.0

    def _squares(self, frame):
        for lane in range(3):
            part = frame[:, lane * LANE : (lane + 1) * LANE]
            rows, columns = np.nonzero(part[..., 2] == 0)
            if len(rows):
                x, y = columns.min() + lane * LANE, rows.min()
                box = np.array([x, y, np.ptp(columns) + 1, np.ptp(rows) + 1], np.float32)
                yield Detection(score=0.9, box=box, eyes=np.array([[x, y], [x + 9, y]], np.float32))


@st.composite
def shots(draw, light):
    length = draw(st.integers(1, 14))
    people = []
    for lane in draw(st.sets(st.integers(0, 2), max_size=3)):
        first = draw(st.integers(0, length - 1))
        last = draw(st.integers(first + 1, length))
        people.append(Person(lane, draw(st.integers(10, 28)), first, last))
    return Shot(light, length, tuple(people))


@st.composite
def scenes(draw):
    """Up to five shots whose light differs, each with up to three people who come and go."""
    return [draw(shots(light)) for light in draw(st.permutations([60, 110, 160, 210]))[: draw(st.integers(1, 4))]]


def filmed(scene: list[Shot], steps: list[float]) -> Clip:
    """The scene as a video whose pictures stand for different times."""
    frames = []
    for shot in scene:
        for look in range(shot.length):
            frame = np.full((HEIGHT, WIDTH, 3), shot.light, np.uint8)
            for person in shot.seen(look):
                x, y = person.corner(look)
                frame[y : y + person.size, x : x + person.size] = (shot.light, shot.light, 0)
            frames.append(frame)
    times = np.cumsum([0.0, *(steps[index % len(steps)] for index in range(len(frames) - 1))])
    fps = len(times) / (times[-1] + 0.1)
    return Clip(id="made", video=VideoFrames(frames=np.stack(frames), fps=float(fps), times=times))


def tracker() -> FaceTracker:
    made = FaceTracker(fps=20.0)
    made.__dict__["_landmarker"] = Squares()  # where the networks would be kept once they are loaded
    return made


def place(scene: list[Shot], look: int) -> tuple[Shot, int, int]:
    """The shot that a look of the whole scene is in, its number, and the look's own number within it."""
    for number, shot in enumerate(scene):
        if look < shot.length:
            return shot, number, look
        look -= shot.length
    raise AssertionError("the scene is over")


def shown(track: FaceTrack, row: int, shot: Shot, look: int) -> Person:
    """Who is in the row's box."""
    (person,) = [one for one in shot.seen(look) if abs(one.corner(look)[0] - track.boxes[row, 0]) < 2]
    return person


@settings(max_examples=60, deadline=None)
@given(scene=scenes(), steps=st.lists(st.sampled_from([0.1, 0.1, 0.12, 0.2, 1.5]), min_size=3, max_size=7))
def test_each_shot_is_judged_by_one_person_of_it_and_only_while_they_are_seen(scene, steps):
    clip = filmed(scene, steps)
    times = clip.video.at()
    [prepared] = tracker().prepare([clip])
    lasting = {number for number, shot in enumerate(scene) if shot.lasting()}
    certain = {number for number, shot in enumerate(scene) if shot.certain()}
    if prepared.faces is None:
        assert not certain
        assert prepared.missing["face"].startswith("no face can be made out in ")
        return
    faces = prepared.faces
    judged: dict[int, set[Person]] = {}
    longest = 1.5 * (float(np.median(np.diff(times))) if len(times) > 1 else 0.1) + 1e-6
    for row, time in enumerate(faces.times):
        look = int(np.flatnonzero(times == time)[0])
        shot, number, within = place(scene, look)
        judged.setdefault(number, set()).add(shown(faces, row, shot, within))
        assert faces.shots[row] == number
        assert time < faces.ends[row] <= min(time + longest, clip.duration + 1e-6)
        if look + 1 < len(times):
            assert faces.ends[row] <= times[look + 1] + 1e-6, "it is judged into a look that may not show it"
    assert certain <= judged.keys() <= lasting
    for number, people in judged.items():
        assert len(people) == 1, "one shot is judged by one person"
        (person,) = people
        assert person in scene[number].lasting()
        rows = int((faces.shots == number).sum())
        areas = [one.size**2 * (one.last - one.first) for one in scene[number].certain() if one.size >= SMALL]
        assert person.size**2 * rows >= 0.8 * max(areas, default=0), "somebody is seen much larger and longer"
        assert rows <= person.last - person.first
    seconds = float((faces.ends - faces.times).sum())
    assert seconds <= longest * sum(person.last - person.first for people in judged.values() for person in people)
    assert ("one in each of" in faces.choice) == (len(judged) > 1)


@settings(max_examples=40, deadline=None)
@given(scene=scenes())
def test_everybody_who_stays_in_a_shot_is_found_and_nobody_who_only_flickers(scene):
    tracks = tracker().tracks(filmed(scene, [0.1]))
    # The first track joins the faces of the shots, one of each.
    found = sum(len(np.unique(track.shots)) for track in tracks)
    assert sum(len(shot.certain()) for shot in scene) <= found <= sum(len(shot.lasting()) for shot in scene)
    assert all((np.diff(track.times) > 0).all() for track in tracks)


@settings(max_examples=30, deadline=None)
@given(length=st.integers(6, 60), sightings=st.sets(st.integers(0, 29), max_size=12))
def test_a_bystander_seen_for_a_look_or_two_at_a_time_is_nobody(length, sightings):
    brief = {look for look in sightings if look % 3}  # never three looks in a row
    people = tuple(Person(1, 24, look, look + 1) for look in sorted(brief) if look < length)
    [prepared] = tracker().prepare([filmed([Shot(120, length, people)], [0.1])])
    assert prepared.faces is None

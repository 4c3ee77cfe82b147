"""Every face of a recording: when it is in view, how its mouth moves and what it expresses.

Within a window a face is a track, which a cut ends. Over the end of a window it is the face in the same place: nobody
is recognised, so after a cut the same person is another face.
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
from affekt import Appearance, Clip, FaceLooks, FaceTrack, Features

from affekt_face.clock import spans
from affekt_face.tracks import REACH, distance
from affekt_face.voice import openings

if TYPE_CHECKING:
    from affekt_face.expression import Expression

GAP = 0.35
"""Seconds without a look at a face after which it is in view anew."""
EDGE = 0.5
"""Seconds from the end of a window, and from the start of the next, within which both show a face that is the same."""


def appearances(clip: Clip, tracks: Sequence[FaceTrack], expression: "Expression") -> list[Appearance]:
    """The stretches in which each track is in view; a track is `face 1`, `face 2` and so on until `linked`."""
    measured = expression.encode([replace(clip, faces=track) for track in tracks])
    return [
        each
        for number, (track, features) in enumerate(zip(tracks, measured, strict=True), 1)
        if isinstance(features, Features)
        for each in _stretches(f"face {number}", track, features)
    ]


def _stretches(name: str, track: FaceTrack, expressions: Features) -> Iterator[Appearance]:
    assert track.landmarks is not None
    mouth, times = openings(track.landmarks).astype(np.float32), spans(track)
    for rows in np.split(np.arange(len(times)), np.flatnonzero(np.diff(track.times) > GAP) + 1):
        start, end = float(times[rows[0], 0]), float(times[rows[-1], 1])
        looks = FaceLooks(
            times=track.times[rows] - start,
            boxes=track.boxes[rows],
            mouth=mouth[rows],
            scores=expressions.values[rows],
            emotions=expressions.names or (),
        )
        yield Appearance(modality="face", person=name, start=start, end=end, looks=looks)


def linked(clips: Sequence[Clip]) -> list[Clip]:
    """The windows of one recording, whose faces have names that hold for all of it."""
    done: list[Clip] = []
    before: dict[str, np.ndarray] = {}
    count, end = 0, -np.inf
    for clip in clips:
        faces = [(each, looks) for each in clip.appearances if (looks := each.looks) is not None]
        first: dict[str, np.ndarray] = {}
        for each, looks in faces:
            if each.start <= EDGE and clip.start - end <= EDGE:
                first.setdefault(each.person, looks.boxes[0])
        names = _same(before, first)
        for each, _ in faces:
            if each.person not in names:
                count += 1
                names[each.person] = f"face {count}"
        before = {names[each.person]: looks.boxes[-1] for each, looks in faces if clip.duration - each.end <= EDGE}
        end = clip.start + clip.duration
        named = [each if each.looks is None else replace(each, person=names[each.person]) for each in clip.appearances]
        done.append(replace(clip, appearances=tuple(named)) if faces else clip)
    return done


def _same(before: dict[str, np.ndarray], first: dict[str, np.ndarray]) -> dict[str, str]:
    """Faces of the next window → those of the window before that were in the same place, the nearest first."""
    pairs = sorted(
        (far, new, old)
        for old, left in before.items()
        for new, right in first.items()
        if (far := distance(left, right)) <= REACH
    )
    names: dict[str, str] = {}
    for _, new, old in pairs:
        if new not in names and old not in names.values():
            names[new] = old
    return names

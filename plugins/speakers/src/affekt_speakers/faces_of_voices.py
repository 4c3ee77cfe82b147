"""Joins the people who are heard with the faces that are seen, over a whole recording.

Faces that are in view together, or one after the other without a cut between, are one scene. In each scene every voice
that is heard there is given a face, or none; see `voice_to_face`. A face that no voice is given keeps its own name.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from affekt import Appearance, Clip
from affekt.tracks import FaceState
from affekt_recordings.spans import Spans, joined, shared, total

from affekt_speakers.voice_to_face import Mouth, assign

HELD = 0.5
"""Share of a turn during which the person's own face is in view, from which the turn is on screen."""


@dataclass(frozen=True)
class Scene:
    """Faces that are in view together."""

    start: float
    end: float
    mouths: Mapping[str, Mouth]


def with_faces(clips: Sequence[Clip]) -> list[Clip]:
    """The windows of one recording whose turns are named, with the speakers' names given to their faces.

    Where no face was told apart the windows stay as they are.
    """
    faces = [(clip, each) for clip in clips for each in clip.appearances if each.looks is not None]
    if not faces:
        return list(clips)
    turns = _turns(clips)
    owners: dict[str, str] = {}
    states: list[tuple[Scene, Mapping[str, FaceState]]] = []
    for scene in scenes(faces):
        turns_in_scene = {name: spans for name, own in turns.items() if (spans := _within(own, scene))}
        assignments = assign(turns_in_scene, list(scene.mouths.values()))
        names = list(scene.mouths)
        owners |= {names[each.face]: speaker for speaker, each in assignments.items() if each.face is not None}
        states.append((scene, {speaker: each.state for speaker, each in assignments.items()}))
    visible: dict[str, list[tuple[float, float]]] = {}
    for clip, each in faces:
        if (owner := owners.get(each.person)) is not None:
            visible.setdefault(owner, []).append((clip.start + each.start, clip.start + each.end))
    own_faces = {name: joined(spans) for name, spans in visible.items()}

    def placed(clip: Clip, each: Appearance) -> Appearance:
        if each.modality == "face":
            return replace(each, person=owners.get(each.person, each.person))
        span = clip.start + each.start, clip.start + each.end
        return replace(each, face=_state(span, own_faces.get(each.person, ()), each.person, states))

    return [replace(clip, appearances=tuple(placed(clip, each) for each in clip.appearances)) for clip in clips]


def scenes(faces: Sequence[tuple[Clip, Appearance]]) -> Iterator[Scene]:
    """The scenes that faces make up, in order of time."""
    looks: dict[str, list[tuple[np.ndarray, np.ndarray]]] = {}
    for clip, each in faces:
        if each.looks is not None:
            times = clip.start + each.start + each.looks.times
            looks.setdefault(each.person, []).append((times, each.looks.mouth.astype(np.float64)))
    mouths = {
        name: Mouth(np.concatenate([times for times, _ in parts]), np.concatenate([gaps for _, gaps in parts]))
        for name, parts in looks.items()
    }
    spans = {name: (float(mouth.times[0]), float(mouth.times[-1])) for name, mouth in mouths.items()}
    for start, end in joined(spans.values()):
        yield Scene(start, end, {name: mouths[name] for name, (first, _) in spans.items() if start <= first <= end})


def _turns(clips: Sequence[Clip]) -> dict[str, Spans]:
    """When each person is heard, on the recording's clock."""
    heard: dict[str, list[tuple[float, float]]] = {}
    for clip in clips:
        for each in clip.appearances:
            if each.modality == "audio":
                heard.setdefault(each.person, []).append((clip.start + each.start, clip.start + each.end))
    return {name: joined(spans) for name, spans in heard.items()}


def _within(turns: Spans, scene: Scene) -> Spans:
    return tuple((start, end) for start, end in turns if start < scene.end and end > scene.start)


def _state(
    turn: tuple[float, float], own: Spans, person: str, scenes_: Sequence[tuple[Scene, Mapping[str, FaceState]]]
) -> FaceState:
    """Where the face of a person is during one of their turns."""
    if total([turn]) and shared([turn], own) >= HELD * total([turn]):
        return "on screen"
    around = {
        states.get(person, "unknown") for scene, states in scenes_ if scene.start < turn[1] and scene.end > turn[0]
    }
    return "unknown" if "unknown" in around else "off screen"

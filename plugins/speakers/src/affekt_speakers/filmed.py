"""How often a voice finds its face in videos that are decoded: `python -m affekt_speakers.filmed --data FOLDER`.

Joins pictures and sound of the Javanese audiovisual recordings (`javanese_av`) to videos of two people side by side:
one speaks, the other shows the pictures in which nobody speaks. In every third video somebody who is never in view
speaks as well. The videos are written, read, searched for faces and listened to as any recording is. Prints how often a
speaker is given the right face, or said to be off screen, with the true turns and with those that were heard.
"""

import argparse
import os
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import lru_cache
from pathlib import Path

import affekt_media
import av
import numpy as np
from affekt import Appearance, Clip, DataError
from affekt.roles import Preparer
from affekt_face.face_track import FaceTracker
from affekt_recordings.spans import joined, shared
from jaxtyping import Float32, UInt8
from scipy.optimize import linear_sum_assignment  # type: ignore[import-untyped]

from affekt_speakers.composites import OFF_SCREEN, PAUSES, TURNS, interval
from affekt_speakers.faces_of_voices import with_faces
from affekt_speakers.segmentation import SAMPLE_RATE
from affekt_speakers.staging import speech
from affekt_speakers.turns import SpeakerTurns

FPS = 30
"""Pictures a second of the videos."""
HEIGHT, WIDTH = 240, 320
"""The size of one person's picture."""
AWAY = 0.2
"""Seconds before and after speech in which the mouth may still move."""


@dataclass(frozen=True, eq=False)
class Sentence:
    """A sentence of one actor, filmed."""

    pictures: UInt8[np.ndarray, "picture height width 3"]
    samples: Float32[np.ndarray, "time"]
    spans: tuple[tuple[float, float], ...]
    """Seconds in which the actor is heard."""


@dataclass(frozen=True)
class Scene:
    """What is filmed: who is on which side, and when everybody speaks."""

    path: Path
    sides: Mapping[str, int]
    """The side of each speaker in view: 0 is left, 1 is right."""
    turns: Mapping[str, Sequence[tuple[float, float]]]


def recordings(folder: Path) -> dict[str, list[Path]]:
    """Actor → their recordings.

    Raises:
        DataError: there are none.
    """
    by_actor: dict[str, list[Path]] = {}
    for path in sorted((folder / "javanese_av").glob("*.mp4")):
        by_actor.setdefault(path.name[:2], []).append(path)
    if not by_actor:
        raise DataError(f'"{folder}" holds no javanese_av/*.mp4', hint="--data FOLDER")
    return by_actor


@lru_cache(maxsize=16)
def sentence(path: Path) -> Sentence:
    """Decodes one recording.

    Raises:
        DataError: it lacks picture or sound.
    """
    clip = affekt_media.load(path, fps=FPS, max_side=WIDTH)
    if clip.video is None or clip.audio is None:
        raise DataError(f'"{path}" should have picture and sound; found {clip!r}', hint="--data FOLDER")
    times = clip.video.at()
    wanted = np.searchsorted(times, np.arange(0, times[-1], 1 / FPS)).clip(max=len(times) - 1)
    pictures = np.stack([_fitted(frame) for frame in clip.video.frames[wanted]])
    spans = tuple((a / SAMPLE_RATE, b / SAMPLE_RATE) for a, b in speech(clip.audio.samples))
    return Sentence(pictures, clip.audio.samples, spans)


def _fitted(frame: UInt8[np.ndarray, "height width 3"]) -> UInt8[np.ndarray, "240 320 3"]:
    canvas = np.zeros((HEIGHT, WIDTH, 3), np.uint8)
    part = frame[:HEIGHT, :WIDTH]
    canvas[: part.shape[0], : part.shape[1]] = part
    return canvas


def quiet(shown: Sentence, count: int) -> UInt8[np.ndarray, "picture height width 3"]:
    """Pictures before or after a sentence, forth and back, as the person listens."""
    times = np.arange(len(shown.pictures)) / FPS
    before = shown.pictures[times < shown.spans[0][0] - AWAY]
    after = shown.pictures[times > shown.spans[-1][1] + AWAY]
    still = max(before, after, key=len)
    still = still if len(still) else shown.pictures[:1]
    return np.concatenate([still, still[::-1]])[np.arange(count) % (2 * len(still))]


def film(
    actors: Mapping[str, Sequence[Path]], number: int, seed: int, folder: Path, turns_filmed: int = TURNS
) -> Scene:
    """One video, the same for the same number and seed."""
    random = np.random.default_rng([seed, number])
    cast = [str(name) for name in random.choice(sorted(actors), 3, replace=False)]
    speakers = cast if number % OFF_SCREEN == 0 else cast[:2]
    pictures: list[np.ndarray] = []
    samples: list[np.ndarray] = []
    turns: dict[str, list[tuple[float, float]]] = {name: [] for name in speakers}
    frames = 0

    def drawn(name: str) -> Sentence:
        return sentence(actors[name][int(random.integers(len(actors[name])))])

    for turn in range(turns_filmed):
        name = speakers[turn % len(speakers)]
        spoken = drawn(name)
        count = len(spoken.pictures) + int(random.uniform(*PAUSES) * FPS)
        turns[name] += [(frames / FPS + first, frames / FPS + last) for first, last in spoken.spans]
        halves = []
        for each in cast[:2]:
            half = quiet(drawn(each), count)
            if each == name:
                half[: len(spoken.pictures)] = spoken.pictures
            halves.append(half)
        pictures.append(np.concatenate(halves, axis=2))
        sound = np.zeros(round(count / FPS * SAMPLE_RATE), np.float32)
        sound[: len(spoken.samples)] = spoken.samples[: len(sound)]
        samples.append(sound)
        frames += count
    path = folder / f"{number:03}.mp4"
    write(path, np.concatenate(pictures), np.concatenate(samples))
    return Scene(path, {name: side for side, name in enumerate(cast[:2])}, turns)


def write(path: Path, pictures: UInt8[np.ndarray, "picture height width 3"], samples: np.ndarray) -> None:
    """A video file of H.264 and AAC."""
    with av.open(str(path), "w") as file:
        video = file.add_stream("libx264", rate=FPS, options={"preset": "ultrafast", "crf": "20"})
        video.height, video.width = pictures.shape[1:3]
        video.pix_fmt = "yuv420p"
        audio = file.add_stream("aac", rate=SAMPLE_RATE)
        for picture in pictures:
            file.mux(video.encode(av.VideoFrame.from_ndarray(picture, format="rgb24")))
        file.mux(video.encode(None))
        for at in range(0, len(samples), 1024):
            frame = av.AudioFrame.from_ndarray(samples[None, at : at + 1024], format="fltp", layout="mono")
            frame.sample_rate, frame.pts, frame.time_base = SAMPLE_RATE, at, Fraction(1, SAMPLE_RATE)
            file.mux(audio.encode(frame))
        file.mux(audio.encode(None))


def judged(scene: Scene, clip: Clip) -> dict[str, tuple[bool, str]]:
    """Whether the face of each true speaker is the right one, or off screen is, and the state that was said."""
    heard: dict[str, tuple[tuple[float, float], ...]] = {}
    for name in dict.fromkeys(each.person for each in clip.appearances if each.modality == "audio"):
        heard[name] = joined((e.start, e.end) for e in clip.appearances if e.modality == "audio" and e.person == name)
    table = np.array([[shared(true, spans) for spans in heard.values()] for true in scene.turns.values()])
    rows, columns = linear_sum_assignment(table, maximize=True) if heard else ((), ())
    names = dict(zip([list(scene.turns)[row] for row in rows], [list(heard)[at] for at in columns], strict=True))
    answers = {}
    for speaker in scene.turns:
        heard_as = names.get(speaker)
        sides = [
            int(each.looks.boxes[:, [0, 2]].mean(axis=0) @ (1, 0.5) > WIDTH)
            for each in clip.appearances
            if each.looks is not None and each.person == heard_as
        ]
        states = {each.face for each in clip.appearances if each.modality == "audio" and each.person == heard_as}
        state = "on screen" if sides else "unknown" if "unknown" in states or not states else "off screen"
        true = scene.sides.get(speaker)
        answers[speaker] = (set(sides) == {true} if true is not None else state == "off screen", state)
    return answers


def analysed(scene: Scene, faces: Preparer) -> Iterator[tuple[str, Clip]]:
    """The decoded video with faces and voices joined: with the true turns, then with those that were heard."""
    clip = affekt_media.load(scene.path)
    (filmed,) = faces.prepare([clip])
    (filmed,) = faces.link([filmed])  # type: ignore[attr-defined]
    true = [
        Appearance(modality="audio", person=name, start=start, end=end)
        for name, spans in scene.turns.items()
        for start, end in spans
    ]
    yield "true turns", with_faces([replace(filmed, appearances=(*filmed.appearances, *true))])[0]
    ear = SpeakerTurns(people=len(scene.turns))
    yield "heard turns", ear.link(ear.prepare([filmed]))[0]


def main(arguments: Sequence[str] | None = None) -> None:
    """Runs the command."""
    parser = argparse.ArgumentParser(
        prog="python -m affekt_speakers.filmed", description=(__doc__ or "").split("\n")[0]
    )
    parser.add_argument("--data", type=Path, default=Path(os.environ.get("AFFEKT_SHARED", "../shared")) / "data")
    parser.add_argument("--recordings", type=int, default=20)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--fps", type=float, default=10.0, help="pictures a second that are looked at")
    parser.add_argument("--keep", type=Path, help="a folder for the videos, which are gone otherwise")
    chosen = parser.parse_args(arguments)
    actors = recordings(chosen.data)
    faces = FaceTracker(everybody=True, fps=chosen.fps)
    counts: dict[str, list[list[int]]] = {}
    states: dict[tuple[str, str], list[tuple[bool, str]]] = {}
    with tempfile.TemporaryDirectory() as temporary:
        folder = chosen.keep or Path(temporary)
        folder.mkdir(parents=True, exist_ok=True)
        for number in range(chosen.recordings):
            scene = film(actors, number, chosen.seed, folder)
            for how, clip in analysed(scene, faces):
                answers = judged(scene, clip)
                counts.setdefault(how, []).append([sum(good for good, _ in answers.values()), len(answers)])
                for speaker, answer in answers.items():
                    states.setdefault((how, "in view" if speaker in scene.sides else "off screen"), []).append(answer)
    for how, rows in counts.items():
        share, low, high = interval(np.array(rows, np.float64))
        print(f"{how}: {len(rows)} videos, {sum(total for _, total in rows)} speakers")
        print(f"  right       {share:.3f}  [{low:.3f}, {high:.3f}]")
        for (which, where), given in states.items():
            if which == how:
                unknown = sum(state == "unknown" for _, state in given)
                print(f"  {where:11} {sum(good for good, _ in given)} of {len(given)} right, {unknown} unknown")


if __name__ == "__main__":
    main()

"""How often a voice finds its face: `python -m affekt_speakers.composites --data FOLDER`.

Stages recordings of two people side by side, out of RAVDESS's sound and the landmarks of its videos (`ravdess` and
`ravdess_landmarks`): one speaks, the other shows the frames in which nobody speaks. In every third recording somebody
who is never in view speaks as well, and sound and picture are up to .2 s apart. Turns are the true ones. Prints how
often a speaker is given the right face, or said to be off screen, with a 95 % interval that draws recordings.
"""

import argparse
import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import soundfile  # type: ignore[import-untyped]
from affekt import DataError
from jaxtyping import Float64

from affekt_speakers.staging import speech
from affekt_speakers.voice_to_face import Mouth, assign

FRAMES = 29.97 / 2
"""The rate of landmarks, in frames a second."""
CHIN, BRIDGE, LIPS = 8, 27, (62, 66)
"""The numbers of some of dlib's 68 landmarks: the chin, the top of the nose, the middle of the upper and lower lip."""
TUNING = frozenset(f"{actor:02}" for actor in range(1, 11))
"""Actors whom the thresholds were chosen on."""
TURNS = 6
OFF_SCREEN = 3
"""A voice without a face speaks in every recording of so many."""
SHIFT = 0.2
"""Seconds that sound and picture are apart at most."""
PAUSES = 0.2, 0.8


@dataclass(frozen=True, eq=False)
class Sentence:
    """How far one actor's mouth is open, and from when to when they are heard."""

    opening: Float64[np.ndarray, "frame"]
    spans: Sequence[tuple[float, float]]


@dataclass(frozen=True, eq=False)
class Composite:
    """Two mouths, and when each speaker is heard; speaker and mouth of one name belong together."""

    mouths: Mapping[str, Mouth]
    turns: Mapping[str, list[tuple[float, float]]]


def sentences(folder: Path, tuning: bool) -> dict[str, list[Path]]:
    """Actor → the sound of their sentences that have landmarks."""
    by_actor: dict[str, list[Path]] = {}
    for marks in sorted((folder / "ravdess_landmarks").glob("Actor_*.npz")):
        actor = marks.stem.removeprefix("Actor_")
        if (actor in TUNING) == tuning:
            by_actor[actor] = sorted((folder / "ravdess" / marks.stem).glob("03-01-*"))
    if not by_actor:
        raise DataError(f'"{folder}" holds no ravdess_landmarks/Actor_NN.npz', hint="--data FOLDER")
    return by_actor


def load(path: Path) -> Sentence:
    """The sentence of a sound file, with the landmarks of the video of the same number."""
    marks = path.parent.parent.parent / "ravdess_landmarks" / f"{path.parent.name}.npz"
    with np.load(marks) as archive:
        names = [f"{channel}{path.stem[2:]}" for channel in ("01", "02")]
        points = next(archive[name] for name in names if name in archive).astype(np.float64)
    height = np.linalg.norm(points[:, CHIN] - points[:, BRIDGE], axis=1).clip(min=1)
    samples, rate = soundfile.read(path, dtype="float32")
    opening = np.linalg.norm(points[:, LIPS[0]] - points[:, LIPS[1]], axis=1) / height
    return Sentence(opening, [(first / rate, last / rate) for first, last in speech(samples)])


def composites(actors: Mapping[str, Sequence[Path]], count: int, seed: int) -> Iterator[Composite]:
    """Recordings of two people side by side, the same for the same seed."""
    random = np.random.default_rng(seed)
    for number in range(count):
        cast = [str(name) for name in random.choice(sorted(actors), 3, replace=False)]
        speakers = cast if number % OFF_SCREEN == 0 else cast[:2]
        yield _composite(actors, cast[:2], speakers, random)


def _composite(
    actors: Mapping[str, Sequence[Path]], on_screen: Sequence[str], speakers: Sequence[str], random: np.random.Generator
) -> Composite:
    openings: dict[str, list[Float64[np.ndarray, "frame"]]] = {name: [] for name in on_screen}
    turns: dict[str, list[tuple[float, float]]] = {name: [] for name in speakers}
    frames, shift = 0, random.uniform(-SHIFT, SHIFT)
    for turn in range(TURNS):
        name = speakers[turn % len(speakers)]
        sentence = load(Path(str(random.choice(np.array(actors[name], dtype=str)))))
        start = frames / FRAMES + shift
        turns[name] += [(start + first, start + last) for first, last in sentence.spans]
        length = len(sentence.opening) + int(random.uniform(*PAUSES) * FRAMES)
        for each in on_screen:
            quiet = _quiet(load(Path(str(random.choice(np.array(actors[each], dtype=str))))), length)
            if each == name:
                quiet[: len(sentence.opening)] = sentence.opening
            openings[each].append(quiet)
        frames += length
    times = np.arange(frames) / FRAMES
    return Composite({name: Mouth(times, np.concatenate(parts)) for name, parts in openings.items()}, turns)


def _quiet(sentence: Sentence, length: int) -> Float64[np.ndarray, "frame"]:
    """Frames before and after a sentence, forth and back, as the person listens."""
    times = np.arange(len(sentence.opening)) / FRAMES
    first, last = sentence.spans[0][0], sentence.spans[-1][1]
    before, after = sentence.opening[times < first - 0.2], sentence.opening[times > last + 0.2]
    still = max(before, after, key=len)
    if not len(still):
        still = sentence.opening[:1]
    return np.resize(np.concatenate([still, still[::-1]]), length)


def right(composite: Composite) -> list[tuple[bool, str]]:
    """Whether the face of each speaker is the right one, or off screen is, and the state that was said."""
    names = list(composite.mouths)
    judged = assign(composite.turns, list(composite.mouths.values()))
    answers: list[tuple[bool, str]] = []
    for speaker, assignment in judged.items():
        true = names.index(speaker) if speaker in names else None
        answers.append((assignment.face == true and assignment.state != "unknown", assignment.state))
    return answers


def interval(counts: Float64[np.ndarray, "recording 2"]) -> tuple[float, float, float]:
    """The share of right answers, and its 95 % interval that draws recordings, of (right, all) a recording."""
    drawn = counts[np.random.default_rng(0).integers(len(counts), size=(1000, len(counts)))].sum(axis=1)
    low, high = np.quantile(drawn[:, 0] / drawn[:, 1], [0.025, 0.975])
    return float(counts[:, 0].sum() / counts[:, 1].sum()), float(low), float(high)


def main(arguments: Sequence[str] | None = None) -> None:
    """Runs the command."""
    parser = argparse.ArgumentParser(
        prog="python -m affekt_speakers.composites", description=(__doc__ or "").split("\n")[0]
    )
    parser.add_argument("--data", type=Path, default=Path(os.environ.get("AFFEKT_SHARED", "../shared")) / "data")
    parser.add_argument("--recordings", type=int, default=60)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--tuning", action="store_true", help="the actors whom the thresholds were chosen on")
    chosen = parser.parse_args(arguments)
    actors = sentences(chosen.data, chosen.tuning)
    staged = list(composites(actors, chosen.recordings, chosen.seed))
    answers = [right(composite) for composite in staged]
    counts = np.array([[sum(good for good, _ in each), len(each)] for each in answers], np.float64)
    share, low, high = interval(counts)
    print(f"{len(staged)} recordings of two faces, {int(counts[:, 1].sum())} speakers of {len(actors)} actors")
    print(f"right             {share:.3f}  [{low:.3f}, {high:.3f}]")
    for name, wanted in (("in view", True), ("off screen", False)):
        rows = [
            (good, state)
            for composite, each in zip(staged, answers, strict=True)
            for speaker, (good, state) in zip(composite.turns, each, strict=True)
            if (speaker in composite.mouths) == wanted
        ]
        unknown = sum(state == "unknown" for _, state in rows)
        print(f"{name:12} {sum(good for good, _ in rows)} of {len(rows)} right, {unknown} unknown")


if __name__ == "__main__":
    main()

"""Staged conversations: acted utterances of known people one after the other, with a known share of overlap.

The recordings are RAVDESS (Livingstone and Russo, 2018) and EmoDB (Burkhardt et al., 2005). Everything is drawn from a
seed, so that a conversation is the same wherever it is staged. True speech is measured, not whole recordings: it goes
from the first to the last sound that is at most 30 dB quieter than the loud parts of a sentence, without pauses of .3 s
and more, as NIST's Rich Transcription evaluations count turns. Under everything lies a room's noise, as the silence
between turns is not digital either.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import numpy as np
import soundfile  # type: ignore[import-untyped]
from affekt import DataError
from jaxtyping import Bool, Float32, Float64

from affekt_speakers.segmentation import SAMPLE_RATE

RAVDESS_EMOTIONS = ("neutral", "calm", "happy", "sad", "angry", "fearful", "disgusted", "surprised")
EMODB_EMOTIONS = {
    "W": "angry", "L": "bored", "E": "disgusted", "A": "fearful", "F": "happy", "T": "sad", "N": "neutral",
}  # fmt: skip
ROW = 160
"""Samples whose speech is judged at once."""
LEVEL = 0.05
"""Root mean square of a person's voice, of full scale."""
GAIN_RECORDINGS = 8
"""Recordings of a person that their level is taken from."""
QUIET = 1e-3
"""The share of a sentence's loud power (−30 dB): what is less is a pause or the room's silence."""
LOUD = 0.95
"""The quantile of the power of a sentence that is its loud power."""
PAUSE = 0.3
"""Seconds from which silence within a sentence is nobody's speech."""
ROOM = 0.01
"""Root mean square of the room's noise, of the voices' (−40 dB)."""
PAUSES = 0.1, 0.7
"""Seconds between two turns that do not overlap."""


@dataclass(frozen=True)
class Utterance:
    """One acted sentence."""

    path: Path
    person: str
    emotion: str
    strong: bool
    """Acted strongly, or an emotion that is never calm."""


@dataclass(frozen=True, kw_only=True)
class Spoken:
    """A turn as it truly is."""

    start: float
    """Seconds from the start of the conversation."""
    end: float
    person: str
    emotion: str
    strong: bool


@dataclass(frozen=True, eq=False)
class Conversation:
    """Sound, and who truly speaks when in which emotion."""

    samples: Float32[np.ndarray, "time"]
    turns: tuple[Spoken, ...]

    @property
    def people(self) -> int:
        """The number of people who speak."""
        return len({turn.person for turn in self.turns})


class SpeechDetector(Protocol):
    """What says in which rows of some seconds somebody speaks, such as affekt_prosody's."""

    def rows(self, samples: Float64[np.ndarray, "time"], count: int, hop: float) -> Bool[np.ndarray, "row"]:
        """Whether somebody speaks in each of `count` rows of `hop` seconds."""
        ...


def utterances(folder: Path) -> dict[str, list[Utterance]]:
    """Person → their recordings, of `ravdess/Actor_NN` and `emodb` in a folder.

    Raises:
        DataError: neither is there.
    """
    spoken = [*_ravdess(folder / "ravdess"), *_emodb(folder / "emodb")]
    if not spoken:
        raise DataError(f'"{folder}" holds neither ravdess/Actor_NN nor emodb', hint="--data FOLDER")
    people: dict[str, list[Utterance]] = {}
    for each in spoken:
        people.setdefault(each.person, []).append(each)
    return people


def _ravdess(folder: Path) -> Iterator[Utterance]:
    for path in sorted(folder.glob("Actor_*/*.flac")) + sorted(folder.glob("Actor_*/*.wav")):
        _, channel, emotion, intensity, _, _, actor = path.stem.split("-")
        if channel == "01":
            yield Utterance(path, f"ravdess-{actor}", RAVDESS_EMOTIONS[int(emotion) - 1], intensity == "02")


def _emodb(folder: Path) -> Iterator[Utterance]:
    for path in sorted(folder.glob("*.flac")) + sorted(folder.glob("*.wav")):
        emotion = EMODB_EMOTIONS[path.stem[5]]
        yield Utterance(path, f"emodb-{path.stem[:2]}", emotion, emotion in ("angry", "disgusted", "fearful", "happy"))


def stage(
    people: Mapping[str, Sequence[Utterance]],
    detector: SpeechDetector,
    *,
    size: int,
    overlap: float,
    seconds: float,
    seed: int,
) -> Conversation:
    """One conversation of `size` people, each of whom speaks calmly and strongly.

    Args:
        overlap: the share of turns that begin before the one before has ended, by a third to two thirds of the shorter.
        seconds: how long it lasts at least.

    Raises:
        DataError: there are fewer people than that.
    """
    if len(people) < size:
        raise DataError(f"a conversation of {size} needs as many people; found {len(people)}", hint="fewer people")
    random = np.random.default_rng(seed)
    cast = [str(name) for name in random.choice(sorted(people), size, replace=False)]
    decks = {name: _alternating(people[name], random) for name in cast}
    gains = {name: _gain(people[name], detector, random) for name in cast}
    placed: list[tuple[int, Float32[np.ndarray, "time"]]] = []
    turns: list[Spoken] = []
    end, order, before = 0, list[str](), ""
    while end < seconds * SAMPLE_RATE or len(placed) < 3 * size:
        if not order:
            order = [str(name) for name in random.permutation(cast)]
            if order[0] == before and size > 1:
                order = [*order[1:], order[0]]
        utterance = next(decks[order.pop(0)])
        sound = trimmed(utterance.path, detector) * gains[utterance.person]
        start = end + int(random.uniform(*PAUSES) * SAMPLE_RATE)
        if placed and before != utterance.person and random.random() < overlap:
            start = end - int(random.uniform(1 / 3, 2 / 3) * min(len(sound), len(placed[-1][1])))
        placed.append((start, sound))
        end, before = max(end, start + len(sound)), utterance.person
        turns += [
            Spoken(
                start=(start + first) / SAMPLE_RATE,
                end=(start + last) / SAMPLE_RATE,
                person=utterance.person,
                emotion=utterance.emotion,
                strong=utterance.strong,
            )
            for first, last in speech(sound)
        ]
    samples = (ROOM * LEVEL * random.standard_normal(end + SAMPLE_RATE // 2)).astype(np.float32)
    for start, sound in placed:
        samples[start : start + len(sound)] += sound
    return Conversation(samples / max(1.0, float(np.abs(samples).max())), tuple(turns))


def _alternating(recordings: Sequence[Utterance], random: np.random.Generator) -> Iterator[Utterance]:
    """Calm and strong in turn, in random order."""
    halves = [[each for each in recordings if each.strong is strong] for strong in (False, True)]
    while True:
        shuffled = [[half[at] for at in random.permutation(len(half))] for half in halves]
        yield from (each for pair in zip(*shuffled, strict=False) for each in pair)


def _gain(recordings: Sequence[Utterance], detector: SpeechDetector, random: np.random.Generator) -> np.float32:
    """What brings a person to one level on average, as in one room; how loud an emotion is stays."""
    drawn = random.choice(len(recordings), min(GAIN_RECORDINGS, len(recordings)), replace=False)
    levels = [np.sqrt(np.mean(np.square(trimmed(recordings[at].path, detector)))) for at in drawn]
    return np.float32(LEVEL / np.median(levels))


def trimmed(path: Path, detector: SpeechDetector) -> Float32[np.ndarray, "time"]:
    """A recording from the first to the last sound of its sentence: breath before and after is nobody's turn.

    Another network than the one that is measured says where the sentence is, and its level says where that begins and
    ends, as detectors go on for a tenth of a second after the last sound.

    Raises:
        DataError: the recording has another rate than 16 kHz.
    """
    samples, rate = soundfile.read(path, dtype="float32")
    if rate != SAMPLE_RATE:
        raise DataError(f'"{path}" should have {SAMPLE_RATE} samples a second; found {rate}', hint="resample it")
    rows = len(samples) // ROW
    spoken = np.flatnonzero(detector.rows(samples.astype(np.float64), rows, ROW / SAMPLE_RATE))
    if len(spoken):
        samples = samples[spoken[0] * ROW : (spoken[-1] + 1) * ROW]
    parts = speech(samples)
    kept: Float32[np.ndarray, "time"] = samples[parts[0][0] : parts[-1][1]]
    return kept


def speech(sound: Float32[np.ndarray, "time"]) -> list[tuple[int, int]]:
    """The first sample of each part of a sentence between its pauses, and the one after the last."""
    rows = len(sound) // ROW
    power = np.square(sound[: rows * ROW]).reshape(rows, ROW).mean(axis=1)
    loud = np.flatnonzero(power > QUIET * np.quantile(power, LOUD))
    after = np.flatnonzero(np.diff(loud) - 1 >= PAUSE * SAMPLE_RATE / ROW)
    firsts, lasts = loud[np.r_[0, after + 1]], loud[np.r_[after, len(loud) - 1]]
    return [(int(first) * ROW, (int(last) + 1) * ROW) for first, last in zip(firsts, lasts, strict=True)]

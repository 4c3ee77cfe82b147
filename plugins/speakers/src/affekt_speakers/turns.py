"""The preparer that says who speaks when: stretches of each window, then one set of people for the whole recording."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import cached_property
from pathlib import Path
from typing import ClassVar, Self

import numpy as np
import soxr  # type: ignore[import-untyped]
from affekt import Appearance, AudioSignal, Clip, Component
from jaxtyping import Float32, Int64
from pydantic import Field, model_validator

from affekt_speakers import known_voices
from affekt_speakers.clustering import Bounds, centres_of, cluster
from affekt_speakers.enrolment import enrolled
from affekt_speakers.faces_of_voices import with_faces
from affekt_speakers.known_voices import Voices, matched
from affekt_speakers.networks import Networks, load
from affekt_speakers.segmentation import SAMPLE_RATE
from affekt_speakers.stretches import stretches

PAUSE = 0.3
"""Seconds of silence between two stretches of one person that still are one turn."""
OVERLAP = 0.2
"""Seconds that two stretches of one window overlap, from which they are two people's."""


class SpeakerTurns(Component):
    """Fills in who is heard when. Overlapping turns are several people who speak at once.

    People are told apart within each window. After the last one, `link` finds who is the same over all of them.
    """

    reads: ClassVar[tuple[str, ...]] = ("audio",)
    fills: ClassVar[tuple[str, ...]] = ("appearances",)

    people: int | None = Field(default=None, ge=1, description="How many speak, where that is known")
    at_least: int = Field(default=1, ge=1, description="The fewest who may speak")
    at_most: int = Field(default=12, ge=1, description="The most who may speak")
    enrolled: Path | None = Field(
        default=None, description="A folder with clips of people who are known by name: NAME.wav, or NAME/*.wav"
    )
    remember: Path | None = Field(
        default=None, description="A file that keeps the voices, so that ids stay over recordings: biometric data"
    )
    threshold: float = Field(
        default=0.7,
        gt=0,
        lt=2,
        description="Cosine distance from which a voice is no known one, and a few stretches are two people's",
    )
    share: float = Field(
        default=0.02, ge=0, lt=1, description="Of all speech that a person has at least; less joins another person"
    )
    weights: str = Field(default="speaker-networks", description="Weights by name")

    @model_validator(mode="after")
    def _bounds_hold(self) -> Self:
        if self.at_least > self.at_most:
            raise ValueError(f"at_least is {self.at_least} and at_most is {self.at_most}, which is fewer")
        return self

    @cached_property
    def _networks(self) -> Networks:
        return load(self.weights)

    @cached_property
    def _enrolled(self) -> Voices:
        return {} if self.enrolled is None else enrolled(self.enrolled, self._networks)

    def prepare(self, clips: Sequence[Clip]) -> list[Clip]:
        """The clips with who is heard in them; names hold within a clip until `link` was called."""
        return [self._heard(clip) for clip in clips]

    def link(self, clips: Sequence[Clip]) -> list[Clip]:
        """The windows of one recording with names that hold for all of it, in the same order, and without voices.

        Where every face was followed, as by `face-track` with its option `everybody`, faces have their speakers' names.
        """
        windows = [[each for each in clip.appearances if each.modality == "audio"] for clip in clips]
        heard = [each for window in windows for each in window]
        labels = iter(self._names(heard, self._people(windows)))
        linked = []
        for clip, window in zip(clips, windows, strict=True):
            named = [replace(each, person=next(labels), traits=None, strength=None) for each in window]
            others = [each for each in clip.appearances if each.modality != "audio"]
            linked.append(replace(clip, appearances=(*others, *merged(named))))
        return with_faces(linked)

    def _heard(self, clip: Clip) -> Clip:
        if clip.audio is None:
            return replace(clip, missing={**clip.missing, "audio": clip.why_missing("audio")})
        heard = [
            Appearance(
                modality="audio",
                start=stretch.start,
                end=stretch.end,
                person="speaker",
                traits=stretch.voice,
                strength=stretch.alone,
            )
            for stretch in stretches(self._networks, resampled(clip.audio))
        ]
        labels = self._people([heard])
        named = [replace(each, person=f"speaker {label + 1}") for each, label in zip(heard, labels, strict=True)]
        return replace(clip, appearances=(*clip.appearances, *named))

    def _people(self, windows: Sequence[Sequence[Appearance]]) -> Int64[np.ndarray, "stretch"]:
        """The number of the person of each stretch of the windows, one window after the other."""
        heard = [each for window in windows for each in window]
        bounds = Bounds(least=self.people or self.at_least, most=self.people or self.at_most)
        seconds = np.array([each.strength or 0.0 for each in heard])
        return cluster(
            _traits(heard),
            seconds,
            list(apart(windows)),
            threshold=self.threshold,
            bounds=bounds,
            share=self.share,
        )

    def _names(self, heard: Sequence[Appearance], labels: Int64[np.ndarray, "stretch"]) -> list[str]:
        """The name of the person of each stretch: enrolled, remembered, or the next free number."""
        if not len(heard):
            return []
        seconds = np.array([each.strength or 0.0 for each in heard])
        centres = centres_of(_traits(heard), seconds, labels)
        remembered = {} if self.remember is None else known_voices.recall(self.remember)
        voices = {**remembered, **self._enrolled}
        table = np.array(list(voices.values()), np.float32).reshape(-1, centres.shape[1])
        pairs = matched(centres, table, self.threshold)
        names: dict[int, str] = {person: list(voices)[voice] for person, voice in pairs.items()}
        free = (
            name for number in range(1, len(centres) + len(voices) + 1) if (name := f"speaker {number}") not in voices
        )
        for person in range(len(centres)):
            if person not in names:
                names[person] = next(free)
        if self.remember is not None:
            known_voices.remember(
                self.remember, {**voices, **{names[row]: centres[row] for row in names if row not in pairs}}
            )
        return [names[label] for label in labels.tolist()]


def resampled(sound: AudioSignal) -> Float32[np.ndarray, "time"]:
    """The samples at the rate of the networks."""
    if sound.sample_rate == SAMPLE_RATE:
        return sound.samples
    return np.asarray(soxr.resample(sound.samples, sound.sample_rate, SAMPLE_RATE), np.float32)


def merged(heard: Sequence[Appearance]) -> list[Appearance]:
    """Turns: the stretches of one person that follow each other closely are one."""
    turns: dict[str, list[Appearance]] = {}
    for each in sorted(heard, key=lambda stretch: stretch.start):
        own = turns.setdefault(each.person, [])
        if own and each.start - own[-1].end <= PAUSE:
            own[-1] = replace(own[-1], end=max(own[-1].end, each.end))
        else:
            own.append(each)
    return sorted((turn for own in turns.values() for turn in own), key=lambda turn: (turn.start, turn.end))


def _traits(heard: Sequence[Appearance]) -> Float32[np.ndarray, "stretch 192"]:
    return np.array([each.traits for each in heard], np.float32).reshape(len(heard), -1 if heard else 192)


def apart(windows: Sequence[Sequence[Appearance]]) -> Iterator[tuple[int, int]]:
    """Pairs of stretches, counted over all windows, that overlap: two people who speak at once."""
    first = 0
    for window in windows:
        for left, stretch in enumerate(window):
            for right in range(left + 1, len(window)):
                if min(stretch.end, window[right].end) - max(stretch.start, window[right].start) >= OVERLAP:
                    yield first + left, first + right
        first += len(window)

"""One window of a recording: what was known of it and what was concluded. How windows become one is in `joining`."""

import os
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any, BinaryIO

from affekt import Clip, DataError, EmotionPrediction, Evidence, Pipeline, plugins
from affekt.calling import OnProgress, silent

from affekt_recordings.sources import Sound, recording_of

UNKEPT = "not kept: a recording in windows keeps the features whose columns have names"


@dataclass(frozen=True, kw_only=True)
class Part:
    """One window of the recording."""

    evidence: Evidence
    prediction: EmotionPrediction

    def lighten(self) -> "Part":
        """Without sound and pictures, and without features that only a model reads: a long recording fits into memory.

        Measurements, whose columns have names, stay.
        """
        clip, features = self.evidence.clip, self.evidence.features
        kept = {slot: each for slot, each in features.items() if each.names is not None}
        unkept = {slot: UNKEPT for slot in features if slot not in kept}
        return replace(
            self,
            evidence=replace(
                self.evidence,
                clip=replace(clip, audio=None, video=None, faces=None, length=clip.duration),
                features=kept,
                missing={**self.evidence.missing, **unkept},
                fused=None,
            ),
        )

    @property
    def seconds(self) -> tuple[float, float]:
        """Beginning and end in the recording."""
        start = self.evidence.clip.start
        ends = [moment.end for moment in self.prediction.timeline]
        return start, start + max([self.evidence.clip.duration, *ends])

    @property
    def duration(self) -> float:
        """Seconds; never none, so that every window weighs something."""
        start, end = self.seconds
        return max(1e-3, end - start)

    @property
    def claim(self) -> str | None:
        """The emotion that is claimed; None where nothing is."""
        return None if self.prediction.abstained else self.prediction.label

    @property
    def is_empty(self) -> bool:
        """Whether there was nothing to judge: the reasoner says so, or everything that was looked for is missing."""
        if self.prediction.nothing_to_judge:
            return True
        evidence = self.evidence
        return bool(evidence.missing) and not (evidence.features or evidence.clip.text or self.unkept or self.claim)

    @property
    def missing(self) -> dict[str, str]:
        """Slot or modality → why the recording has nothing of it in this window."""
        reasons: dict[str, str] = {**self.evidence.clip.missing, **self.evidence.missing}  # type: ignore[dict-item]
        return {str(key): why for key, why in reasons.items() if why != UNKEPT}

    @property
    def unkept(self) -> set[str]:
        """Slots whose features were let go."""
        return {slot for slot, why in self.evidence.missing.items() if why == UNKEPT}


def read_windows(source: "str | os.PathLike[str] | BinaryIO | Sound", channel: int | None = None) -> Iterator[Clip]:
    """The clip, or the windows, of a file, an open file or sound in memory, by what is announced for reading them.

    Args:
        channel: of the sound, counted from 0; None takes a mix of all.

    Raises:
        MissingDependency: nothing that reads recordings is installed.
    """
    return iter(plugins().function("reader", "reading a recording")(source, channel))


def judged(pipeline: Pipeline, clips: Sequence[Clip], on_progress: OnProgress = silent) -> list[Part]:
    """The clips with what the pipeline says of them; they go through as one batch."""
    judgements = pipeline.judge(clips, on_progress)
    return [Part(evidence=evidence, prediction=prediction) for evidence, prediction in judgements]


def windows_of(source: Any, channel: int | None, sample_rate: int | None) -> Iterable[Clip]:
    """The windows of one recording.

    Raises:
        DataError: it holds several, or is none.
    """
    recording = recording_of(source, sample_rate)
    if recording is None:
        raise DataError(f"each of several recordings should be one; found a {type(source).__name__}", hint="one list")
    return [recording] if isinstance(recording, Clip) else read_windows(recording, channel)

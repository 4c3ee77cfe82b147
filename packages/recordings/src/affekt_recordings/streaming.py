"""Predictions of many recordings, in batches of their windows. Memory holds one batch.

A recording that fails is answered with its error, and the others go on.
"""

import os
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from affekt import AffektError, Clip, DataError, EmotionPrediction, Pipeline
from affekt.contracts import require_within

from affekt_recordings.failures import OF_ONE_RECORDING, FailedAnalysis, without_frames
from affekt_recordings.joining import join
from affekt_recordings.sources import name_of
from affekt_recordings.windows import Part, judged, windows_of

Judge = Callable[[Sequence[Clip]], list[Part]]
"""One part a clip, for a batch of clips."""


@dataclass
class _Recording:
    """A recording on its way."""

    name: str
    parts: list[Part] = field(default_factory=list)
    waiting: int = 0
    """Windows that were read and are not judged yet."""
    ended: bool = False
    """Whether its last window was read."""
    error: AffektError | None = None

    def outcome(self) -> EmotionPrediction | FailedAnalysis:
        if self.error is None and not self.parts:
            self.error = DataError(f'"{self.name}" holds nothing to judge')
        if self.error is not None:
            return FailedAnalysis(source=self.name, error=self.error)
        return self.parts[0].prediction if len(self.parts) == 1 else join(self.parts)


def stream(
    pipeline: Pipeline,
    sources: Iterable[Any],
    batch_size: int,
    *,
    channel: int | None = None,
    sample_rate: int | None = None,
) -> Iterator[EmotionPrediction | FailedAnalysis]:
    """One prediction a recording, in order, or why there is none; see `Pipeline.stream` for the arguments."""
    require_within("batch_size", batch_size, 1)
    if isinstance(sources, str | os.PathLike | Clip | Mapping):
        raise DataError(f"stream takes several recordings; found {name_of(sources)} alone", hint="[recording]")
    pipeline.require_encoders()
    windows = partial(windows_of, channel=channel, sample_rate=sample_rate)
    return _predictions(partial(judged, pipeline), windows, sources, batch_size)


def _predictions(
    judge: Judge, windows: Callable[[Any], Iterable[Clip]], sources: Iterable[Any], batch_size: int
) -> Iterator[EmotionPrediction | FailedAnalysis]:
    """One prediction a recording, whose windows are read as they are asked for."""
    recordings: deque[_Recording] = deque()
    batch: list[tuple[_Recording, Clip]] = []
    for source in sources:
        recording = _Recording(name_of(source))
        recordings.append(recording)
        try:
            for clip in windows(source):
                if recording.error is not None:
                    break
                recording.waiting += 1
                batch.append((recording, clip))
                if len(batch) == batch_size:
                    _judge(judge, batch)
                    batch = []
                    yield from _finished(recordings)
        except OF_ONE_RECORDING as error:
            recording.error = without_frames(error)
        recording.ended = True
        yield from _finished(recordings)
    _judge(judge, batch)
    yield from _finished(recordings)


def _judge(judge: Judge, batch: Sequence[tuple[_Recording, Clip]]) -> None:
    """Judges a batch; where it fails, its clips one by one, so that an error is that of its recording."""
    if not batch:
        return
    error = None
    try:
        parts = judge([clip for _, clip in batch])
    except OF_ONE_RECORDING as raised:
        error = without_frames(raised)
    if error is None:
        for (recording, _), part in zip(batch, parts, strict=True):
            recording.parts.append(part.lighten())
            recording.waiting -= 1
    elif len(batch) > 1:
        for item in batch:
            _judge(judge, [item])
    else:
        recording = batch[0][0]
        recording.error = recording.error or error
        recording.waiting -= 1


def _finished(recordings: deque[_Recording]) -> Iterator[EmotionPrediction | FailedAnalysis]:
    while recordings and recordings[0].ended and not recordings[0].waiting:
        yield recordings.popleft().outcome()

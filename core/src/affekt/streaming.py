"""Analyses and predictions of many recordings, one by one or in batches of their windows. Memory holds one batch.

A recording that fails is answered with its error, and the others go on.
"""

from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from affekt.analysis import Analysis, FailedAnalysis
from affekt.answers import EmotionPrediction
from affekt.data import Clip
from affekt.errors import AffektError, ComponentError, DataError, MediaError
from affekt.joining import join
from affekt.sources import name_of
from affekt.windows import Part

OF_ONE_RECORDING = (DataError, MediaError, ComponentError)
"""Errors after which the next recording may do better. All others, such as weights that are not there, end a run."""
Judge = Callable[[Sequence[Clip]], list[Part]]
"""One part a clip, for a batch of clips."""


def each(analyze: Callable[[Any], Analysis], sources: Iterable[Any]) -> Iterator[Analysis | FailedAnalysis]:
    """One analysis a recording, in order, or why there is none."""
    for source in sources:
        result: Analysis | FailedAnalysis
        try:
            result = analyze(source)
        except OF_ONE_RECORDING as error:
            result = FailedAnalysis(source=name_of(source), error=_without_frames(error))
        yield result
        del result  # while the next one is made


def _without_frames(error: AffektError) -> AffektError:
    """The error without tracebacks, whose frames would hold every clip that failed; its message says where it was."""
    link: BaseException | None = error
    while link is not None:
        link.__traceback__ = None
        link = link.__cause__ or link.__context__
    return error


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
    judge: Judge, windows: Callable[[Any], Iterable[Clip]], sources: Iterable[Any], batch_size: int
) -> Iterator[EmotionPrediction | FailedAnalysis]:
    """One prediction a recording, in order, or why there is none.

    Args:
        windows: the clips of a recording, read as they are asked for.
    """
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
            recording.error = _without_frames(error)
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
        error = _without_frames(raised)
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

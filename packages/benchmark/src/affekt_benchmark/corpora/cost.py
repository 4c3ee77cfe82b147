"""Processor time of this process and of those that it started, such as decoders."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

import psutil  # type: ignore[import-untyped]
from affekt import AffektError, Clip, Encoder, Preparer

from affekt_benchmark.material.cases import Case

MEASURED_ON = 8
"""Clips, after one that warms up."""


@dataclass(frozen=True, kw_only=True)
class Cost:
    """What decoding and encoding take."""

    processor_seconds: float
    media_seconds: float
    """The duration of the recordings; 0 of pictures and texts."""
    clips: int

    @property
    def rate(self) -> float | None:
        """Processor seconds a second of recording; None of pictures and texts."""
        return self.processor_seconds / self.media_seconds if self.media_seconds else None

    def plain(self) -> dict[str, Any]:
        """The cost as plain data for JSON."""
        return asdict(self)


def processor_seconds() -> float:
    """The processor time of this process and all its descendants so far."""
    own = psutil.Process()
    total = 0.0
    for process in (own, *own.children(recursive=True)):
        try:
            spent = process.cpu_times()
        except psutil.Error:
            continue
        total += spent.user + spent.system + spent.children_user + spent.children_system
    return total


def length(clip: Clip) -> float:
    """Seconds of sound, or of film; 0 of a single picture and of a text."""
    if clip.audio is not None:
        return len(clip.audio.samples) / clip.audio.sample_rate
    if clip.video is not None and len(clip.video.frames) > 1:
        return len(clip.video.frames) / clip.video.fps
    return 0.0


def of_clips(cases: Sequence[Case], preparers: Sequence[Preparer], encoder: Encoder) -> Cost:
    """Decodes, prepares and encodes a few clips anew, whatever a store holds.

    Raises:
        AffektError: none of the clips can be read.
    """
    seconds = media = 0.0
    counted = 0
    failure: AffektError | None = None
    for number, case in enumerate(cases[: MEASURED_ON + 1]):
        begin = processor_seconds()
        try:
            clip = prepared(case, preparers)
        except AffektError as error:
            failure = error
            continue
        encoder.encode([clip])
        if number or len(cases) == 1:
            seconds += processor_seconds() - begin
            media += length(clip)
            counted += 1
    if not counted and failure is not None:
        raise failure
    return Cost(processor_seconds=seconds, media_seconds=media, clips=counted)


def prepared(case: Case, preparers: Sequence[Preparer]) -> Clip:
    """The decoded clip as an encoder is given it.

    Raises:
        MediaError: the media cannot be read.
    """
    clip = case.clip()
    for preparer in preparers:
        (clip,) = preparer.prepare([clip])
    return clip

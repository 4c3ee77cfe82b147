"""Clips in, rows over time out: what every encoder of sound does around its network."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from affekt import Clip, Features, Missing

from affekt_encoding.batching import in_batches
from affekt_encoding.sound import heard
from affekt_encoding.windows import Window, windows

Samples = np.ndarray[Any, np.dtype[np.float32]]
Rows = np.ndarray[Any, np.dtype[np.float32]]


@dataclass(frozen=True, kw_only=True)
class Clock:
    """How a network's rows lie on samples."""

    sample_rate: int
    stride: int
    """Samples from one row to the next."""
    field: int
    """Samples that a row is made of, before any attention; at least the stride."""

    @property
    def hop(self) -> float:
        """Seconds from one row to the next."""
        return self.stride / self.sample_rate

    @property
    def start(self) -> float:
        """Seconds from the first sample to where a stride in the middle of the first row's field begins."""
        return (self.field - self.stride) / 2 / self.sample_rate

    def rows(self, samples: int) -> int:
        """Rows that so many samples give."""
        return max(0, (samples - self.field) // self.stride + 1)


@dataclass(frozen=True, kw_only=True)
class Listening:
    """How sound is cut and batched."""

    window: float
    """Seconds heard at once, at most."""
    margin: float
    """Seconds of context on either side of a window of longer sound; their rows are dropped."""
    batch_size: int
    padding: float = 0.0
    """The share of a batch that may be padding; 0 where padding changes the result."""


def hear(
    clips: Sequence[Clip],
    run: Callable[[list[Samples]], Sequence[Rows]],
    clock: Clock,
    listening: Listening,
    finish: Callable[[Features], Features] = lambda features: features,
) -> list[Features | Missing]:
    """Features of every clip, or why it has none.

    Args:
        run: sounds at the clock's rate → rows of each. One batch; see `batching` for who shares it.
        finish: what becomes of each clip's features, such as pooling.
    """
    sounds = [heard(clip, clock.sample_rate) for clip in clips]
    pieces = [
        (index, window, _samples(sound, window, clock))
        for index, sound in enumerate(sounds)
        if not isinstance(sound, Missing)
        for window in windows(clock.rows(len(sound)), *_in_rows(listening, clock))
    ]
    outputs = in_batches(
        [samples for _, _, samples in pieces], run, length=len, most=listening.batch_size, padding=listening.padding
    )
    kept: dict[int, list[Rows]] = {}
    for (index, window, _), rows in zip(pieces, outputs, strict=True):
        kept.setdefault(index, []).append(rows[window.keep])
    return [
        sound
        if isinstance(sound, Missing)
        else finish(Features(values=np.concatenate(kept[index]), hop=clock.hop, start=clock.start))
        for index, sound in enumerate(sounds)
    ]


def _in_rows(listening: Listening, clock: Clock) -> tuple[int, int]:
    return round(listening.window / clock.hop), round(listening.margin / clock.hop)


def _samples(sound: Samples, window: Window, clock: Clock) -> Samples:
    end = None if window.keep.stop is None else window.last * clock.stride + clock.field - clock.stride
    return sound[window.first * clock.stride : end]

"""What is being done now, on stderr: a spinner with the pipeline's step; nothing when stderr is no terminal."""

from collections.abc import Iterator
from contextlib import contextmanager
from math import ceil
from time import monotonic

from affekt import OnProgress
from affekt_recordings.clock import clock
from rich.console import Console
from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

FIRST_STEP = "media"
"""Every window of a recording begins with it."""
WINDOW = 30.0
"""Seconds of a window."""


@contextmanager
def steps(title: str, duration: float | None = None) -> Iterator[OnProgress]:
    """Yields the `on_progress` callback of `Pipeline.analyze`; with a duration, it estimates what is left."""
    console = Console(stderr=True)
    columns = SpinnerColumn(), TextColumn("{task.description}", markup=False), TimeElapsedColumn()
    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as progress:
        task = progress.add_task(title)
        windows = Windows(None if duration is None else max(1, ceil(duration / WINDOW)))

        def on_progress(name: str) -> None:
            if name == FIRST_STEP:
                windows.begin(monotonic())
            progress.update(task, description=f"{title}{windows.describe(monotonic())}: {name}")

        yield on_progress


class Windows:
    """Counts the windows of a recording, and estimates when the last is done from those that took time.

    Windows that a resumed analysis has already take none.
    """

    def __init__(self, count: int | None) -> None:
        self._count, self._begun, self._worked = count, 0, 0
        self._spent, self._last = 0.0, 0.0

    def begin(self, now: float) -> None:
        """Notes that a window begins, and how long the one before took."""
        if self._begun and now - self._last > 0.5:
            self._worked += 1
            self._spent += now - self._last
        self._begun, self._last = self._begun + 1, now

    def describe(self, now: float) -> str:
        """ " (window 3 of 240, 1:02:03 left)"; nothing for the first."""
        if self._begun < 2:
            return ""
        if self._count is None or self._begun > self._count:
            return f" (window {self._begun})"
        if not self._worked:
            return f" (window {self._begun} of {self._count})"
        left = max(0.0, self._spent / self._worked * (self._count - self._begun + 1) - (now - self._last))
        return f" (window {self._begun} of {self._count}, {clock(round(left))} left)"

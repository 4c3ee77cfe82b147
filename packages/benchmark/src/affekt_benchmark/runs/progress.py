"""How far a long run is, and about how long it will take: a bar on a terminal, a line a minute elsewhere."""

import time
from collections.abc import Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn

from affekt_benchmark.runs.running import OnCount

LINE_EVERY = 60.0
"""Seconds between lines where nobody watches a terminal."""
LOOKS_BACK = 600.0
"""Seconds over which the speed is taken: a clip may last a while."""


@contextmanager
def shown(what: str) -> Iterator[OnCount]:
    """A function to call with how many of how many are done."""
    console = Console(stderr=True)
    if not console.is_terminal:
        yield _Lines(what, console).show
        return
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn(),
               TextColumn("left:"), TimeRemainingColumn())  # fmt: skip
    with Progress(*columns, console=console, transient=True, speed_estimate_period=LOOKS_BACK) as progress:
        bar = progress.add_task(what, total=None)
        yield lambda done, total: progress.update(bar, completed=done, total=total)


class _Lines:
    """The same in a log. What was there already, and came at once, does not count for the speed."""

    def __init__(self, what: str, console: Console) -> None:
        self.what, self.console = what, console
        self.begin = self.last = time.monotonic()
        self.already = 0

    def show(self, done: int, total: int) -> None:
        now = time.monotonic()
        if now - self.begin < 1.0:
            self.already = done
        if now - self.last < LINE_EVERY and done < total:
            return
        self.last = now
        finished = done - self.already
        left = (
            f", about {(now - self.begin) / finished * (total - done) / 60:.0f} min left"
            if 0 < finished < total
            else ""
        )
        self.console.print(f"{self.what}: {done} of {total}{left if done < total else ''}", highlight=False)

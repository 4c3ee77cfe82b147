"""What is being done now, on stderr: a spinner with the pipeline's step; nothing when stderr is no terminal."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

FIRST_STEP = "media"
"""Every window of a recording begins with it."""


@contextmanager
def steps(title: str) -> Iterator[Callable[[str], None]]:
    """Yields the `step` callback of `Pipeline.analyze`."""
    console = Console(stderr=True)
    columns = SpinnerColumn(), TextColumn("{task.description}", markup=False), TimeElapsedColumn()
    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as progress:
        task = progress.add_task(title)
        window = 0

        def step(name: str) -> None:
            nonlocal window
            window += name == FIRST_STEP
            where = f" (window {window})" if window > 1 else ""
            progress.update(task, description=f"{title}{where}: {name}")

        yield step

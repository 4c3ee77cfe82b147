"""`affekt bench limits`: everything of scores and stores that has a limit, in one command."""

from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any

import typer

from affekt_benchmark.costs.store import store_command
from affekt_benchmark.costs.wheel import wheel_command


def limits_command(
    wheels: Annotated[Path | None, typer.Option(help="Folder of the official wheels; else the built-in")] = None,
    clips: Annotated[int, typer.Option(min=10, help="Of the emotion wheels' F")] = 20_000,
    entries: Annotated[int, typer.Option(min=1, help="Of the feature store, to hit")] = 48,
    job: Annotated[int, typer.Option(min=4, help="Clips of the extraction that is killed")] = 600,
    folder: Annotated[Path | None, typer.Option(help="Where to work; a temporary folder by default")] = None,
) -> None:
    """The emotion wheels' speed, the cost of a cache hit and of going on after a kill; fails above any limit."""
    kept = [
        _kept(wheel_command, wheels=wheels, clips=clips, loop_clips=max(10, clips // 10)),
        _kept(store_command, entries=entries, clips=job, folder=folder, as_json=False),
    ]
    if not all(kept):
        raise typer.Exit(1)


def _kept(command: Callable[..., None], **options: Any) -> bool:
    try:
        command(**options)
    except typer.Exit:
        return False
    return True

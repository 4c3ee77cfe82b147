"""`affekt report`: the command."""

from pathlib import Path
from typing import Annotated

import typer
from affekt_cli.exits import writing
from rich.console import Console

app = typer.Typer()


@app.command(no_args_is_help=True)
def report(
    results: Annotated[list[Path], typer.Argument(help="Folder of a result, or two side by side, or of an ablation")],
    out: Annotated[Path | None, typer.Option("-o", "--out", help="The page; else report.html in the folder")] = None,
    errors: Annotated[int, typer.Option(min=0, help="How many clips that went wrong to show, with their sound")] = 12,
) -> None:
    """Write one self-contained page about one or two results of `affekt bench`, or about a whole `affekt ablate`."""
    from affekt_benchmark import report as page
    from affekt_benchmark.results import Result

    path = out or results[0] / "report.html"
    with writing(path):
        if len(results) == 1 and (results[0] / page.ABLATION).is_file():
            page.write_ablation(results[0], path)
        else:
            page.write([Result.read(folder) for folder in results], path, errors)
    Console().print(f"written to {path} ({path.stat().st_size / 1e6:.1f} MB)")

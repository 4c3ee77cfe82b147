"""`affekt report`: the command."""

from pathlib import Path
from typing import Annotated

import typer
from affekt_cli.exits import writing
from rich.console import Console

app = typer.Typer()


@app.command(no_args_is_help=True)
def report(
    results: Annotated[list[Path], typer.Argument(help="Folders of results, the first compared with; or an ablation")],
    out: Annotated[Path | None, typer.Option("-o", "--out", help="The page; else report.html in the folder")] = None,
    errors: Annotated[int, typer.Option(min=0, help="How many clips that went wrong to show, with their sound")] = 12,
    compare: Annotated[
        bool, typer.Option("--compare", help="Print how the others differ from the first, and write no page")
    ] = False,
    paper: Annotated[
        Path | None, typer.Option(help="Write LaTeX and Markdown tables, SVG and PDF figures into this folder instead")
    ] = None,
) -> None:
    """Write a self-contained page about one or two results, or an ablation; or tables and figures for a paper."""
    from affekt_benchmark.material.suites import BenchmarkError
    from affekt_benchmark.reports import report as page
    from affekt_benchmark.results import Result

    console = Console()
    is_ablation = len(results) == 1 and (results[0] / page.ABLATION).is_file()
    if compare:
        from affekt_benchmark.paper.tables import differences, measures
        from affekt_benchmark.reports import tables

        read = [Result.read(folder) for folder in results]
        page.require_one_suite(read)
        differing = differences(read)
        if differing is None:
            raise BenchmarkError(
                f"{len(read)} results cannot be compared: they are not of the same clips",
                hint="two results or more of the same suite, split and limit",
            )
        tables.show(console, [measures(read), differing])
    if paper is not None:
        from affekt_benchmark.paper import writing as papers

        with writing(paper):
            written = (
                papers.write_ablation(results[0], paper)
                if is_ablation
                else papers.write([Result.read(folder) for folder in results], paper, errors)
            )
        console.print(f"written to {paper}: {', '.join(path.name for path in written)}", markup=False)
    if compare or paper is not None:
        return
    path = out or results[0] / "report.html"
    with writing(path):
        if is_ablation:
            page.write_ablation(results[0], path)
        else:
            page.write([Result.read(folder) for folder in results], path, errors)
    console.print(f"written to {path} ({path.stat().st_size / 1e6:.1f} MB)", markup=False)

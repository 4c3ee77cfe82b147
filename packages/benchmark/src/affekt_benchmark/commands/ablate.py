"""`affekt ablate`: the command."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from affekt_cli.exits import writing
from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table

from affekt_benchmark.comparisons.plan import Plan, shipped

if TYPE_CHECKING:
    from affekt_benchmark.comparisons.ablation import Ablation, Change

app = typer.Typer()


@app.command(no_args_is_help=True)
def ablate(
    plan: Annotated[str, typer.Argument(help=f"A file, or one of {', '.join(shipped())}")],
    data: Annotated[Path | None, typer.Option(help="The data set; else $AFFEKT_SHARED/data/NAME")] = None,
    limit: Annotated[int | None, typer.Option(min=1, help="Clips, instead of the plan's")] = None,
    store: Annotated[Path, typer.Option(help="Where features are kept, so that none is computed twice")] = Path(
        "out/features"
    ),
    out: Annotated[Path | None, typer.Option("-o", "--out", help="Folder of the results")] = None,
) -> None:
    """Compare variants of a system: encoders, layers, pooling, fusers, modalities, prompts, trainings.

    Every variant answers the same clips; differences are to the first, in all measures that the suite shows, with
    paired intervals and p values that are corrected for all comparisons.
    """
    asked = Plan.read(plan)
    if limit is not None:
        asked = asked.model_copy(update={"limit": limit})
    folder = out or Path("out") / "ablations" / Path(plan).stem
    from affekt_benchmark.comparisons.ablation import ablate as run
    from affekt_benchmark.runs import losses
    from affekt_benchmark.runs.progress import shown

    with writing(folder):
        folder.mkdir(parents=True, exist_ok=True)
    with shown(f"{plan} on {asked.suite}") as on_progress:
        ablation = run(asked, data, folder, store, on_progress, lambda message: print(message, file=sys.stderr))
    console = Console()
    console.print(asked.about or plan, f"({ablation.clips} clips)", style="bold", markup=False)
    for measure in ablation.measures:
        console.print(_table(ablation, measure))
    for warning in dict.fromkeys(warning for row in ablation.rows for warning in row.warnings):
        console.print(f"* {warning}", style="bold red", markup=False)
    for line in losses.lines(ablation.lost):
        console.print(line, style="yellow", markup=False)
    for name, why in ablation.absent.items():
        console.print(f"{name} was not measured: {why}", style="yellow", markup=False)
    tests = sum(change.p is not None for row in ablation.rows for change in row.changes.values())
    console.print(
        "Changes are to the first variant. Intervals draw speakers, each for its own measure; p is from swapping "
        f"answers speaker by speaker, and p (Holm) is corrected for all {tests} comparisons. Written to {folder}.",
        style="dim",
    )
    if ablation.absent:
        raise typer.Exit(1)


def _table(ablation: "Ablation", measure: str) -> Table:
    table = Table(title=measure, title_justify="left", box=SIMPLE_HEAD, padding=(0, 1, 0, 0), pad_edge=False)
    table.add_column("variant")  # the only one that may be broken into lines
    for heading in ("value", "95 %", "change", "95 %", "p", "p (Holm)"):
        table.add_column(heading, no_wrap=True)
    for row in ablation.rows:
        figure = row.figures[measure]
        interval = "" if figure.low is None or figure.high is None else f"{figure.low:.3f} to {figure.high:.3f}"
        changes = _change(row.changes[measure]) if measure in row.changes else ("", "", "", "")
        table.add_row(row.name + (" *" if row.warnings else ""), f"{figure.value:.3f}", interval, *changes)
    return table


def _change(change: "Change") -> tuple[str, str, str, str]:
    interval = "" if change.low is None or change.high is None else f"{change.low:+.3f} to {change.high:+.3f}"
    ps = ("" if p is None else f"{p:.3f}" for p in (change.p, change.p_holm))
    first, second = ps
    return f"{change.difference:+.3f}", interval, first, second

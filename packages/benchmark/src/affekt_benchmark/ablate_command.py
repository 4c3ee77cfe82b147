"""`affekt ablate`: the command."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from affekt_cli.exits import writing
from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table

from affekt_benchmark.plan import Plan, shipped

if TYPE_CHECKING:
    from affekt_benchmark.ablation import Row

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
    """Compare variants of a system: encoders, layers, pooling, fusers, modalities, prompts.

    Every variant answers the same clips; differences are to the first, with paired intervals.
    """
    asked = Plan.read(plan)
    if limit is not None:
        asked = asked.model_copy(update={"limit": limit})
    folder = out or Path("out") / "ablations" / Path(plan).stem
    from affekt_benchmark.ablation import ablate as run
    from affekt_benchmark.progress import shown

    with writing(folder):
        folder.mkdir(parents=True, exist_ok=True)
    with shown(f"{plan} on {asked.suite}") as told:
        rows, absent = run(asked, data, folder, store, told)
    console = Console()
    console.print(_table(rows, asked.measure, asked.about or plan))
    for warning in dict.fromkeys(warning for row in rows for warning in row.warnings):
        console.print(f"* {warning}", style="bold red", markup=False)
    for name, why in absent.items():
        console.print(f"{name} was not measured: {why}", style="yellow", markup=False)
    console.print(
        "Changes are to the first variant. Intervals draw speakers; p is from swapping answers speaker by speaker, "
        f"uncorrected for {len(rows) - 1} comparisons. Written to {folder}.",
        style="dim",
    )
    if absent:
        raise typer.Exit(1)


def _table(rows: "Sequence[Row]", measure: str, title: str) -> Table:
    table = Table(title=title, title_justify="left", box=SIMPLE_HEAD, padding=(0, 1, 0, 0), pad_edge=False)
    table.add_column("variant")  # the only one that may be broken into lines
    for heading in (measure, "95 %", "change", "95 %", "p"):
        table.add_column(heading, no_wrap=True)
    for row in rows:
        interval = "" if row.low is None else f"{row.low:.3f} to {row.high:.3f}"
        change = row.against_first
        told = ("", "", "") if change is None else (
            f"{change.difference:+.3f}", f"{change.low:+.3f} to {change.high:+.3f}", f"{change.p:.3f}"
        )  # fmt: skip
        table.add_row(row.name + (" *" if row.warnings else ""), f"{row.value:.3f}", interval, *told)
    return table

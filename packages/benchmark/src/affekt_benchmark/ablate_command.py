"""`affekt ablate`: the command."""

from pathlib import Path
from typing import Annotated

import typer
from affekt_cli.exits import writing
from rich.console import Console
from rich.progress import Progress
from rich.table import Table

from affekt_benchmark.plan import Plan, shipped

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

    with writing(folder):
        folder.mkdir(parents=True, exist_ok=True)
    with Progress(console=Console(stderr=True), transient=True) as progress:
        bar = progress.add_task(f"{plan} on {asked.suite}", total=None)
        rows = run(asked, data, folder, store, lambda done, total: progress.update(bar, completed=done, total=total))
    table = Table("variant", asked.measure, "95 %", "against the first", "95 %", "p", title=asked.about or plan)
    for row in rows:
        interval = "" if row.low is None else f"{row.low:.3f} to {row.high:.3f}"
        difference = row.against_first
        told = ("", "", "") if difference is None else (
            f"{difference.difference:+.3f}", f"{difference.low:+.3f} to {difference.high:+.3f}", f"{difference.p:.3f}"
        )  # fmt: skip
        table.add_row(row.name + (" *" if row.warnings else ""), f"{row.value:.3f}", interval, *told)
    console = Console()
    console.print(table)
    for warning in dict.fromkeys(warning for row in rows for warning in row.warnings):
        console.print(f"* {warning}", style="bold red", markup=False)
    console.print(f"Intervals draw speakers; p is from swapping answers speaker by speaker, uncorrected for "
                  f"{len(rows) - 1} comparisons. Written to {folder}.", style="dim")  # fmt: skip

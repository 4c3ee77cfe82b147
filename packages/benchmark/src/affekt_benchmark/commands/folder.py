"""`affekt bench folder DIR`: a pipeline on recordings of one's own."""

from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from affekt_benchmark.material.suites import FOLDER


def folder_command(
    folder: Annotated[
        Path, typer.Argument(help="A table with file_name and label (text, speaker, split), or a folder a label")
    ],
    pipeline: Annotated[str, typer.Option("--pipeline", "-p", help="A pipeline's name or file")] = "default",
    change: Annotated[
        list[str] | None, typer.Option("--set", help="Swap a slot or an option: speech.layers=[2]")
    ] = None,
    split: Annotated[list[str] | None, typer.Option(help="Only these parts of the data")] = None,
    limit: Annotated[int | None, typer.Option(min=1, help="Only so many clips, evenly over labels")] = None,
    seed: Annotated[int, typer.Option(help="Of the choice of clips")] = 0,
    evaluator: Annotated[
        list[str] | None, typer.Option("--evaluator", "-e", help="Add one, or set an option: calibration.bins=10")
    ] = None,
    engine: Annotated[str, typer.Option(help="local, or ray")] = "local",
    workers: Annotated[int, typer.Option(min=1, help="Actors of Ray, a pipeline each")] = 1,
    address: Annotated[str | None, typer.Option(help="Of a running Ray cluster")] = None,
    out: Annotated[Path | None, typer.Option("-o", "--out", help="Folder of the result")] = None,
    name: Annotated[str, typer.Option(help="Of the system, in tables and reports")] = "",
) -> None:
    """Measure a pipeline on recordings of your own, with intervals by speaker where the speakers are known."""
    from affekt_benchmark.commands.suites import engine_of, evaluator_changes, pipeline_with
    from affekt_benchmark.reports import showing
    from affekt_benchmark.runs import measuring
    from affekt_benchmark.runs.progress import shown

    spec = pipeline_with(pipeline, change or [])
    asked = measuring.Request(
        spec=spec, data=folder, split=tuple(split or ()), limit=limit, seed=seed, system=name,
        evaluators=evaluator_changes(evaluator or []), engine=engine_of(engine), workers=workers, address=address,
    )  # fmt: skip
    written = out or Path("out") / "bench" / f"{folder.resolve().name}-{name or spec.name}"
    with shown(f"{folder.name}: {spec.name}") as on_progress:
        result = measuring.measure(FOLDER, asked, written, on_progress)
    console = Console()
    showing.show(console, result, FOLDER.headline)
    console.print(f"written to {written}; `affekt report {written}` draws it", markup=False)

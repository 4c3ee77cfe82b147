"""`affekt bench arguments`."""

import json
from contextlib import nullcontext
from pathlib import Path
from typing import Annotated

import typer
from affekt import PipelineSpec
from rich.console import Console

from affekt_benchmark.suite_commands import assignment
from affekt_benchmark.suites import BenchmarkError


def arguments_command(
    pipelines: Annotated[
        list[str] | None,
        typer.Option("--pipeline", "-p", help="A pipeline, or NAME=PIPELINE; several times", show_default="default"),
    ] = None,
    change: Annotated[
        list[str] | None, typer.Option("--set", help="Swap a slot or an option of every pipeline")
    ] = None,
    probe: Annotated[str, typer.Option(help='Encoder of a regression trained in folds; "" for none')] = "minilm",
    data: Annotated[
        Path | None,
        typer.Option(help='EMCONA, or a CSV with text, "rater 1", "rater 2"; else $AFFEKT_SHARED/data/emcona'),
    ] = None,
    limit: Annotated[int | None, typer.Option(min=2, help="Only so many originals, with all their variants")] = None,
    seed: Annotated[int, typer.Option(help="Of folds, draws and the choice of originals")] = 0,
    draws: Annotated[int, typer.Option(min=0, help="Of the bootstrap")] = 1000,
    out: Annotated[Path, typer.Option("-o", "--out", help="Folder of the result; goes on with what lies there")] = Path(
        "out/bench/arguments"
    ),
    as_json: Annotated[bool, typer.Option("--json", help="Print the study as JSON, nothing else on stdout")] = False,
) -> None:
    """Measure how models label the emotions of written arguments, beside people: tables T1 to T9."""
    from affekt_benchmark.arguments import rendering, study
    from affekt_benchmark.progress import shown

    asked = study.Request(
        pipelines=_specs(pipelines or ["default"], dict(assignment(one) for one in change or ())),
        probe=probe or None, data=data, limit=limit, seed=seed, draws=draws,
    )  # fmt: skip
    if as_json:
        found = study.run(asked, out, lambda _: nullcontext(lambda done, total: None))
        typer.echo(json.dumps(found.plain(), ensure_ascii=False, default=str))
        return
    found = study.run(asked, out, shown)
    console = Console()
    rendering.show(console, found.tables)
    for note in found.notes:
        console.print(note, style="yellow", markup=False)
    console.print(f"written to {out}: study.json, tables.md, tables.tex", markup=False)


def _specs(written: list[str], changes: dict[str, object]) -> dict[str, PipelineSpec]:
    specs: dict[str, PipelineSpec] = {}
    for one in written:
        name, equals, source = one.partition("=")
        spec = PipelineSpec.read(source if equals else one)
        name = name if equals else spec.name
        if name in specs:
            raise BenchmarkError(
                f'two pipelines are called "{name}"', hint=f'--pipeline "another name={source or one}"'
            )
        specs[name] = spec.swap(**changes) if changes else spec
    return specs

"""`affekt bench arguments`."""

import json
from collections.abc import Sequence
from contextlib import nullcontext
from pathlib import Path
from typing import Annotated, TypeVar

import typer
from affekt import PipelineSpec, plugins
from affekt.slots import Use
from affekt.suggestions import did_you_mean
from rich.console import Console

from affekt_benchmark.commands.suites import assignment
from affekt_benchmark.material.suites import BenchmarkError

_Name = TypeVar("_Name", bound=str)


def arguments_command(
    pipelines: Annotated[
        list[str] | None,
        typer.Option(
            "--pipeline", "-p", help="A pipeline, a reasoner, or NAME=either; several times", show_default="default"
        ),
    ] = None,
    change: Annotated[
        list[str] | None, typer.Option("--set", help="Swap a slot or an option of every pipeline")
    ] = None,
    prompt: Annotated[
        list[str] | None,
        typer.Option(help="Prompt their language models, too: zero-shot, one-shot, reasoning; several times"),
    ] = None,
    space: Annotated[
        list[str] | None,
        typer.Option(help="What prompts ask for: binary, closed, open; several times", show_default="all three"),
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
    from affekt_benchmark.arguments import study
    from affekt_benchmark.arguments.prompting import SPACES, STYLES
    from affekt_benchmark.reports import tables
    from affekt_benchmark.runs.progress import shown

    asked = study.Request(
        pipelines=_specs(pipelines or ["default"], dict(assignment(text) for text in change or ())),
        styles=_of(STYLES, prompt or (), "--prompt"), spaces=_of(SPACES, space or SPACES, "--space"),
        probe=probe or None, data=data, limit=limit, seed=seed, draws=draws,
    )  # fmt: skip
    if as_json:
        result = study.run(asked, out, lambda _: nullcontext(lambda done, total: None))
        typer.echo(json.dumps(result.plain(), ensure_ascii=False, default=str))
        return
    result = study.run(asked, out, shown)
    console = Console()
    tables.show(console, result.tables)
    for note in result.notes:
        console.print(note, style="yellow", markup=False)
    console.print(f"written to {out}: study.json, tables.md, tables.tex", markup=False)


def _of(names: tuple[_Name, ...], written: Sequence[str], option: str) -> tuple[_Name, ...]:
    if strange := [name for name in written if name not in names]:
        raise BenchmarkError(
            f'{option} "{strange[0]}" does not exist{did_you_mean(strange[0], names)}',
            hint=f"one of {', '.join(names)}",
        )
    return tuple(name for name in names if name in written)


def _read(source: str) -> PipelineSpec:
    """A pipeline, or a reasoner by itself."""
    registry = plugins()
    if source not in registry.pipelines and not Path(source).exists() and ("reasoner", source) in registry.components:
        return PipelineSpec(name=source, reasoner=Use(use=source))
    return PipelineSpec.read(source)


def _specs(written: list[str], changes: dict[str, object]) -> dict[str, PipelineSpec]:
    specs: dict[str, PipelineSpec] = {}
    for argument in written:
        name, equals, source = argument.partition("=")
        spec = _read(source if equals else argument)
        name = name if equals else spec.name
        if name in specs:
            raise BenchmarkError(
                f'two pipelines are called "{name}"', hint=f'--pipeline "another name={source or argument}"'
            )
        specs[name] = spec.swap(**changes) if changes else spec
    return specs

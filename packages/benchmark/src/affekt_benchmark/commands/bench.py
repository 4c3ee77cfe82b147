"""`affekt bench`: measurements that a reader can repeat."""

import json
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from affekt_benchmark.arguments.command import arguments_command
from affekt_benchmark.commands import suites
from affekt_benchmark.commands.extraction import extraction_command
from affekt_benchmark.commands.folder import folder_command
from affekt_benchmark.commands.speech import speech_command
from affekt_benchmark.corpora.command import all_command
from affekt_benchmark.costs import cost, scoring, store
from affekt_benchmark.costs.limits import limits_command
from affekt_benchmark.costs.starting import start_command
from affekt_benchmark.costs.wheel import wheel_command
from affekt_benchmark.lmms_eval import lmms_eval_command

app = typer.Typer(help="Measure affekt on this machine.", no_args_is_help=True)


@app.callback()
def bench() -> None:
    """Measure affekt on this machine."""


suites.add(app)
app.command("arguments")(arguments_command)
app.command("all")(all_command)
app.command("folder", no_args_is_help=True)(folder_command)
app.command("lmms-eval", no_args_is_help=True)(lmms_eval_command)
app.command("wheel")(wheel_command)
app.command("limits")(limits_command)
app.command("scoring")(scoring.command)
app.command("extraction")(extraction_command)
app.command("store")(store.store_command)
app.command("speech")(speech_command)
app.command("start")(start_command)


@app.command("cost")
def cost_command(
    clip: Annotated[Path, typer.Argument(exists=True, dir_okay=False, help="A recording to analyse")],
    pipeline: Annotated[str, typer.Option(help="A pipeline's name or file")] = "default",
    repeats: Annotated[int, typer.Option(min=1, help="Warm analyses; the median counts")] = 3,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON")] = False,
) -> None:
    """Time and peak memory of an analysis, and what `--help` and `plugins` cost and import."""
    analysis_cost = cost.of_analysis(clip, pipeline, repeats)
    starts = {name: cost.of_command([name]) for name in ("--help", "plugins")}
    if as_json:
        typer.echo(json.dumps(_plain(analysis_cost, starts)))
    else:
        Console().print(_table(analysis_cost, starts))
    if any(imported for _, imported in starts.values()):
        raise typer.Exit(1)


def _plain(analysis_cost: cost.AnalysisCost, starts: dict[str, tuple[float, list[str]]]) -> dict[str, object]:
    return {
        "clip_seconds": round(analysis_cost.seconds_of_clip, 3),
        "first_seconds": round(analysis_cost.first, 3),
        "warm_seconds": [round(seconds, 3) for seconds in analysis_cost.warm],
        "real_time_factor": round(analysis_cost.real_time_factor, 3),
        "peak_memory_bytes": analysis_cost.peak_memory,
        "start": {name: {"seconds": round(s, 3), "frameworks": imported} for name, (s, imported) in starts.items()},
    }


def _table(analysis_cost: cost.AnalysisCost, starts: dict[str, tuple[float, list[str]]]) -> Table:
    table = Table("measure", "value", title="What an analysis costs")
    table.add_row("clip", f"{analysis_cost.seconds_of_clip:.1f} s")
    table.add_row("first analysis, weights loaded", f"{analysis_cost.first:.1f} s")
    table.add_row("warm analysis, median", f"{analysis_cost.real_time_factor * analysis_cost.seconds_of_clip:.1f} s")
    table.add_row("warm, as a multiple of the clip", f"{analysis_cost.real_time_factor:.2f}")
    table.add_row("peak memory, with children", f"{analysis_cost.peak_memory / 1e9:.2f} GB")
    for name, (seconds, imported) in starts.items():
        table.add_row(f"affekt {name}", f"{seconds:.2f} s; frameworks imported: {', '.join(imported) or 'none'}")
    return table

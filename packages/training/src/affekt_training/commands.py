"""`affekt train`: one stage of Emotion-LLaMA's training from a YAML file or a preset."""

import json
import os
from pathlib import Path
from typing import Annotated

import typer
import yaml
from rich.console import Console

app = typer.Typer(help="Train Emotion-LLaMA: one stage from a YAML file or a preset.")


@app.command()
def train(
    config: Annotated[str, typer.Argument(help="A YAML file or a preset's name; `list` shows the presets")],
    start: Annotated[Path | None, typer.Option(help="A saved model to go on from; replaces the file's")] = None,
    out: Annotated[Path | None, typer.Option(help="Where the run is kept; replaces the file's")] = None,
    resume: Annotated[bool, typer.Option("--resume", help="Go on from the last checkpoint, exactly")] = False,
    estimate_only: Annotated[bool, typer.Option("--estimate", help="Say what it would cost, and stop")] = False,
    folds: Annotated[int | None, typer.Option(help="Train anew without each fold of speakers, and measure")] = None,
    change: Annotated[list[str] | None, typer.Option("--set", help="KEY=VALUE: epochs=2, data.0.fold=1")] = None,
) -> None:
    """Features, then an estimate, then training; ends with a report. Several GPUs: accelerate launch -m affekt_cli."""
    from affekt_training.processes import check_launch

    check_launch()  # before anything that takes long
    from affekt_training.config import presets, read

    leading = os.environ.get("RANK", "0") == "0"  # of several processes that train together, one speaks
    console = Console(stderr=True, quiet=not leading)
    if config == "list":
        for name, path in presets().items():
            first = path.read_text(encoding="utf-8").splitlines()[0]
            typer.echo(f"{name:26}{first.removeprefix('# ')}")
        return
    changes = _changes(change or [])
    changes |= {"start": str(start)} if start else {}
    changes |= {"out": str(out)} if out else {}
    settings = read(config, changes)

    if folds:
        from affekt_training import cross_validation, measures, recalibration

        parts = cross_validation.run(settings, folds, on_progress=console.log)
        held_out = cross_validation.gathered(parts)
        measures.show(held_out, console)
        weighty = [name for name in held_out if any(use.set == name and use.weight >= 1 for use in settings.data)]
        again = recalibration.recalibrated(parts, weighty)
        console.print(f"With a temperature chosen for {' and '.join(weighty)}, each fold's on the others:")
        measures.show(again, console)
        typer.echo(json.dumps({**measures.summary(held_out), "recalibrated": measures.summary(again)}))
        return

    from affekt_training import estimate, progress, report, stage

    ready = stage.prepare(settings, on_progress=console.log)
    if not ready.order:
        stage.train(settings, prepared=ready, on_progress=console.log)
        typer.echo(json.dumps({"model": str(settings.out / "model")}))
        return
    cost = estimate.estimate(ready)
    console.print(f"[bold]{settings.name}[/bold]: {cost}")
    if estimate_only:
        return
    with progress.shown(console, ready.steps) as callback:
        ready, outcome = stage.train(
            settings, resume=resume, prepared=ready, callbacks=[callback], on_progress=console.log
        )
    if not leading:
        return
    file = report.write(settings, outcome, cost)
    console.print(report.table(outcome))
    typer.echo(json.dumps({"model": str(settings.out / "model"), "report": str(file)}))


def _changes(pairs: list[str]) -> dict[str, object]:
    changes: dict[str, object] = {}
    for pair in pairs:
        key, equals, value = pair.partition("=")
        if not equals:
            raise typer.BadParameter(f'"{pair}" should be KEY=VALUE, as in epochs=2')
        changes[key] = yaml.safe_load(value)
    return changes

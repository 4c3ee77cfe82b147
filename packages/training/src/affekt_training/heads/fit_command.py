"""`affekt fit`: trains what depends on a pipeline's encoder of speech, and writes a pipeline that runs."""

import json
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any

import typer

app = typer.Typer(help="Train what depends on a pipeline's encoder anew, and write a pipeline that runs.")


@app.command()
def fit(
    data: Annotated[str, typer.Option(help="A data set: NAME, NAME=FOLDER, or a folder with a table of labels.")],
    output: Annotated[Path, typer.Option("--output", "-o", help="The pipeline file to write, a head beside it.")],
    settings: Annotated[
        list[str] | None, typer.Option("--set", metavar="KEY=VALUE", help="As for analyze: speech=hubert. Repeatable.")
    ] = None,
    pipeline: Annotated[
        str, typer.Option("--pipeline", "-p", help="A pipeline of the reasoner heads, by name or as a file.")
    ] = "heads",
    as_json: Annotated[bool, typer.Option("--json", help="One JSON document on stdout.")] = False,
) -> None:
    """Train the voice head on another encoder, and write the pipeline: affekt analyze CLIP --pipeline mine.yaml."""
    from affekt import PipelineSpec
    from rich.console import Console

    from affekt_training.heads.commands import needs_more

    spec = PipelineSpec.read(pipeline)
    if changes := _changes(settings or ()):
        spec = spec.swap(**changes)
    name, folder = _data_set(data)
    with needs_more():
        from affekt_training.heads.fit import fit
    with Console(stderr=True).status(f"training on {name}"):
        fitted = fit(spec, name, folder, output)
    if as_json:
        typer.echo(json.dumps({key: str(value) if isinstance(value, Path) else value
                               for key, value in asdict(fitted).items()}, ensure_ascii=False, indent=2))  # fmt: skip
        return
    typer.echo(f"Trained on {fitted.clips} clips of {name}, {fitted.left_out} left out")
    if fitted.held_out is not None:
        uar = fitted.held_out["uar"]
        low, high = uar["interval"]
        typer.echo(f"On speakers it was not trained on: UAR {uar['value']:.3f} ({low:.3f} to {high:.3f})")
    typer.echo(f"Wrote {fitted.pipeline} and {fitted.head}. Next: affekt analyze CLIP --pipeline {fitted.pipeline}")


def _data_set(data: str) -> tuple[str, Path | None]:
    name, separator, folder = data.partition("=")
    if separator:
        return name, Path(folder)
    return ("folder", Path(data)) if Path(data).is_dir() else (data, None)


def _changes(settings: "list[str] | tuple[str, ...]") -> dict[str, Any]:
    import yaml

    changes = {}
    for setting in settings:
        key, separator, value = setting.partition("=")
        try:
            changes[key.strip()] = yaml.safe_load(value)
        except yaml.YAMLError as error:
            raise typer.BadParameter(f'the value of "{setting}" is not YAML: {error}', param_hint="--set") from error
        if not separator:
            raise typer.BadParameter(f'"{setting}" should be SLOT=COMPONENT or SLOT.OPTION=VALUE', param_hint="--set")
    return changes

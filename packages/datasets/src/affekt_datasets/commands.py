"""`affekt datasets`: list, check, convert. The root command mounts it by entry point.

Exit codes: 0 in order, 1 something is wrong with the data, 2 wrong usage, 130 Ctrl-C.
"""

import json
from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.markup import escape

from affekt_datasets.catalogue import CATALOGUE, examine, read
from affekt_datasets.checking import leaks, overlaps
from affekt_datasets.dataset import Dataset
from affekt_datasets.errors import DatasetError
from affekt_datasets.left_out import by_reason
from affekt_datasets.problems import MEANINGS, Report, described

app = typer.Typer(no_args_is_help=True, help="Read emotion data sets in their official layouts, and check them.")

Name = Annotated[str, typer.Argument(help="As in `affekt datasets list`.")]
Root = Annotated[Path, typer.Argument(help="The folder as its makers hand it out.")]
Options = Annotated[list[str] | None, typer.Option("--set", metavar="KEY=VALUE", help="An option of the reader.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON on standard output.")]


@app.command("list")
def list_(as_json: AsJson = False) -> None:
    """Every layout that can be read, its licence and its reader's options."""
    if as_json:
        plain = [{**reader.__dict__, "options": reader.options()} for reader in CATALOGUE.values()]
        typer.echo(json.dumps(plain, ensure_ascii=False, indent=2))
        return
    console = Console(highlight=False)
    for reader in CATALOGUE.values():
        line = f"[bold]{reader.name:<10}[/bold] {escape(reader.title)}. {escape(reader.licence)}"
        console.print(line, soft_wrap=True)
        if options := reader.options():
            line = ", ".join(f"{option}={default}" for option, default in options.items())
            console.print(f"          --set {escape(line)}", style="dim", soft_wrap=True)


@app.command()
def check(
    name: Name,
    root: Root,
    options: Options = None,
    against: Annotated[
        str | None, typer.Option(metavar="NAME=FOLDER", help="Test data that must share no clip with these.")
    ] = None,
    decode: Annotated[bool, typer.Option(help="Decode every clip as well: finds damaged and silent ones.")] = False,
    as_json: AsJson = False,
) -> None:
    """Read a data set and count what is wrong with it: nothing is computed."""
    dataset = examine(name, root, **parsed(options))
    report = leaks(dataset)
    if against is not None:
        other, equals, folder = against.partition("=")
        if not equals:
            raise typer.BadParameter(f'"{against}" should be NAME=FOLDER', param_hint="--against")
        report.problems += overlaps(dataset.samples, read(other, folder).samples)
    if decode:
        _decode(dataset, report)
    if as_json:
        typer.echo(json.dumps(_plain(dataset, report), ensure_ascii=False, indent=2))
    else:
        _show(dataset, report)
    if report.grave():
        raise typer.Exit(1)


@app.command()
def convert(
    name: Name,
    root: Root,
    target: Annotated[Path, typer.Argument(help="A .parquet file to write.")],
    options: Options = None,
    embed: Annotated[bool, typer.Option(help="With the media themselves, not only their paths.")] = False,
    allow: Annotated[list[str] | None, typer.Option(help="Go on without clips that are … (missing, empty)")] = None,
) -> None:
    """Write a data set as a Parquet table, which Hugging Face `datasets` reads as well."""
    from affekt_datasets.tables import write_parquet

    dataset = read(name, root, allow=allow or (), **parsed(options))
    write_parquet(dataset, target, embed=embed)
    typer.echo(f"{_counted(len(dataset), 'sample')} of {name} {'is' if len(dataset) == 1 else 'are'} in {target}")


def parsed(options: Iterable[str] | None) -> dict[str, Any]:
    """`KEY=VALUE` as reader options; a value that is JSON is taken as such, `a,b` is a list for plural options."""
    values: dict[str, Any] = {}
    for option in options or ():
        key, equals, value = option.partition("=")
        if not equals:
            raise DatasetError(f'"{option}" should be KEY=VALUE', hint="affekt datasets list")
        try:
            values[key] = json.loads(value)
        except ValueError:
            values[key] = value.split(",") if key == "tracks" else value
    return values


def _decode(dataset: Dataset, report: Report) -> None:
    from affekt import AffektError

    for sample in dataset.samples:
        try:
            clip = sample.clip() if sample.media is not None else None
        except AffektError as error:
            report.add("unreadable", sample.id, error.message)
            continue
        if clip is not None and clip.audio is None and (clip.video is None or not len(clip.video.frames)):
            report.add("unreadable", sample.id, clip.why_missing("audio"))


def _plain(dataset: Dataset, report: Report) -> dict[str, Any]:
    return {
        "name": dataset.name,
        "root": str(dataset.root),
        "samples": len(dataset),
        "labels": dataset.counts(),
        "splits": dataset.splits(),
        "speakers": len({sample.speaker for sample in dataset.samples if sample.speaker}),
        "left_out": by_reason(dataset.left_out),
        "folds": sorted({sample.fold for sample in dataset.samples if sample.fold is not None}),
        "features": {name: str(folder) for name, folder in dataset.features.items()},
        "counts": report.counts(),
        "problems": [problem.__dict__ for problem in report.problems],
        "in_order": not report.grave(),
    }


def _show(dataset: Dataset, report: Report) -> None:
    console = Console(highlight=False)
    plain = _plain(dataset, report)
    several = Counter(label for sample in dataset.samples for label in sample.labels)
    parts = [f"{count} {label}" for label, count in (plain["labels"] or several).items()]
    console.print(
        escape(f"{dataset.name}: {_counted(len(dataset), 'sample')}" + (f": {', '.join(parts)}" if parts else ""))
    )
    for title in ("splits", "features", "left_out"):
        if plain[title]:
            console.print(
                escape(
                    f"  {title.replace('_', ' ')}: "
                    + ", ".join(f"{key} {value}" for key, value in plain[title].items())
                )
            )
    if plain["speakers"] or plain["folds"]:
        console.print(f"  {plain['speakers']} speakers, {len(plain['folds'])} official folds")
    for kind in MEANINGS:
        if problems := [problem for problem in report.problems if problem.kind == kind]:
            console.print(escape("\n".join(described(kind, problems))), soft_wrap=True)
    console.print(f"{_counted(len(report.grave()), 'problem')}." if report.grave() else "In order.")


def _counted(count: int, what: str) -> str:
    return f"{count} {what}{'' if count == 1 else 's'}"

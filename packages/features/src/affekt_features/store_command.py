"""`affekt features`: look at a store, verify it, import ready-made features. The root command mounts it by entry point.

Exit codes: 0 done, 1 something is corrupt or was refused, 2 wrong usage, 130 Ctrl-C.
"""

import json
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.markup import escape

from affekt_features.ready_made import import_folder
from affekt_features.samples import samples_of
from affekt_features.store import FeatureStore

app = typer.Typer(no_args_is_help=True, help="Look after a store of features.")

Store = Annotated[str, typer.Argument(help="A folder or a URL.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON on standard output.")]


@app.command()
def verify(
    store: Store = "features",
    remove: Annotated[bool, typer.Option(help="Remove corrupt entries; `affekt extract` computes them again.")] = False,
    as_json: AsJson = False,
) -> None:
    """Read every entry of a store and count those that are not whole."""
    found = FeatureStore(store).verify(remove=remove)
    told = f"{found['whole']} entries are whole, {len(found['corrupt'])} corrupt{' and removed' if remove else ''}"
    _tell(found, told, as_json)
    if found["corrupt"] and not remove:
        raise typer.Exit(1)


@app.command("import")
def import_(
    folder: Annotated[Path, typer.Argument(help="Of .npy files named after the clips, such as MER2023's HL-UTT.")],
    store: Annotated[str, typer.Option(help="A folder or a URL.")] = "features",
    name: Annotated[str | None, typer.Option(help="Under which they are found; the folder's by default.")] = None,
    hop: Annotated[float | None, typer.Option(help="Seconds from row to row, where a clip has several rows.")] = None,
    dataset: Annotated[str | None, typer.Option(metavar="NAME", help="Whose clips should all have a file.")] = None,
    data: Annotated[Path | None, typer.Option(help="Where that data set lies.")] = None,
    as_json: AsJson = False,
) -> None:
    """Put ready-made features into a store; the encoders imported-audio, -face and -text give them to clips by name."""
    clips = [sample.id for sample in samples_of(dataset, data)] if dataset else []
    found = import_folder(FeatureStore(store), folder, name=name, hop=hop, clips=clips)
    told = f"{found.name}: {found.clips} clips, {found.width} columns; {len(found.refused)} files were refused"
    more = [f"  {file}: {why}" for file, why in list(found.refused.items())[:5]]
    more += [f"  {len(found.absent)} clips have no file, such as {found.absent[0]}"] if found.absent else []
    _tell(found.__dict__, "\n".join([told, *more]), as_json)
    if found.refused or found.absent:
        raise typer.Exit(1)


def _tell(plain: dict[str, Any], told: str, as_json: bool) -> None:
    if as_json:
        typer.echo(json.dumps(plain, ensure_ascii=False))
    else:
        Console(highlight=False).print(escape(told), soft_wrap=True)

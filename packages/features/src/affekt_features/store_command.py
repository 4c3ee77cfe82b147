"""`affekt features`: list what a store holds, verify it, import ready-made features, export those of clips.

The root command mounts it by entry point.

Exit codes: 0 done, 1 something is corrupt or was refused, 2 wrong usage, 130 Ctrl-C.
"""

import json
from pathlib import Path
from typing import Annotated, Any, get_args

import typer
from affekt import Missing
from rich.console import Console
from rich.markup import escape

from affekt_features.errors import StoreError
from affekt_features.index import FeatureIndex
from affekt_features.listings import listings
from affekt_features.ready_made import Imported, import_folder
from affekt_features.samples import samples_of
from affekt_features.store import DEFAULT, FeatureStore

app = typer.Typer(no_args_is_help=True, help="Look after a store of features.")

Store = Annotated[str, typer.Argument(help="A folder or a URL.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON on standard output.")]


@app.command()
def verify(
    store: Store = DEFAULT,
    remove: Annotated[bool, typer.Option(help="Remove corrupt entries; `affekt extract` computes them again.")] = False,
    as_json: AsJson = False,
) -> None:
    """Read every entry of a store and count those that are not whole."""
    checked = FeatureStore(store).verify(remove=remove)
    summary = (
        f"{checked['whole']} entries are whole, {len(checked['corrupt'])} corrupt{' and removed' if remove else ''}"
    )
    _print(checked, summary, as_json)
    if checked["corrupt"] and not remove:
        raise typer.Exit(1)


@app.command("list")
def list_(
    store: Store = DEFAULT,
    clip: Annotated[str | None, typer.Option(help="Show the entries of this clip.")] = None,
    dataset: Annotated[str | None, typer.Option(metavar="NAME", help="Only the clips of this data set.")] = None,
    as_json: AsJson = False,
) -> None:
    """List which data sets, slots and clips a store has features of, or the entries of one clip."""
    opened = FeatureStore(store)
    if clip is not None:
        entries = _entries(opened, dataset, clip)
        lines = [f"{slot}: {_described(entry)}" for slot, entry in entries.items()]
        _print({"clip": clip, "slots": entries}, "\n".join(lines), as_json)
        return
    listed = [
        {"dataset": each.dataset, "slot": each.name, "component": each.component, "clips": len(each.clips)}
        for each in listings(opened, dataset)
    ]
    lines = [f"{each['dataset']}: {each['slot']}, {each['component']}, {each['clips']} clips" for each in listed]
    _print({"store": opened.url, "listings": listed}, "\n".join(lines or ["It lists no clips."]), as_json)


def _entries(store: FeatureStore, dataset: str | None, clip: str) -> dict[str, dict[str, Any]]:
    index = FeatureIndex(store, dataset)
    if clip not in index:
        raise StoreError(f'"{store.url}" lists no clip "{clip}"', hint="`affekt features list` without --clip")
    entries: dict[str, dict[str, Any]] = {}
    for slot, entry in index[clip].items():
        key = index.keys_of(clip)[slot]
        if isinstance(entry, Missing):
            entries[slot] = {"key": key, "missing": entry.reason}
        else:
            rows, columns = entry.header.shape
            dtype = str(entry.header.dtype)
            entries[slot] = {"key": key, "rows": rows, "columns": columns, "hop": entry.header.hop, "dtype": dtype}
    return entries


def _described(entry: dict[str, Any]) -> str:
    if "missing" in entry:
        return f"none: {entry['missing']}"
    clock = "at their own times" if entry["hop"] is None else f"every {entry['hop']:g} s"
    return f"{entry['rows']} rows of {entry['columns']}, {clock}, {entry['dtype']}"


@app.command("import")
def import_(
    folder: Annotated[
        Path,
        typer.Argument(help="Of .npy files named after the clips, such as HL-UTT; or a table that `export` wrote."),
    ],
    store: Annotated[str, typer.Option(help="A folder or a URL.")] = DEFAULT,
    name: Annotated[str | None, typer.Option(help="Under which they are found; the folder's by default.")] = None,
    hop: Annotated[float | None, typer.Option(help="Seconds from row to row, where a clip has several rows.")] = None,
    dataset: Annotated[str | None, typer.Option(metavar="NAME", help="Whose clips should all have a file.")] = None,
    data: Annotated[Path | None, typer.Option(help="Where that data set lies.")] = None,
    as_json: AsJson = False,
) -> None:
    """Put ready-made features into a store; the encoders imported-audio, -face and -text give them to clips by name."""
    if folder.suffix == ".parquet" or (folder / "dataset_info.json").is_file():
        from affekt_features.exporting import import_table

        _report(import_table(FeatureStore(store), folder), as_json)
        return
    clips = [sample.id for sample in samples_of(dataset, data)] if dataset else []
    imported = import_folder(FeatureStore(store), folder, name=name, hop=hop, clips=clips)
    _report([imported], as_json)


@app.command()
def export(
    store: Store = DEFAULT,
    out: Annotated[
        Path | None, typer.Option("--out", "-o", help="A folder; for Parquet a file, features.parquet by default.")
    ] = None,
    layout: Annotated[str, typer.Option(help="mertools (a folder a slot, a .npy a clip), parquet, or datasets.")] = (
        "mertools"
    ),
    dataset: Annotated[str | None, typer.Option(metavar="NAME", help="Only the clips of this data set.")] = None,
    names: Annotated[
        list[str] | None,
        typer.Option("--as", metavar="SLOT=FOLDER", help="Only this slot, and as what: speech=HL-UTT. UTT: the mean."),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Write the features of clips under the clips' names, for MERTools, the original Emotion-LLaMA, or anybody."""
    from affekt_features import exporting

    wanted = next((option for option in get_args(exporting.Layout) if option == layout), None)
    if wanted is None:
        raise typer.BadParameter(f'"{layout}" is none of mertools, parquet, datasets', param_hint="--layout")
    opened = FeatureStore(store)
    listings = exporting.chosen(opened, dataset, _pairs(names or []))
    target = out or Path("features.parquet" if layout == "parquet" else f"features-{layout}")
    done = exporting.export(opened, listings, target, wanted)
    lines = [
        f"{name}: {count} clips" + (f", {done.absent[name]} without features" if done.absent[name] else "")
        for name, count in done.files.items()
    ]
    _print({"out": str(target), **done.__dict__}, "\n".join(lines), as_json)


def _pairs(texts: list[str]) -> dict[str, str]:
    pairs = [text.partition("=") for text in texts]
    if wrong := [text for text, (slot, _, folder) in zip(texts, pairs, strict=True) if not slot or not folder]:
        raise typer.BadParameter(f'"{wrong[0]}" should be SLOT=FOLDER, as in speech=HL-UTT', param_hint="--as")
    return {slot: folder for slot, _, folder in pairs}


def _report(imports: list[Imported], as_json: bool) -> None:
    """What came of imports; ends the command where something was refused or is absent."""
    lines = []
    for imported in imports:
        lines.append(
            f"{imported.name}: {imported.clips} clips, {imported.width} columns; {len(imported.refused)} were refused"
        )
        lines += [f"  {name}: {why}" for name, why in list(imported.refused.items())[:5]]
        lines += (
            [f"  {len(imported.absent)} clips have no file, such as {imported.absent[0]}"] if imported.absent else []
        )
    plain = [imported.__dict__ for imported in imports]
    _print(plain[0] if len(plain) == 1 else {"imports": plain}, "\n".join(lines), as_json)
    if any(imported.refused or imported.absent for imported in imports):
        raise typer.Exit(1)


def _print(plain: dict[str, Any], text: str, as_json: bool) -> None:
    if as_json:
        typer.echo(json.dumps(plain, ensure_ascii=False))
    else:
        Console(highlight=False).print(escape(text), soft_wrap=True)

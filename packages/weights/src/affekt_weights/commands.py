"""`affekt weights`: list, pull, verify, remove. The root command mounts it by entry point.

Exit codes: 0 done, 1 verify found a changed file, 2 wrong usage, 3 weights cannot be had, 130 Ctrl-C.
"""

import json
import sys
from collections.abc import Callable, Iterable
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any

import typer
from affekt.errors import SpecError, WeightsError
from rich.console import Console
from rich.markup import escape

import affekt_weights as weights
from affekt_weights import cache
from affekt_weights.errors import WrongHash
from affekt_weights.manifest import WeightsInfo

app = typer.Typer(no_args_is_help=True, help="List, pull, verify and remove the weights of models.")

Names = Annotated[list[str] | None, typer.Argument(metavar="[NAME]...", show_default=False)]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON on standard output.")]


@app.command("list")
def list_(as_json: AsJson = False) -> None:
    """Every model that the installed plugins announce: here or not, size, licence, restrictions, training data."""
    rows = [_row(info) for info in weights.catalogue().values()]
    strays = _strays()
    if as_json:
        _print_json({"cache": str(cache.cache_folder()), "weights": rows, "strays": [str(path) for path in strays]})
        return
    console = Console(highlight=False)
    width = max((len(row["name"]) for row in rows), default=0)
    for row in rows:
        colour = {"pulled": "green", "bundled": "green", "damaged": "red"}.get(row["state"], "dim")
        state = f"[{colour}]{row['state']:<8}[/{colour}]"
        licence, name = escape(row["licence"]), f"[bold]{row['name']:<{width}}[/bold]"
        console.print(f"{name}  {state}{_megabytes(row['size']):>10}  {licence}", soft_wrap=True)
        console.print(f"    {escape(row['summary'])}", style="dim", soft_wrap=True)
        if row["restrictions"]:
            console.print(f"    restricted: {escape(row['restrictions'])}", style="yellow", soft_wrap=True)
        if row["trained_on"]:
            console.print(f"    trained on: {escape(_listed(row['trained_on']))}", style="dim", soft_wrap=True)
    console.print(f"In {cache.cache_folder()}", soft_wrap=True)
    if strays:
        console.print(f"Folders there of no installed plugin: {len(strays)}; affekt weights remove --strays")


@app.command()
def pull(
    names: Names = None,
    everything: Annotated[bool, typer.Option("--all", help="All weights, not only the default pipeline's.")] = False,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask about restricted licences.")] = False,
    as_json: AsJson = False,
) -> None:
    """Download weights into the cache; without names, those of the default pipeline."""
    infos = _chosen(names, everything)
    absent = [info for info in infos if weights.find(info) is None]
    _show_terms(absent)
    if any(info.restrictions for info in absent) and not yes and sys.stdin.isatty() and sys.stderr.isatty():
        typer.confirm("Some licences are restricted, see above. Go on?", abort=True, err=True)
    _each(infos, weights.fetch, as_json, _where)


@app.command()
def verify(names: Names = None, as_json: AsJson = False) -> None:
    """Read weights again and compare every file with its sha256; without names, all that are here."""
    infos = [weights.entry(name) for name in names or ()] or [
        info for info in weights.catalogue().values() if weights.status(info).state != "absent"
    ]
    _each(infos, weights.verify, as_json, lambda info, _: f"{info.name} is as promised")


@app.command()
def remove(
    names: Names = None,
    everything: Annotated[bool, typer.Option("--all", help="All weights.")] = False,
    strays: Annotated[bool, typer.Option(help="Folders that belong to no installed plugin.")] = False,
    as_json: AsJson = False,
) -> None:
    """Delete weights, and what was made from them, from the cache."""
    if not (names or everything or strays):
        raise typer.BadParameter("say which: names, --all or --strays", param_hint="NAME")
    announced = weights.catalogue().values()
    infos = [info for info in announced if info.bundle is None] if everything else list(map(weights.entry, names or ()))
    bundled = {info.name: info.bundle.distribution for info in infos if info.bundle}
    if bundled:
        origins = "; ".join(f"{name} comes with {distribution}" for name, distribution in bundled.items())
        raise typer.BadParameter(f"{origins}. Try: pip uninstall {' '.join(bundled.values())}", param_hint="NAME")
    gone = [path.name for path in _strays()] if strays else []
    for folder in gone:
        cache.remove_folder(folder)
    removed = {info.name: weights.remove(info) for info in infos}
    if as_json:
        _print_json({"removed": [name for name, was in removed.items() if was], "strays": gone})
        return
    for name, was in removed.items():
        typer.echo(f"{name} removed" if was else f"{name} was not in the cache")
    for folder in gone:
        typer.echo(f"{folder} removed")


def default_weights() -> list[WeightsInfo]:
    """The weights of the default pipeline, and of packages without components, such as the watermark of affekt-voices.

    All weights where there is no such pipeline.
    """
    from affekt import PipelineSpec, plugins

    entries = weights.catalogue()
    try:
        slots = list(PipelineSpec.read("default").slots())
    except SpecError:
        return list(entries.values())
    components = [plugins().components.get((role, use.use)) for _, role, use in slots]
    names = [name for announced in components if announced for name in announced.info.weights]
    offering = {announced.distribution for announced in plugins().components.values()}
    names += [name for name, announced in plugins().weights.items() if announced.distribution not in offering]
    return [entries[name] for name in dict.fromkeys(names) if name in entries]


def _chosen(names: list[str] | None, everything: bool) -> list[WeightsInfo]:
    if everything:
        return list(weights.catalogue().values())
    return [weights.entry(name) for name in names] if names else default_weights()


def _each(
    infos: Iterable[WeightsInfo],
    act: Callable[[WeightsInfo], Path],
    as_json: bool,
    in_words: Callable[[WeightsInfo, Path], str],
) -> None:
    """Acts on every entry, also after one failed, and exits with the worst code."""
    results: list[dict[str, Any]] = []
    code = 0
    for info in infos:
        result: dict[str, Any] = {"name": info.name, "folder": None, "error": None}
        try:
            result["folder"] = str(folder := act(info))
            if not as_json:
                typer.echo(in_words(info, folder))
        except WeightsError as error:
            result["error"] = str(error)
            code = max(code, 1 if act is weights.verify and isinstance(error, WrongHash) else 3)
            typer.echo(f"Error: {error}", err=True)
        results.append(result)
    if as_json:
        _print_json(results)
    if code:
        raise typer.Exit(code)


def _show_terms(infos: list[WeightsInfo]) -> None:
    """Says before the download what comes, how much, and under which licence."""
    console = Console(stderr=True, highlight=False)
    for info in infos:
        console.print(escape(f"{info.name}: {_megabytes(info.size)}, {info.licence}. {info.summary}"), soft_wrap=True)
        if info.restrictions:
            console.print(f"  restricted: {escape(info.restrictions)}", style="yellow", soft_wrap=True)


def _where(info: WeightsInfo, folder: Path) -> str:
    """What `pull` says of an entry that is here now."""
    return f"{info.name} {f'comes with {info.bundle.distribution}, ' if info.bundle else 'is '}in {folder}"


def _listed(trained_on: Iterable[dict[str, str]]) -> str:
    return ", ".join(str(weights.TrainingData(**data)) for data in trained_on)


def _row(info: WeightsInfo) -> dict[str, Any]:
    status = weights.status(info)
    row = {key: value for key, value in asdict(info).items() if key not in ("files", "sources")}
    sources = [source.label for source in info.sources]
    return {**row, "size": info.size, "sources": sources, **asdict(status), "folder": str(status.folder)}


def _strays() -> list[Path]:
    """Folders of the cache whose entry no installed plugin announces: an older version's, or a removed plugin's."""
    root = cache.cache_folder()
    announced_folders = tuple(info.folder for info in weights.catalogue().values())
    folders = root.iterdir() if root.is_dir() else ()
    return sorted(
        p for p in folders if p.is_dir() and not p.name.startswith((".", *announced_folders)) and cache.read_record(p)
    )


def _print_json(data: Any) -> None:
    typer.echo(json.dumps(data, indent=2, ensure_ascii=False))


def _megabytes(size: int) -> str:
    return f"{size / 1e6:.1f} MB"

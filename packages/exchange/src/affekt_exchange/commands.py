"""`affekt export`, `affekt import` and `affekt agreement`. The root command mounts them by entry points.

Exit codes: 0 done, 1 a file cannot be read or written, 2 wrong usage, 3 the environment.
"""

import json
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.markup import escape

AsJson = Annotated[bool, typer.Option("--json", help="Print JSON on standard output.")]
FORMAT_HELP = "The format, where the end of the file's name does not say it."

export = typer.Typer(
    help="Write results for ELAN, Praat, subtitles, EmotionML, tables and data sets; says what each format kept."
)
import_ = typer.Typer(help="Read annotations of other tools, and show what somebody changed.")
agreement = typer.Typer(help="Say how far two annotators agree, from two files.")


@export.command()
def run_export(
    files: Annotated[
        list[Path] | None,
        typer.Argument(metavar="FILE...", help="Results of `affekt analyze --json`, or other files."),
    ] = None,
    to: Annotated[str, typer.Option("--to", help="Formats, such as elan,csv; --list names them.")] = "",
    out: Annotated[Path, typer.Option("-o", "--out", help="The folder to write into.")] = Path(),
    listing: Annotated[bool, typer.Option("--list", help="List the formats and what each keeps.")] = False,
    as_json: AsJson = False,
) -> None:
    """Write results in other formats; a file that is there stays, and the new one gets a number."""
    from affekt_exchange.exporting import describe, formats_named
    from affekt_exchange.exporting import export as write

    if listing:
        _list(as_json)
        return
    if not files or not to:
        raise typer.BadParameter("FILE and --to are needed; --list names the formats")
    chosen = formats_named(to)
    done = [exported for path in files for exported in write(_read(path), chosen, out)]
    if as_json:
        typer.echo(json.dumps([exported.to_dict() for exported in done], ensure_ascii=False))
    else:
        _print(describe(done))


@import_.command()
def run_import(
    file: Annotated[Path, typer.Argument(help="A file of any format.")],
    against: Annotated[
        Path | None, typer.Option("--against", help="What was exported: shows what changed since.")
    ] = None,
    out: Annotated[Path | None, typer.Option("-o", "--out", help="Write JSON, for `affekt export`.")] = None,
    form: Annotated[str | None, typer.Option("--format", help=FORMAT_HELP)] = None,
    as_json: AsJson = False,
) -> None:
    """Read a file of annotations: its tracks, or with --against what somebody changed."""
    from affekt_exchange.differences import differences
    from affekt_exchange.files import write_whole

    timeline = _read(file, form)
    document = timeline.to_dict()
    changes = differences(_read(against), timeline) if against else None
    if out is not None:
        write_whole(out, (json.dumps(document, ensure_ascii=False, indent=1) + "\n").encode())
    if as_json:
        shown: Any = document if changes is None else [change.to_dict() for change in changes]
        typer.echo(json.dumps(shown, ensure_ascii=False))
    elif changes is not None:
        _print([*map(str, changes), f"{len(changes)} differences" if changes else "Nothing was changed."])
    else:
        about = [f'{len(timeline.tracks)} tracks of "{timeline.media or file}", {timeline.duration:.1f} s']
        for track in timeline.tracks:
            facts = ", ".join(fact for fact in (track.kind, track.person, track.annotator) if fact)
            about.append(f"  {track.name} ({facts}): {len(track.spans)} spans")
        _print(about)


@agreement.command()
def run_agreement(
    first: Annotated[Path, typer.Argument(help="A file of any format.")],
    second: Annotated[Path, typer.Argument(help="Another annotator's; the same file to compare two of its tracks.")],
    track: Annotated[str | None, typer.Option(help="The track; by default those of emotions.")] = None,
    against: Annotated[str | None, typer.Option(help="The second file's, where it has another name.")] = None,
    frame: Annotated[float, typer.Option(help="Seconds a frame.")] = 0.01,
    as_json: AsJson = False,
) -> None:
    """Say how far two annotators agree: share of time, Cohen's kappa, Krippendorff's alpha."""
    from affekt import DataError

    from affekt_exchange.agreement import agreement as compare
    from affekt_exchange.agreement import tracks_to_compare

    first_timeline, second_timeline = _read(first), _read(second)
    if track is not None and against is not None:
        chosen = (first_timeline.track(track), second_timeline.track(against))
        if chosen[0] is None or chosen[1] is None:
            lacking = first if chosen[0] is None else second
            raise DataError(
                f'"{lacking}" has no track "{track if chosen[0] is None else against}"', hint="affekt import FILE"
            )
        pairs = [(chosen[0], chosen[1])]
    else:
        pairs = tracks_to_compare(first_timeline, second_timeline, track)
    agreements = [compare(left, right, frame=frame) for left, right in pairs]
    if as_json:
        typer.echo(json.dumps([result.to_dict() for result in agreements], ensure_ascii=False))
        return
    for result in agreements:
        _print(_lines(result))


def _lines(result: Any) -> list[str]:
    def shown(value: float | None) -> str:
        return "–" if value is None else f"{value:.3f}"

    title = result.first if result.first == result.second else f"{result.first} and {result.second}"
    lines = [
        f"{title}: both labelled {result.both:.2f} s, only the first {result.only_first:.2f} s, "
        f"only the second {result.only_second:.2f} s",
        f"  same label {shown(result.share)} of the time, kappa {shown(result.kappa)}, alpha {shown(result.alpha)}",
    ]
    return lines + [
        f"  {first_label} against {second_label}: {seconds:.2f} s"
        for first_label, second_label, seconds in result.confusions[:5]
    ]


def _read(path: Path, form: str | None = None) -> Any:
    """The timeline of a file; `.json` is a result or a timeline."""
    from affekt_exchange.registry import format_named, format_of

    if form is None and path.suffix == ".json" and path.name not in ("croissant.json",):
        form = "timeline"
    info = format_named(form) if form else format_of(path)
    return info.load().read(path)


def _list(as_json: bool) -> None:
    from affekt_exchange.registry import failures, formats

    if as_json:
        rows = [
            {"name": info.name, "summary": info.summary, "suffixes": info.suffixes, "keeps": sorted(info.keeps)}
            | {"approximates": dict(info.approximates)}
            for info in formats().values()
        ]
        typer.echo(json.dumps(rows, ensure_ascii=False))
        return
    for info in formats().values():
        _print([f"{info.name}: {info.summary}", f"  keeps {', '.join(sorted(info.keeps)) or 'nothing for certain'}"])
        _print([f"  approximates {aspect}: {how}" for aspect, how in info.approximates.items()])
    _print([f"{name}: {error}" for name, error in failures().items()])


def _print(lines: list[str]) -> None:
    console = Console(highlight=False)
    for line in lines:
        console.print(escape(line), soft_wrap=True)

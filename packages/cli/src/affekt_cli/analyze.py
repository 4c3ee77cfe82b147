"""`affekt analyze`: what is felt in recordings, and why."""

import json
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from affekt_cli.exits import ExitCode, print_error, writing
from affekt_cli.exporting import export, require_formats
from affekt_cli.settings import PIPELINE_HELP, SETTING_HELP, read_spec, without_speaker

if TYPE_CHECKING:
    from affekt.errors import AffektError
    from affekt_recordings import Analysis


EACH = "each"
"""Every channel of a recording by itself."""


def analyze(
    paths: Annotated[
        list[str],
        typer.Argument(metavar="PATH...", help="Recordings: video, sound, or both; or texts: NAME.txt, - for stdin."),
    ],
    pipeline: Annotated[str, typer.Option("--pipeline", "-p", help=PIPELINE_HELP)] = "default",
    settings: Annotated[list[str] | None, typer.Option("--set", metavar="KEY=VALUE", help=SETTING_HELP)] = None,
    as_json: Annotated[
        bool, typer.Option("--json", help="One JSON document a path, nothing else on stdout; JSON lines if several.")
    ] = False,
    html: Annotated[
        Path | None,
        typer.Option(help="Write a self-contained report: a file, or a folder, where no report replaces another."),
    ] = None,
    channel: Annotated[
        str | None,
        typer.Option(
            metavar="NUMBER|each",
            help="Judge one channel of the sound, counted from 0, or each by itself: two people, a microphone each.",
            show_default="a mix of all",
        ),
    ] = None,
    people: Annotated[
        str | None,
        typer.Option(
            metavar="NUMBER|auto",
            help="Tell people apart by their voices, and give each a timeline: how many speak, or auto.",
            show_default="nobody is told apart",
        ),
    ] = None,
    resume: Annotated[
        Path | None,
        typer.Option(
            metavar="FOLDER",
            help="Keep finished windows of a long recording here until it is done, and go on from them after a kill.",
        ),
    ] = None,
    formats: Annotated[
        str | None,
        typer.Option("--export", metavar="FORMAT,…", help="Write elan, csv, vtt, …; `affekt export --list` names all."),
    ] = None,
    out: Annotated[
        Path | None, typer.Option("--out", "-o", help="The folder of --export.", show_default="this folder")
    ] = None,
) -> None:
    """Say what is felt in recordings, and why. Ctrl-C ends a long one with the answer for what is finished."""
    several = len(paths) > 1 or channel == EACH
    require_place(html, several)
    require_formats(formats, out)
    if resume is not None and several:
        raise typer.BadParameter("one recording at a time goes on from a folder", param_hint="--resume")
    sources = by_channel(paths, channel)
    spec = without_speaker(read_spec(pipeline, settings or (), people))
    failed = 0
    with answers_only(as_json) as answers:
        from affekt.errors import AffektError
        from affekt_recordings import Interrupted

        from affekt_cli.exits import code_of
        from affekt_cli.needs import of_pipeline, pull

        running = spec.build()
        pull(of_pipeline(spec))
        for path, number in sources:
            stopped = None
            try:
                felt = analyze_one(running, path, number, resume)
            except Interrupted as interrupt:
                felt, stopped = interrupt.analysis, interrupt
            except AffektError as error:
                if code_of(error) is not ExitCode.INPUT:
                    raise
                failed += 1
                print_error(error, where=path)
                if as_json:
                    print_json(refusal(path, error), answers, several=several)
                continue
            unwritten = [write_report(felt, html) if html is not None else None]
            unwritten += [export(felt, formats, out or Path()) if formats is not None else None]
            if as_json:
                print_json(felt.to_dict(), answers, several=several)
            else:
                show(felt)
            for refused in filter(None, unwritten):
                failed += 1
                print_error(refused, where=path)
            if stopped is not None:
                typer.echo(f"Interrupted; the answer is for the first {felt.duration:.0f} s of {path}.", err=True)
                raise typer.Exit(ExitCode.INTERRUPTED)
    if failed:
        raise typer.Exit(ExitCode.INPUT)


def by_channel(paths: list[str], channel: str | None) -> Iterator[tuple[str, int | None]]:
    """(path, channel of its sound) of everything that is analysed.

    Raises:
        typer.BadParameter: the channel is neither a number nor "each".
    """
    if channel == EACH:
        return ((path, number) for path in paths for number in _channels(path))
    if channel is not None and not channel.isdecimal():
        raise typer.BadParameter(f'"{channel}" is neither a number nor "{EACH}"', param_hint="--channel")
    return ((path, None if channel is None else int(channel)) for path in paths)


def _channels(path: str) -> Iterable[int | None]:
    """The channels of a recording; None alone where there are not several, and where it cannot be read."""
    import affekt_media
    from affekt import MediaError

    try:
        sound = affekt_media.probe(path).track("audio")
    except MediaError:
        return (None,)  # told when it is analysed
    count = sound.channels if sound else None
    return range(count) if count and count > 1 else (None,)


def analyze_one(pipeline: Any, path: str, channel: int | None = None, resume: Path | None = None) -> "Analysis":
    """Analyses one recording or text under a spinner that names the steps, and says how long a long one still takes."""
    from affekt_cli.progress import steps
    from affekt_cli.written import is_written, text_clip

    if is_written(path):
        clip = text_clip(path)
        with steps(Path(clip.id).name, None) as on_progress:
            return pipeline.analyze(clip, on_progress)  # type: ignore[no-any-return]
    with steps(Path(path).name, _duration(path)) as on_progress:
        felt: Analysis = pipeline.analyze(path, on_progress, channel=channel, resume=resume)
    return felt


def _duration(path: str) -> float | None:
    """Seconds that a file's headers claim; None where they do not say."""
    import affekt_media
    from affekt import MediaError

    try:
        return affekt_media.probe(path).duration
    except MediaError:
        return None  # said when it is analysed


def show(felt: "Analysis") -> None:
    """The answer in the terminal."""
    from rich.console import Console

    from affekt_cli.drawing import draw

    console = Console(highlight=False)
    console.print(draw(felt, console.width))


def write_report(felt: "Analysis", html: Path) -> "AffektError | None":
    """The answer as a self-contained page, and a line on stderr that says where; the error where it cannot be written.

    Args:
        html: the file; or a folder, in which a report of the same name stays and this one gets a number.
    """
    import affekt_report
    from affekt.errors import AffektError

    try:
        with new_report(html, felt.source) as target:
            affekt_report.write(felt, target)
    except AffektError as error:
        return error
    typer.echo(f"Report: {target}", err=True)
    return None


@contextmanager
def new_report(html: Path, source: str) -> Iterator[Path]:
    """The file to write: `html` itself, or one in that folder whose name is free, and is taken at once.

    Raises:
        AffektError: the file system refuses; it names the file.
    """
    if not is_folder(html):
        with writing(html):
            yield html
        return
    with writing(html):
        html.mkdir(parents=True, exist_ok=True)
        target = _take_name(html, Path(source).stem)
    try:
        with writing(target):
            yield target
    except BaseException:
        if not target.stat().st_size:
            target.unlink()
        raise


def _take_name(folder: Path, stem: str) -> Path:
    for number in count(1):
        target = folder / (f"{stem}.html" if number == 1 else f"{stem}-{number}.html")
        try:
            target.touch(exist_ok=False)  # another process may look for a name at the same time
        except FileExistsError:
            continue
        return target
    raise AssertionError


def is_folder(html: Path) -> bool:
    """Whether reports go into this folder; without a suffix it is one that is made."""
    return html.is_dir() or (not html.suffix and not html.exists())


def require_place(html: Path | None, several: bool) -> None:
    """Refuses one file for several reports.

    Raises:
        typer.BadParameter: there are several and one file.
    """
    if html is not None and several and not is_folder(html):
        raise typer.BadParameter(f'"{html}" is one file for several reports; name a folder', param_hint="--html")


@contextmanager
def answers_only(wanted: bool) -> Iterator[Any]:
    """Keeps stdout for the answers: what libraries print meanwhile goes to stderr. Yields the real stdout."""
    real = sys.stdout
    if wanted:
        sys.stdout = sys.stderr
    try:
        yield real
    finally:
        sys.stdout = real


def print_json(document: dict[str, Any], stream: Any, *, several: bool) -> None:
    """Indented when it is alone, one line a document otherwise."""
    stream.write(json.dumps(document, ensure_ascii=False, indent=None if several else 2) + "\n")
    stream.flush()


def refusal(path: str, error: "AffektError") -> dict[str, Any]:
    """The document of a path that could not be analysed."""
    return {"source": path, "error": {"kind": type(error).__name__, "message": error.message, "try": error.hint}}

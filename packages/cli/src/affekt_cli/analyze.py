"""`affekt analyze`: what is felt in recordings, and why."""

import os
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from affekt_cli.answering import answers_only, print_json, refusal, require_place, show, write_report
from affekt_cli.exits import ExitCode, print_error
from affekt_cli.exporting import export, require_formats
from affekt_cli.settings import PIPELINE_HELP, SETTING_HELP, read_spec, without_speaker

if TYPE_CHECKING:
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
            help="Keep finished windows of a long recording here until it is done, or the answers to several, "
            "and go on from them after a kill.",
        ),
    ] = None,
    formats: Annotated[
        str | None,
        typer.Option("--export", metavar="FORMAT,…", help="Write elan, csv, vtt, …; `affekt export --list` names all."),
    ] = None,
    out: Annotated[
        Path | None, typer.Option("--out", "-o", help="The folder of --export.", show_default="this folder")
    ] = None,
    engine: Annotated[
        str, typer.Option(help="local, or ray: by workers of a cluster that see the same paths.")
    ] = "local",
    workers: Annotated[int, typer.Option(min=1, help="Of --engine ray; each holds the pipeline.")] = 1,
    address: Annotated[
        str | None, typer.Option(help="Of a running Ray cluster, or auto.", show_default="a local one is started")
    ] = None,
) -> None:
    """Say what is felt in recordings, and why. Ctrl-C ends a long one with the answer for what is finished."""
    from affekt_cli import many

    several = len(paths) > 1 or channel == EACH
    require_place(html, several)
    require_formats(formats, out)
    sources = list(by_channel(paths, channel))
    many.require_engine(engine, sources)
    spec = without_speaker(read_spec(pipeline, settings or (), people))
    failed = 0
    with answers_only(as_json) as answers:
        from affekt.errors import AffektError
        from affekt_recordings import Interrupted

        from affekt_cli.exits import code_of
        from affekt_cli.needs import of_pipeline, pull

        running = spec.build()
        pull(of_pipeline(spec))
        if engine != "local" or (resume is not None and several):
            wanted = many.Wanted(html=_absolute(html), formats=formats, out=os.path.abspath(out or "."))
            kept = many.Kept(resume, spec) if resume is not None else None
            stream = answers if as_json else None
            results = many.answers(spec, sources, wanted, engine=engine, workers=workers, address=address, kept=kept)
            codes = [many.tell(source, answer, stream, several=several) for source, answer in results]
            raise typer.Exit(max(codes))
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


def _absolute(path: Path | None) -> str | None:
    return None if path is None else os.path.abspath(path)


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

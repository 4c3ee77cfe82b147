"""`affekt analyze`: what is felt in recordings, and why."""

import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from affekt_cli.exits import ExitCode, print_error, writing
from affekt_cli.settings import PIPELINE_HELP, SETTING_HELP, read_spec, without_speaker

if TYPE_CHECKING:
    from affekt import Analysis
    from affekt.errors import AffektError


def analyze(
    paths: Annotated[list[str], typer.Argument(metavar="PATH...", help="Recordings: video, sound, or both.")],
    pipeline: Annotated[str, typer.Option("--pipeline", "-p", help=PIPELINE_HELP)] = "default",
    settings: Annotated[list[str] | None, typer.Option("--set", metavar="KEY=VALUE", help=SETTING_HELP)] = None,
    as_json: Annotated[
        bool, typer.Option("--json", help="One JSON document a path, nothing else on stdout; JSON lines if several.")
    ] = False,
    html: Annotated[
        Path | None, typer.Option(help="Write a self-contained report: a file, or a folder for several paths.")
    ] = None,
) -> None:
    """Say what is felt in recordings, and why."""
    targets = report_paths(paths, html)
    spec = without_speaker(read_spec(pipeline, settings or ()))
    failed = 0
    with answers_only(as_json) as answers:
        from affekt.errors import AffektError

        from affekt_cli.exits import code_of
        from affekt_cli.needs import of_pipeline, pull

        running = spec.build()
        pull(of_pipeline(spec))
        for path, target in zip(paths, targets, strict=True):
            try:
                felt = analyze_one(running, path)
                if target is not None:
                    write_report(felt, target)
            except AffektError as error:
                if code_of(error) is not ExitCode.INPUT:
                    raise
                failed += 1
                print_error(error, where=path)
                if as_json:
                    print_json(refusal(path, error), answers, several=len(paths) > 1)
                continue
            if as_json:
                print_json(felt.to_dict(), answers, several=len(paths) > 1)
            else:
                show(felt)
    if failed:
        raise typer.Exit(ExitCode.INPUT)


def analyze_one(pipeline: Any, path: str) -> "Analysis":
    """Analyses one recording under a spinner that names the steps."""
    from affekt_cli.progress import steps

    with steps(Path(path).name) as step:
        felt: Analysis = pipeline.analyze(path, step=step)
    return felt


def show(felt: "Analysis") -> None:
    """The answer in the terminal."""
    from rich.console import Console

    from affekt_cli.drawing import draw

    console = Console(highlight=False)
    console.print(draw(felt, console.width))


def write_report(felt: "Analysis", target: Path) -> None:
    """The answer as a self-contained page, and a line on stderr that says where."""
    import affekt_report

    with writing(target):
        affekt_report.write(felt, target)
    typer.echo(f"Report: {target}", err=True)


def report_paths(paths: list[str], html: Path | None) -> list[Path | None]:
    """Where each path's report goes. Several paths need a folder, and get names that do not collide.

    Raises:
        typer.BadParameter: there are several paths and one file.
    """
    if html is None:
        return [None] * len(paths)
    if len(paths) == 1 and not html.is_dir():
        return [html]
    if html.suffix or (html.exists() and not html.is_dir()):
        raise typer.BadParameter(f'"{html}" is one file for {len(paths)} paths; name a folder', param_hint="--html")
    targets: list[Path | None] = []
    for path in paths:
        target, count = html / f"{Path(path).stem}.html", 1
        while target in targets:
            count += 1
            target = html / f"{Path(path).stem}-{count}.html"
        targets.append(target)
    return targets


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

"""How an answer is given: in the terminal, as JSON on a clean stdout, and as a report that replaces no other."""

import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

from affekt_cli.exits import writing

if TYPE_CHECKING:
    from affekt.errors import AffektError
    from affekt_recordings import Analysis


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

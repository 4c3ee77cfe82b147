"""`affekt analyze --export`: the answer for ELAN, Praat, subtitles and tables, through affekt-exchange."""

from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

if TYPE_CHECKING:
    from affekt.errors import AffektError
    from affekt_recordings import Analysis


def require_formats(names: str | None, folder: Path | None) -> None:
    """Refuses formats that cannot be written, before anything is analysed.

    Raises:
        typer.BadParameter: a folder is named and no format.
        MissingDependency: affekt-exchange is not installed.
        AffektError: there is no such format, or it cannot be loaded.
    """
    if names is not None:
        _exporting().require_formats(names)
    elif folder is not None:
        raise typer.BadParameter("a folder needs formats: --export elan,csv", param_hint="--out")


def export(felt: "Analysis", names: str, folder: Path) -> "AffektError | None":
    """Writes the answer, and on stderr what each format kept; the error where a file cannot be written."""
    from affekt.errors import AffektError

    try:
        exported = _exporting().export_analysis(felt, names, folder)
    except AffektError as error:
        return error
    for line in _exporting().describe(exported):
        typer.echo(line, err=True)
    return None


def _exporting() -> Any:
    from affekt.errors import MissingDependency

    try:
        return import_module("affekt_exchange.exporting")
    except ImportError as error:
        if isinstance(error, MissingDependency):
            raise
        raise MissingDependency(
            "--export needs affekt-exchange, which is not installed", hint='pip install "affekt[exchange]"'
        ) from error

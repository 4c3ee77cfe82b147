"""`affekt coqui …`: which of Coqui's models can be had, under which licence, and fetching one."""

from typing import Annotated

import typer
from affekt.errors import AffektError
from rich.console import Console
from rich.table import Table

app = typer.Typer(help="Coqui's models by name, and their licences.", no_args_is_help=True)
_out, _err = Console(soft_wrap=True), Console(stderr=True, soft_wrap=True)


@app.command()
def models(
    search: Annotated[str, typer.Argument(help="Part of a name.", show_default="all")] = "",
) -> None:
    """List the models that can be named, with their licences."""
    from affekt_coqui.names import offered

    try:
        entries = [entry for name, entry in offered().items() if search in name]
    except AffektError as error:
        raise _failed(error) from error
    table = Table("model", "licence")
    for entry in entries:
        table.add_row(entry.name, entry.licence)
    _out.print(table if entries else f'No model has "{search}" in its name. Try: affekt coqui models')


@app.command()
def pull(
    name: Annotated[str, typer.Argument(help="As `affekt coqui models` shows it.")],
    accept: Annotated[
        str, typer.Option(help="The licence, once you have read it; asked for where it is not given.")
    ] = "",
) -> None:
    """Show the licence of a model, and fetch it when you accept that."""
    from affekt_coqui import names

    try:
        entry = names.named(name)
        _out.print(f"{entry.name} is under: {entry.terms}", markup=False)
        if not accept and _err.is_terminal and typer.confirm("Do you accept this licence?"):
            accept = entry.licence
        names.require_accepted(entry, accept)
        names.accept(entry)
        with _err.status(f"Fetching {entry.name}…"):
            folder, _ = names.fetched(entry)
    except AffektError as error:
        raise _failed(error) from error
    _out.print(f"It is in {folder}; --set speaker=coqui --set speaker.model={entry.name}", markup=False)


def _failed(error: AffektError) -> typer.Exit:
    _err.print(str(error), style="red", markup=False)
    return typer.Exit(1)

"""`affekt kit`: what a plugin's author runs beside the tests."""

import typer

app = typer.Typer(help="Help for authors of plugins.", no_args_is_help=True)


@app.callback()
def kit() -> None:
    """Help for authors of plugins."""

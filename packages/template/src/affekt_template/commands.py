"""`affekt new`: a new plugin from three questions."""

from pathlib import Path
from typing import Annotated

import typer
from copier import run_copy
from copier.errors import CopierError

TEMPLATE = Path(__file__).parent

app = typer.Typer(help="Write a new plugin from three questions.")


@app.command()
def new(
    folder: Annotated[Path, typer.Argument(help="Where to; usually the plugin's name, affekt-hum")],
    slug: Annotated[str | None, typer.Option(help="Name of the component; asked for when absent")] = None,
    role: Annotated[str | None, typer.Option(help="Its role; asked for when absent")] = None,
    summary: Annotated[str | None, typer.Option(help="One line about it; asked for when absent")] = None,
) -> None:
    """Write a new plugin from three questions."""
    if folder.exists() and any(folder.iterdir()):
        raise typer.BadParameter(f'"{folder}" is not empty', param_hint="FOLDER")
    given = {"slug": slug, "role": role, "summary": summary}
    try:
        run_copy(str(TEMPLATE), folder, data={name: value for name, value in given.items() if value is not None})
    except (CopierError, ValueError) as error:
        raise typer.BadParameter(str(error)) from error

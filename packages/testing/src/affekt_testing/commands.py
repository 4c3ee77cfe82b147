"""`affekt kit`: what a plugin's author runs beside the tests.

Exit codes: 0 done, 1 a README is out of date or a test failed, 2 wrong usage.
"""

import tempfile
from pathlib import Path
from typing import Annotated

import typer

app = typer.Typer(help="Help for authors of plugins.", no_args_is_help=True)

Paths = Annotated[list[str] | None, typer.Argument(metavar="NAME | README...", show_default=False)]


@app.callback()
def kit() -> None:
    """Help for authors of plugins."""


@app.command()
def options(
    what: Paths = None,
    write: Annotated[bool, typer.Option("--write", help="Fill in the marked tables of these READMEs.")] = False,
    check: Annotated[bool, typer.Option("--check", help="Fail where a marked table is out of date.")] = False,
) -> None:
    """Print the options of a component as a Markdown table, or keep READMEs in step with the code."""
    from affekt import plugins

    from affekt_testing import options_table

    names = what or ["README.md"]
    if write or check:
        for readme in map(Path, names):
            if not readme.is_file():
                raise typer.BadParameter(f'"{readme}" is no file', param_hint="README")
            if write:
                readme.write_text(options_table.filled(readme.read_text(encoding="utf-8")), encoding="utf-8")
            options_table.check(readme)
        return
    for name in names:
        for role in plugins().named(name):
            typer.echo("".join(options_table.marked(role, name)))


@app.command()
def lowest(
    plugin: Annotated[Path, typer.Argument(help="The folder of a plugin")] = Path(),
    constraint: Annotated[
        list[Path] | None, typer.Option(exists=True, help="A file of pins that hold besides; may be repeated.")
    ] = None,
    test: Annotated[list[str] | None, typer.Option(help="A test file instead of tests/test_conformance.py.")] = None,
) -> None:
    """Run a plugin's kit in an environment of only it, core and the kit, at the lowest versions it declares."""
    from affekt_testing.lowest import prove

    with tempfile.TemporaryDirectory(prefix="affekt-lowest-") as folder:
        versions = prove(plugin, Path(folder), constraint or [], test or ["tests/test_conformance.py"])
    typer.echo(f"{versions}\nThe kit passes.")

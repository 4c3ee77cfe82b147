"""`affekt plugins`: which components are installed, and the options of one."""

import json
from typing import TYPE_CHECKING, Annotated

import typer

from affekt_cli.descriptions import describe_all, terms
from affekt_cli.options import show_options_of

if TYPE_CHECKING:
    from affekt.registry import Registry


def plugins(
    name: Annotated[str | None, typer.Argument(help="A component: shows its options.", show_default=False)] = None,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON document on stdout.")] = False,
    python: Annotated[
        str | None, typer.Option(help="List those of another interpreter; needs affekt-isolation.", show_default=False)
    ] = None,
) -> None:
    """List the installed components, or the options of one."""
    import affekt

    if python is not None and name is not None:
        raise typer.BadParameter("the options of a component show only where it is installed", param_hint="--python")
    registry = affekt.plugins() if python is None else _of_interpreter(python)
    if name is not None:
        show_options_of(name, registry, as_json)
        return
    if as_json:
        typer.echo(json.dumps(describe_all(registry), ensure_ascii=False, indent=2))
    else:
        _show_all(registry)


def _of_interpreter(python: str) -> "Registry":
    try:
        from affekt_isolation import registry_of
    except ImportError as error:
        from affekt import MissingDependency

        raise MissingDependency(
            "listing another interpreter's plugins needs affekt-isolation", hint="pip install affekt-isolation"
        ) from error
    return registry_of(python)


def _show_all(registry: "Registry") -> None:
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    console = Console(highlight=False)
    described = describe_all(registry)
    entries = described["components"] + [
        {"role": "pipeline", "weights": [], **entry} for entry in described["pipelines"]
    ]
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), show_header=False)
    role = ""
    for entry in entries:
        if entry["role"] != role:
            role = entry["role"]
            table.add_row(Text(f"{role}s", style="bold"))
        about = Text(f"{entry['summary']}\n")
        about.append(f"{entry['distribution']} {entry['version']}", style="dim")
        for weights in entry["weights"]:
            about.append(f"\nweights: {terms(weights)}", style="dim")
        table.add_row(Text(f"  {entry['name']}", style="cyan", no_wrap=True), about)
    console.print(table if entries else "No plugins are installed. Try: pip install affekt")
    for failure in registry.failures:
        text = Text.assemble(("\nbroken ", "bold red"), (f"{failure.plugin}: ", "bold"), failure.error.message)
        console.print(text.append(f"\nTry: {failure.error.hint}" if failure.error.hint else ""), soft_wrap=True)

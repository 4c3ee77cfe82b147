"""`affekt plugins NAME`: what one component is, and its options."""

import json
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

import typer

from affekt_cli.descriptions import describe, terms

if TYPE_CHECKING:
    from affekt.registry import Registry


def show_options_of(name: str, registry: "Registry", as_json: bool) -> None:
    """All components of this name: one may be, say, a preparer and an encoder."""
    by_role = registry.named(name)
    kinds = [(announced, registry.load(role, name)) for role, announced in by_role.items()]  # type: ignore[arg-type]
    if as_json:
        documents = [
            {**describe(announced, registry), "options": kind.model_json_schema()} for announced, kind in kinds
        ]
        typer.echo(json.dumps(documents, ensure_ascii=False, indent=2, default=str))
        return
    for announced, kind in kinds:
        _show_options(describe(announced, registry), kind)


def _show_options(entry: dict[str, Any], kind: Any) -> None:
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    console = Console(highlight=False)
    console.print(Text.assemble((entry["name"], "bold cyan"), f"  {entry['role']}: {entry['summary']}"))
    console.print(Text(f"{entry['distribution']} {entry['version']}, {entry['target']}", style="dim"))
    for weights in entry["weights"]:
        console.print(Text(f"weights: {terms(weights)} {weights['restrictions'] or ''}"))
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="bold")
    for title in ("option", "type", "default", "what it does"):
        table.add_column(title, overflow="fold")
    for row in option_rows(kind):
        table.add_row(Text(row[0], style="cyan"), *map(Text, row[1:]))
    console.print(table if table.rows else Text("It has no options.", style="dim"), "")


def option_rows(kind: Any) -> Iterator[Sequence[str]]:
    """(name, type, default, description) of each option of a component's class."""
    for name, field in kind.model_fields.items():
        annotation = field.annotation
        shown = (
            annotation.__name__
            if isinstance(annotation, type) and not hasattr(annotation, "__args__")
            else str(annotation)
        )
        default = "(needed)" if field.is_required() else repr(field.get_default(call_default_factory=True))
        yield name, shown.replace("typing.", ""), default, field.description or ""

"""`affekt plugins`: which components are installed, and the options of one."""

import json
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from affekt.registry import Announced, Registry


def plugins(
    name: Annotated[str | None, typer.Argument(help="A component: shows its options.", show_default=False)] = None,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON document on stdout.")] = False,
) -> None:
    """List the installed components, or the options of one."""
    import affekt

    registry = affekt.plugins()
    if name is not None:
        _options_of(name, registry, as_json)
        return
    if as_json:
        typer.echo(json.dumps(describe_all(registry), ensure_ascii=False, indent=2))
    else:
        _show_all(registry)


def describe_all(registry: "Registry") -> dict[str, Any]:
    """Plain data for JSON."""
    return {
        "components": [_describe(announced, registry) for announced in _sorted(registry)],
        "pipelines": [
            {"name": name, "summary": found.info.summary, "distribution": found.distribution, "version": found.version}
            for name, found in sorted(registry.pipelines.items())
        ],
        "failures": [
            {"plugin": f.plugin, "distribution": f.distribution, "reason": f.error.message, "try": f.error.hint}
            for f in registry.failures
        ],
    }


def _sorted(registry: "Registry") -> "list[Announced]":
    from affekt import ROLES

    order = list(ROLES)
    return [registry.components[key] for key in sorted(registry.components, key=lambda k: (order.index(k[0]), k[1]))]


def _describe(announced: "Announced", registry: "Registry") -> dict[str, Any]:
    info = announced.info
    return {
        "role": info.role,
        "name": info.name,
        "summary": info.summary,
        "distribution": announced.distribution,
        "version": announced.version,
        "target": info.target,
        "weights": [_describe_weights(name, registry) for name in info.weights],
        "sample_rate": info.sample_rate,
        "languages": list(info.languages),
    }


def _describe_weights(name: str, registry: "Registry") -> dict[str, Any]:
    known = registry.weights.get(name)
    fields = {
        field: getattr(known.info, field, None) if known else None for field in ("licence", "restrictions", "size")
    }
    return {"name": name, **fields}


def _show_all(registry: "Registry") -> None:
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    console = Console(highlight=False)
    entries = [_describe(announced, registry) for announced in _sorted(registry)]
    entries += [{"role": "pipeline", "weights": [], **entry} for entry in describe_all(registry)["pipelines"]]
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), show_header=False)
    role = ""
    for entry in entries:
        if entry["role"] != role:
            role = entry["role"]
            table.add_row(Text(f"{role}s", style="bold"))
        about = Text(f"{entry['summary']}\n")
        about.append(f"{entry['distribution']} {entry['version']}", style="dim")
        for weights in entry["weights"]:
            about.append(f"\nweights: {_terms(weights)}", style="dim")
        table.add_row(Text(f"  {entry['name']}", style="cyan", no_wrap=True), about)
    console.print(table if entries else "No plugins are installed. Try: pip install affekt-basics")
    for failure in registry.failures:
        text = Text.assemble(("\nbroken ", "bold red"), (f"{failure.plugin}: ", "bold"), failure.error.message)
        console.print(text.append(f"\nTry: {failure.error.hint}" if failure.error.hint else ""), soft_wrap=True)


def _terms(weights: dict[str, Any]) -> str:
    from affekt_cli.needs import megabytes

    size = f"{megabytes(weights['size'])}, " if weights["size"] else ""
    restricted = ", restricted" if weights["restrictions"] else ""
    return f"{weights['name']} ({size}{weights['licence'] or 'licence not stated'}{restricted})"


def _options_of(name: str, registry: "Registry", as_json: bool) -> None:
    """All components of this name: one may be, say, a preparer and an encoder."""
    found = [(role, announced) for (role, known), announced in registry.components.items() if known == name]
    if not found:
        _refuse(name, registry)
    kinds = [(announced, registry.load(role, name)) for role, announced in found]  # type: ignore[arg-type]
    if as_json:
        documents = [
            {**_describe(announced, registry), "options": kind.model_json_schema()} for announced, kind in kinds
        ]
        typer.echo(json.dumps(documents, ensure_ascii=False, indent=2, default=str))
        return
    for announced, kind in kinds:
        _show_options(_describe(announced, registry), kind)


def _refuse(name: str, registry: "Registry") -> None:
    from affekt import ComponentNotFound
    from affekt.suggestions import did_you_mean

    names = sorted({known for _, known in registry.components})
    raise ComponentNotFound(f'there is no component "{name}"{did_you_mean(name, names)}', hint="affekt plugins")


def _show_options(entry: dict[str, Any], kind: Any) -> None:
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    console = Console(highlight=False)
    console.print(Text.assemble((entry["name"], "bold cyan"), f"  {entry['role']}: {entry['summary']}"))
    console.print(Text(f"{entry['distribution']} {entry['version']}, {entry['target']}", style="dim"))
    for weights in entry["weights"]:
        console.print(Text(f"weights: {_terms(weights)} {weights['restrictions'] or ''}"))
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

"""`affekt doctor`: what is installed, what is broken and why, and what would be downloaded under which licence."""

import json
from collections import Counter
from typing import TYPE_CHECKING, Annotated

import typer

from affekt_cli.exits import ExitCode

if TYPE_CHECKING:
    from affekt_cli.checkup import Finding


def doctor(
    context: typer.Context,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON document on stdout.")] = False,
) -> None:
    """Find out what is installed, not installed, or broken. Exits with 1 when something is broken."""
    from dataclasses import asdict

    from affekt import plugins

    from affekt_cli.checkup import examine
    from affekt_cli.progress import steps

    own = getattr(context.find_root().command, "commands", {})
    with steps("affekt doctor") as on_progress:
        findings = list(examine(plugins(), own, on_progress))
    count: Counter[str] = Counter(finding.state for finding in findings)
    if as_json:
        counts = {"broken": count["broken"], "not_installed": count["not installed"]}
        document = {**counts, "findings": [asdict(finding) for finding in findings]}
        typer.echo(json.dumps(document, ensure_ascii=False, indent=2))
    else:
        _show(findings, count)
    if count["broken"]:
        raise typer.Exit(ExitCode.INPUT)


def _show(findings: "list[Finding]", count: Counter[str]) -> None:
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    marks = {
        "fine": Text("✓", style="green"),
        "absent": Text("↓", style="cyan"),
        "not installed": Text("○", style="yellow"),
        "note": Text("·", style="dim"),
        "broken": Text("✗", style="bold red"),
    }
    console = Console(highlight=False)
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), show_header=False)
    section = ""
    for finding in findings:
        if finding.section != section:
            section = finding.section
            table.add_row("", Text(section, style="bold"))
        text = Text(finding.text)
        if finding.hint:
            text.append(f"\nTry: {finding.hint}", style="green")
        table.add_row(marks[finding.state], Text(finding.name), text)
    console.print(table)
    verdict = f"{count['broken']} broken" if count["broken"] else "nothing is broken"
    lacking = f", {count['not installed']} not installed" if count["not installed"] else ""
    style = "bold red" if count["broken"] else "bold green"
    console.print(f"\n{verdict}{lacking}; ✓ fine, ↓ downloaded on first use, ○ not installed", style=style)

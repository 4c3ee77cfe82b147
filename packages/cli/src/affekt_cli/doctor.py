"""`affekt doctor`: what is installed, what is broken and why, and what would be downloaded under which licence."""

import json
from typing import Annotated

import typer

from affekt_cli.exits import ExitCode


def doctor(
    as_json: Annotated[bool, typer.Option("--json", help="One JSON document on stdout.")] = False,
) -> None:
    """Find out what is installed, broken or missing. Exits with 1 when something is broken."""
    from dataclasses import asdict

    from affekt import plugins

    from affekt_cli.checkup import examine
    from affekt_cli.progress import steps

    with steps("affekt doctor") as step:
        findings = list(examine(plugins(), step))
    broken = [finding for finding in findings if finding.state == "broken"]
    if as_json:
        document = {"broken": len(broken), "findings": [asdict(finding) for finding in findings]}
        typer.echo(json.dumps(document, ensure_ascii=False, indent=2))
    else:
        _show(findings, len(broken))
    if broken:
        raise typer.Exit(ExitCode.INPUT)


def _show(findings: list, broken: int) -> None:  # type: ignore[type-arg]
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    marks = {
        "fine": Text("✓", style="green"),
        "absent": Text("↓", style="cyan"),
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
    verdict = f"{broken} broken" if broken else "nothing is broken"
    console.print(f"\n{verdict}; ✓ fine, ↓ downloaded on first use", style="bold red" if broken else "bold green")

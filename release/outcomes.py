"""What was tried, what came of it, and how it is shown: a table, and a file of JSON."""

import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from enum import StrEnum
from pathlib import Path

from rich.console import Console
from rich.table import Table


class State(StrEnum):
    """What came of a trial."""

    PASSED = "passed"
    FAILED = "failed"
    NOT_TRIED = "not tried"


MARKS = {State.PASSED: "[green]✓[/]", State.FAILED: "[bold red]✗[/]", State.NOT_TRIED: "[yellow]–[/]"}


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """One thing that was tried with one distribution, or with all of them."""

    step: str
    """What was tried: "wheel", "installs", "lists" …"""
    subject: str
    """A distribution, an extra such as `affekt[train]`, or "all together"."""
    state: State
    python: str = ""
    """The version of Python; empty where none had a part in it."""
    detail: str = ""
    """Why it failed or was not tried; what was seen where that is worth telling."""
    seconds: float = 0.0


def of_problems(step: str, subject: str, problems: Iterable[str], **fields: object) -> Outcome:
    """An outcome that failed when there are problems, and passed when there are none."""
    found = list(problems)
    state = State.FAILED if found else State.PASSED
    return Outcome(step=step, subject=subject, state=state, detail="\n".join(found), **fields)  # type: ignore[arg-type]


def show(outcomes: list[Outcome], console: Console) -> None:
    """Prints a table of subjects and steps, then every failure, then what was not tried and why."""
    for python in sorted({outcome.python for outcome in outcomes}):
        group = [outcome for outcome in outcomes if outcome.python == python]
        steps = list(dict.fromkeys(outcome.step for outcome in group))
        table = Table(title=f"Python {python}" if python else "Built", title_justify="left")
        table.add_column("")
        for step in steps:
            table.add_column(step, justify="center")
        for subject in sorted({outcome.subject for outcome in group}):
            marks = {outcome.step: MARKS[outcome.state] for outcome in group if outcome.subject == subject}
            table.add_row(subject.replace("[", r"\["), *(marks.get(step, "") for step in steps))
        console.print(table)
    for state, title in ((State.FAILED, "Failed"), (State.NOT_TRIED, "Not tried")):
        _explain(title, [outcome for outcome in outcomes if outcome.state is state], console)
    counts = {state: sum(outcome.state is state for outcome in outcomes) for state in State}
    console.print(", ".join(f"{number} {state}" for state, number in counts.items()))


def _explain(title: str, outcomes: list[Outcome], console: Console) -> None:
    """Prints each reason once, with all whom it concerns."""
    if not outcomes:
        return
    console.print(f"\n[bold]{title}[/]")
    subjects: dict[tuple[str, str, str], list[str]] = {}
    for outcome in outcomes:
        subjects.setdefault((outcome.python, outcome.step, outcome.detail), []).append(outcome.subject)
    for (python, step, detail), names in subjects.items():
        where = f"{step}, Python {python}" if python else step
        console.print(f"  {where}: {', '.join(names)}", markup=False, highlight=False, soft_wrap=True)
        text = "\n".join(f"    {line}" for line in detail.splitlines())
        console.print(text, markup=False, highlight=False, soft_wrap=True)


def write_json(outcomes: list[Outcome], path: Path, **facts: object) -> None:
    """Writes all outcomes, and the facts that they rest on, to a file."""
    path.parent.mkdir(parents=True, exist_ok=True)
    document = {**facts, "ok": succeeded(outcomes), "outcomes": [asdict(outcome) for outcome in outcomes]}
    path.write_text(json.dumps(document, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")


def succeeded(outcomes: Iterable[Outcome]) -> bool:
    """Whether nothing failed. What was not tried does not count as a failure, and is always told."""
    return all(outcome.state is not State.FAILED for outcome in outcomes)

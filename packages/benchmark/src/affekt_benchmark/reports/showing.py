"""Results on the console: our figures with their intervals, what they are not about, and, apart, published ones."""

from collections.abc import Iterable, Mapping
from typing import Any

from rich.box import SIMPLE
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from affekt_benchmark.material.suites import Suite
from affekt_benchmark.reports.published import published
from affekt_benchmark.results import Result
from affekt_benchmark.runs import losses


def show(console: Console, result: Result, headline: Iterable[str]) -> None:
    """The measures of one result, what to mind, and the published ones."""
    about = result.about
    for warning in about["warnings"]:
        console.print(f"[bold red]{escape(warning)}")
    table = Table("measure", "value", "95 %", title=f"{result.name} on {about['tests_on']}", title_justify="left")
    for name in headline:
        if (estimate := result.value(name)) is not None:
            table.add_row(name, *_figures(*estimate))
    console.print(table)
    if about["folds"]:
        console.print(_folds(result))
    console.print(escape(_counts(result)), style="dim")
    for line in losses.lines(about["losses"]):
        console.print(escape(line), style="yellow")
    for line in about["held_out"]:
        console.print(escape(line), style="dim")
    _published(console, about["suite"])


def _folds(result: Result) -> Table:
    """UAR and WAR of each model on its own test fold."""
    table = Table("fold", "UAR", "WAR", "clips", "not answered", "left out", "trained without them",
                  title="Each model on its own test fold", title_justify="left")  # fmt: skip
    for row in result.about["folds"]:
        figures = [result.value(f"{name}:fold {row['fold']}") or result.value(name) for name in ("uar", "war")]
        table.add_row(
            row["fold"], *(f"{figure[0]:.3f}" if figure else "" for figure in figures), str(row["clips"]),
            str(row["failed"]), str(row["left_out"]), "by its record" if row["held_out"] else "not recorded",
        )  # fmt: skip
    return table


def show_mean(console: Console, suite: Suite, summary: Mapping[str, Any], absent: Mapping[str, str]) -> None:
    """A suite made of several data sets: each one's score, which are absent, and the mean."""
    table = Table("data set", "measure", "value", "95 %", title=f"{suite.name}, all together", title_justify="left")
    for part in suite.parts:
        if (score := summary["scores"].get(part.short)) is None:
            table.add_row(part.short, part.headline[0], "absent", "", style="yellow")
        else:
            table.add_row(part.short, score["measure"], *_figures(score["value"], score["low"], score["high"]))
    count = f"{len(summary['scores'])} of {len(suite.parts)}"
    table.add_section()
    table.add_row(f"mean over {count}", "", f"{summary['mean']:.4f}" if summary["mean"] is not None else "none", "")
    console.print(table)
    for name, why in absent.items():
        console.print(f"{name} was not measured: {escape(why)}", style="yellow")
    if not summary["whole"]:
        console.print(f"A mean over {count} is comparable with no published one.", style="bold yellow")
    _published(console, suite.name)


def _published(console: Console, suite: str) -> None:
    if beside := published().get(suite):
        others = Table("published elsewhere", "inputs", "figures", title=beside.test, title_justify="left", box=SIMPLE)
        sources: dict[str, int] = {}
        for figure in beside.figures:
            listed = ", ".join(f"{name} {value:.3f}" for name, value in figure.measures.items())
            mark = "" if figure.standing == "confirmed" else f" [yellow]{figure.standing}[/]"
            cited = sources.setdefault(figure.source, len(sources) + 1)
            others.add_row(f"{escape(figure.system)} ({cited})", figure.inputs, f"{listed}{mark}", style="dim")
        others.caption = "\n".join(f"({number}) {escape(source)}" for source, number in sources.items())
        others.caption_justify = "left"
        console.print(others)


def _figures(value: float, low: float | None, high: float | None) -> tuple[str, str]:
    return f"{value:.3f}", "" if low is None or high is None else f"{low:.3f} to {high:.3f}"


def _counts(result: Result) -> str:
    about, data = result.about, result.about["data"]
    lost = sum(about["losses"]["left_out"].values())
    line = f"{data['clips']} clips" + (f" of the {data['clips'] + lost} in the test set" if lost else "")
    line += f", chosen evenly with seed {data['seed']}" if data["limit"] else ""
    groups = {row["group"] for row in result.clips if row["group"]}
    line += f", {len(groups)} speakers" if groups else ", every clip its own group"
    line += f"; {about['seconds']:.0f} s"
    out = (about["vocabulary"] or {}).get("out_of_reach")
    return line + (f"; the pipeline has no emotion for {', '.join(out)}" if out else "")

"""Results on the console: our figures with their intervals, then what others published, apart."""

from collections.abc import Iterable, Mapping
from typing import Any

from rich.box import SIMPLE
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from affekt_benchmark.published import published
from affekt_benchmark.results import Result
from affekt_benchmark.suites import Suite


def show(console: Console, result: Result, headline: Iterable[str]) -> None:
    """The measures of one result, what to mind, and the published ones."""
    about = result.about
    for warning in about["warnings"]:
        console.print(f"[bold red]{escape(warning)}")
    table = Table("measure", "value", "95 %", title=f"{result.name} on {about['tests_on']}", title_justify="left")
    for name in headline:
        if (found := result.value(name)) is not None:
            table.add_row(name, *_figures(*found))
    console.print(table)
    console.print(escape(_counts(result)), style="dim")
    _published(console, about["suite"])


def show_mean(console: Console, suite: Suite, told: Mapping[str, Any], absent: Mapping[str, str]) -> None:
    """A suite made of several data sets: each one's score, which are absent, and the mean."""
    table = Table("data set", "measure", "value", "95 %", title=f"{suite.name}, all together", title_justify="left")
    for part in suite.parts:
        if (score := told["scores"].get(part.short)) is None:
            table.add_row(part.short, part.headline[0], "absent", "", style="yellow")
        else:
            table.add_row(part.short, score["measure"], *_figures(score["value"], score["low"], score["high"]))
    count = f"{len(told['scores'])} of {len(suite.parts)}"
    table.add_section()
    table.add_row(f"mean over {count}", "", f"{told['mean']:.4f}" if told["mean"] is not None else "none", "")
    console.print(table)
    for name, why in absent.items():
        console.print(f"{name} was not measured: {escape(why)}", style="yellow")
    if not told["whole"]:
        console.print(f"A mean over {count} is comparable with no published one.", style="bold yellow")
    _published(console, suite.name)


def _published(console: Console, suite: str) -> None:
    if beside := published().get(suite):
        others = Table("published elsewhere", "inputs", "figures", title=beside.test, title_justify="left", box=SIMPLE)
        sources: dict[str, int] = {}
        for figure in beside.figures:
            told = ", ".join(f"{name} {value:.3f}" for name, value in figure.measures.items())
            mark = "" if figure.standing == "confirmed" else f" [yellow]{figure.standing}[/]"
            cited = sources.setdefault(figure.source, len(sources) + 1)
            others.add_row(f"{escape(figure.system)} ({cited})", figure.inputs, f"{told}{mark}", style="dim")
        others.caption = "\n".join(f"({number}) {escape(source)}" for source, number in sources.items())
        others.caption_justify = "left"
        console.print(others)


def _figures(value: float, low: float | None, high: float | None) -> tuple[str, str]:
    return f"{value:.3f}", "" if low is None or high is None else f"{low:.3f} to {high:.3f}"


def _counts(result: Result) -> str:
    about, data = result.about, result.about["data"]
    told = f"{data['clips']} clips" + (f", chosen evenly with seed {data['seed']}" if data["limit"] else "")
    groups = {row["group"] for row in result.clips if row["group"]}
    told += f", {len(groups)} speakers" if groups else ", every clip its own group"
    told += f"; abstained {about['abstained']}, could not be read {about['failed']}; {about['seconds']:.0f} s"
    out = (about["vocabulary"] or {}).get("out_of_reach")
    return told + (f"; the pipeline has no emotion for {', '.join(out)}" if out else "")

"""Results on the console: our figures with their intervals, then what others published, apart."""

from collections.abc import Iterable

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from affekt_benchmark.published import published
from affekt_benchmark.results import Result


def show(console: Console, result: Result, headline: Iterable[str]) -> None:
    """The measures of one result, what to mind, and the published ones."""
    about = result.about
    for warning in about["warnings"]:
        console.print(f"[bold red]{escape(warning)}")
    table = Table("measure", "value", "95 %", title=f"{result.name} on {about['tests_on']}", title_justify="left")
    for name in headline:
        if (found := result.value(name)) is not None:
            value, low, high = found
            table.add_row(name, f"{value:.3f}", "" if low is None or high is None else f"{low:.3f} to {high:.3f}")
    console.print(table)
    console.print(escape(_counts(result)), style="dim")
    if beside := published().get(about["suite"]):
        others = Table("published elsewhere", "inputs", "figures", "standing", "source", title=beside.test)
        for figure in beside.figures:
            told = ", ".join(f"{name} {value:.3f}" for name, value in figure.measures.items())
            mark = figure.standing if figure.standing == "confirmed" else f"[yellow]{figure.standing}[/]"
            others.add_row(escape(figure.system), figure.inputs, told, mark, escape(figure.source), style="dim")
        console.print(others)


def _counts(result: Result) -> str:
    about, data = result.about, result.about["data"]
    told = f"{data['clips']} clips" + (f", chosen evenly with seed {data['seed']}" if data["limit"] else "")
    groups = {row["group"] for row in result.clips if row["group"]}
    told += f", {len(groups)} speakers" if groups else ", every clip its own group"
    told += f"; abstained {about['abstained']}, could not be read {about['failed']}; {about['seconds']:.0f} s"
    out = (about["vocabulary"] or {}).get("out_of_reach")
    return told + (f"; the pipeline has no emotion for {', '.join(out)}" if out else "")

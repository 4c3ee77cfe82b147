"""One self-contained page about one or two results: figures, pictures, errors to listen to, and how to repeat it."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml
from affekt import plugins
from affekt_metrics.comparison import Comparison, compare
from affekt_recordings import DISCLAIMER
from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup
from plotly.offline import get_plotlyjs  # type: ignore[import-untyped]

from affekt_benchmark import origin
from affekt_benchmark.material.suites import BenchmarkError
from affekt_benchmark.reports import charts
from affekt_benchmark.reports.error_cases import error_cases
from affekt_benchmark.reports.published import published
from affekt_benchmark.results import Result
from affekt_benchmark.runs import losses

ABLATION = "ablation.json"
SHOWN = (
    "uar",
    "war",
    "accuracy",
    "weighted_f1",
    "macro_f1",
    "score",
    "mse",
    "average",
    "level1",
    "level2",
    "mean",
    "hit_rate",
    "waf",
    "clue",
    "label",
    "alpha",
    "kappa",
    "ece",
    "brier",
    "aurc",
    "coverage:truth",
    "coverage:answers",
)
"""Measures of the table, where a result has them."""


@dataclass(frozen=True, kw_only=True)
class Line:
    """A measure of every system, and how the second differs from the first."""

    name: str
    evaluator: str
    values: Sequence[tuple[float, float | None, float | None] | None]
    difference: Comparison | None


def write(results: Sequence[Result], path: Path, most_errors: int) -> None:
    """Writes the page.

    Raises:
        BenchmarkError: there are no results, more than two, or two of different suites.
    """
    if not 1 <= len(results) <= 2:
        raise BenchmarkError(f"a report shows one or two results; found {len(results)}")
    require_one_suite(results)
    save("benchmark.html", _content(results, most_errors), path)


def require_one_suite(results: Sequence[Result]) -> None:
    """Refuses results of different suites.

    Raises:
        BenchmarkError: they are.
    """
    suites = {str(result.about["suite"]) for result in results}
    if len(suites) > 1:
        raise BenchmarkError(f"the results are of different suites: {', '.join(sorted(suites))}")


def write_ablation(folder: Path, path: Path) -> None:
    """Writes a page about all variants of an ablation.

    Raises:
        BenchmarkError: the folder holds no ablation.
    """
    try:
        document = json.loads((folder / ABLATION).read_text(encoding="utf-8"))
        pictures = {name: Markup(charts.variants(document["rows"], name)) for name in document["measures"]}
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise BenchmarkError(f'"{folder}" holds no ablation: {error}', hint="affekt ablate PLAN -o FOLDER") from error
    warnings = dict.fromkeys(warning for row in document["rows"] for warning in row["warnings"])
    content = {
        "plan": document["plan"], "rows": document["rows"], "about": document, "warnings": list(warnings),
        "absent": document["absent"], "written": yaml.safe_dump(document["plan"], sort_keys=False, allow_unicode=True),
        "pictures": pictures, "lost": losses.lines(document["lost"]),
        "tests": sum(change["p"] is not None for row in document["rows"] for change in row["changes"].values()),
        "plotly": Markup(get_plotlyjs()), "disclaimer": DISCLAIMER,
    }  # fmt: skip
    save("ablation.html", content, path)


def save(template: str, content: dict[str, Any], path: Path) -> None:
    """Fills a template and writes the page, whole or not at all."""
    environment = Environment(
        loader=PackageLoader("affekt_benchmark"), autoescape=True, undefined=StrictUndefined, trim_blocks=True,
        lstrip_blocks=True,
    )  # fmt: skip
    page = environment.get_template(template).render(**content)
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_name(f".{path.name}.part")
    partial.write_text(page, encoding="utf-8")
    partial.replace(path)


def _content(results: Sequence[Result], most_errors: int) -> dict[str, Any]:
    closed = all(row["true_label"] for result in results for row in result.clips)
    pictures = {}
    if closed:
        pictures = {
            "Confusions": charts.confusions(results),
            "What is answered": charts.distributions(results),
            "Recall of each emotion": charts.by_class(results),
            "Accuracy of each speaker": charts.by_group(results),
            "Can confidence be believed?": charts.reliability(results),
            "What abstaining buys": charts.coverage(results),
        }
    suite = results[0].about["suite"]
    return {
        "suite": suite, "results": results, "lines": list(_lines(results)),
        "pictures": {title: Markup(picture) for title, picture in pictures.items() if picture},
        "doc": {title: (function.__doc__ or "").strip() for title, function in DRAWN_BY.items()},
        "same_clips": len(results) < 2 or same_clips(results),
        "published": published().get(suite), "note": results[0].about.get("note", ""),
        "errors": error_cases(results, most_errors) if closed else [],
        "plotly": Markup(get_plotlyjs()), "disclaimer": DISCLAIMER,
        "pipelines": [_system(result) for result in results],
        "origins": [origin.line(result.about) for result in results],
        "lost": [losses.lines(result.about["losses"]) for result in results],
    }  # fmt: skip


def _system(result: Result) -> str:
    return str(yaml.safe_dump(result.about.get("pipeline") or result.about["provenance"], sort_keys=False))


DRAWN_BY = {
    "Confusions": charts.confusions,
    "What is answered": charts.distributions,
    "Recall of each emotion": charts.by_class,
    "Accuracy of each speaker": charts.by_group,
    "Can confidence be believed?": charts.reliability,
    "What abstaining buys": charts.coverage,
}


def same_clips(results: Sequence[Result]) -> bool:
    """Whether both systems answered the same clips."""
    return [row["id"] for row in results[0].clips if row["answer"]] == [
        row["id"] for row in results[1].clips if row["answer"]
    ]


def _lines(results: Sequence[Result]) -> Iterator[Line]:
    changes = compared(results)
    listed = set()
    for evaluator, measures in results[0].measures.items():
        for name in measures:
            if name in SHOWN and name not in listed:
                listed.add(name)
                values = [_value(result, evaluator, name) for result in results]
                yield Line(name=name, evaluator=evaluator, values=values, difference=changes.get((evaluator, name)))


def _value(result: Result, evaluator: str, name: str) -> tuple[float, float | None, float | None] | None:
    measures = result.measures.get(evaluator, {})
    return (measures[name], measures.get(f"{name}.low"), measures.get(f"{name}.high")) if name in measures else None


def compared(results: Sequence[Result]) -> dict[tuple[str, str], Comparison]:
    """Differences of measures that follow from sums, when both systems answered the same clips."""
    if len(results) < 2 or not same_clips(results):
        return {}
    first, truth = results[0].pairs()
    second, _ = results[1].pairs()
    comparisons: dict[tuple[str, str], Comparison] = {}
    for name in results[0].measures:
        options = results[0].about["evaluators"].get(name, {}).get("options", {})
        evaluator: Any = plugins().create("evaluator", name, **options)
        if callable(getattr(evaluator, "sums", None)):
            comparisons |= {
                (name, measure): comparison for measure, comparison in compare(evaluator, first, second, truth).items()
            }
    return comparisons

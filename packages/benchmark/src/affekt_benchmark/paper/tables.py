"""Tables about results of one suite: the first is the one that all others are compared with."""

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from affekt_benchmark.comparisons.holm import holm
from affekt_benchmark.reports.charts import labels_of
from affekt_benchmark.reports.error_cases import wrong_rows
from affekt_benchmark.reports.report import SHOWN, compared, same_clips
from affekt_benchmark.reports.tables import MARKS, Cell, Table, mark
from affekt_benchmark.results import Result

LONGEST = 90
"""Characters of a text in a table."""
COMPARED = "Marks: against the first system, by swapping the answers speaker by speaker, corrected after Holm: " + (
    ", ".join(f"{sign} p < {level}" for sign, level in reversed(MARKS)) + "."
)
INTERVALS = "Brackets: 95 % bootstrap intervals that draw speakers with all their clips."


def all_tables(results: Sequence[Result], most_errors: int) -> list[Table]:
    """Every table that the results have the columns for."""
    tables = [measures(results), differences(results), *per_label(results), answers(results)]
    tables += [errors(results, most_errors)] if most_errors else []
    return [table for table in tables if table is not None]


def measures(results: Sequence[Result]) -> Table:
    """A row a system, a column a measure, with intervals and marks."""
    names = [name for name in SHOWN if any(result.value(name) is not None for result in results)]
    against = [{}, *(tested(results[0], result) for result in results[1:])]
    rows: list[list[Cell]] = []
    for result, tests in zip(results, against, strict=True):
        row: list[Cell] = [result.name]
        for name in names:
            p = tests[name][3] if name in tests else None
            row.append(_cell(result.value(name), mark(p)))
        rows.append([*row, len(result.clips)])
    notes = [INTERVALS]
    if any(against):
        notes.append(COMPARED)
    elif len(results) > 1:
        notes.append("The systems answered different clips, so differences are not tested.")
    return Table(
        name="T1", title=f"{results[0].about['tests_on']}: measures", columns=("system", *names, "clips"), rows=rows,
        notes=notes,
    )  # fmt: skip


def tested(first: Result, second: Result) -> dict[str, tuple[float, float, float, float]]:
    """Measure → difference, bounds of its interval, and p after Holm; empty where the clips differ."""
    if not same_clips((first, second)):
        return {}
    comparisons = {name: comparison for (_, name), comparison in compared((first, second)).items() if name in SHOWN}
    corrected = holm([comparison.p for comparison in comparisons.values()])
    return {name: (comparison.difference, comparison.low, comparison.high, p)
            for (name, comparison), p in zip(comparisons.items(), corrected, strict=True)}  # fmt: skip


def differences(results: Sequence[Result]) -> Table | None:
    """How every other system differs from the first; None where nothing can be compared."""
    rows: list[list[Cell]] = []
    for result in results[1:]:
        for name, (difference, low, high, p) in tested(results[0], result).items():
            rows.append([result.name, name, (difference, low, high, mark(p)), p])
    if not rows:
        return None
    return Table(
        name="T2", title=f"Differences to {results[0].name}",
        columns=("system", "measure", "difference", "p (Holm)"), rows=rows, notes=[INTERVALS, COMPARED],
    )  # fmt: skip


def per_label(results: Sequence[Result]) -> list[Table]:
    """F1 and recall of every label."""
    tables = []
    for name, title, what in (("T3", "F1 of each label", "f1"), ("T4", "Recall of each label", "recall")):
        labels = [label for label in labels_of(results) if any(result.value(f"{what}:{label}") for result in results)]
        rows: list[list[Cell]] = [
            [label, _true(results[0], label), *(_cell(result.value(f"{what}:{label}")) for result in results)]
            for label in labels
        ]
        if rows:
            columns = ("label", "clips", *(result.name for result in results))
            tables.append(Table(name=name, title=title, columns=columns, rows=rows, notes=[INTERVALS]))
    return tables


def answers(results: Sequence[Result]) -> Table | None:
    """How often each label is true, and how often each system answers it; None of open labels."""
    labels = labels_of(results) if all(row["true_label"] for row in results[0].clips) else []
    if not labels:
        return None
    tallies = [Counter(row["answer"] for row in result.clips) for result in results]
    rows: list[list[Cell]] = [
        [label, _true(results[0], label), *(counts[label] for counts in tallies)] for label in labels
    ]
    rows.append(["no answer", 0, *(counts[None] for counts in tallies)])
    return Table(
        name="T5", title="What is answered, in clips", columns=("label", "true", *(result.name for result in results)),
        rows=rows,
    )  # fmt: skip


def errors(results: Sequence[Result], most: int) -> Table | None:
    """The most confident errors; None where labels are open or nothing is wrong."""
    chosen = wrong_rows(results)[:most] if all(row["true_label"] for row in results[0].clips) else []
    if not chosen:
        return None
    rows: list[list[Cell]] = [
        [some[0]["id"], some[0]["true_label"], *(_answered(row) for row in some),
         _short(next((row["text"] for row in some if row["text"]), ""))]
        for some in chosen
    ]  # fmt: skip
    return Table(
        name="T6", title="Errors, the most confident first",
        columns=("clip", "true", *(result.name for result in results), "words"), rows=rows,
    )  # fmt: skip


def ablation(document: Mapping[str, Any]) -> Table:
    """A row a variant, from what `affekt ablate` wrote."""
    names = document["measures"]
    rows: list[list[Cell]] = []
    for row in document["rows"]:
        cells: list[Cell] = [row["name"]]
        for name in names:
            figure, change = row["figures"][name], row["changes"].get(name)
            p = change["p_holm"] if change else None
            cells.append(_cell((figure["value"], figure["low"], figure["high"]), mark(p)))
        rows.append(cells)
    return Table(
        name="T1", title=f"{document['plan']['about'] or document['plan']['suite']}: variants",
        columns=("variant", *names), rows=rows,
        notes=[INTERVALS, COMPARED.replace("system", "variant"), f"{document['clips']} clips."],
    )  # fmt: skip


def _cell(estimate: tuple[float, float | None, float | None] | None, sign: str = "") -> Cell:
    if estimate is None:
        return None
    value, low, high = estimate
    if low is None or high is None:
        return float(value), float("nan"), float("nan"), sign
    return float(value), float(low), float(high), sign


def _true(result: Result, label: str) -> int:
    return sum(row["true_label"] == label for row in result.clips)


def _answered(row: Mapping[str, Any]) -> str:
    return f"{row['answer']} ({100 * row['confidence']:.0f} %)" if row["answer"] else "no answer"


def _short(text: str) -> str:
    return text if len(text) <= LONGEST else text[: LONGEST - 1].rstrip() + "…"

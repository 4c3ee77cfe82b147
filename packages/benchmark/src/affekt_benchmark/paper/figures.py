"""Figures by matplotlib, as vector graphics; each says below where it comes from."""

import math
import textwrap
from collections import Counter, defaultdict
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import matplotlib as mpl
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from affekt_benchmark.reports.charts import COLOURS, GREY, labels_of
from affekt_benchmark.results import Result

MORE = ("#4f9d69", "#8e5ea2", "#c0504d", "#6b7b8c")
"""Colours of further systems."""
STYLE: dict[Any, Any] = {
    "font.family": "DejaVu Sans", "font.size": 9, "axes.spines.top": False, "axes.spines.right": False,
    "svg.hashsalt": "affekt", "svg.fonttype": "none", "pdf.fonttype": 42,
}  # fmt: skip
"""Text stays text in both kinds of files, and the same figure is the same file."""
KINDS = ("svg", "pdf")
LINE = 0.1
"""Inches of a line below a figure, which says where it comes from."""


def confusions(results: Sequence[Result]) -> Figure | None:
    """Share of each true label that was answered as each; the numbers are counts."""
    labels = labels_of(results)
    side = 1.6 + 0.42 * len(labels)
    figure = Figure(figsize=(side * len(results), side + 0.2), layout="constrained")
    for axes, result in zip(_row(figure, len(results)), results, strict=True):
        counts = Counter((row["true_label"], row["answer"]) for row in result.clips if row["answer"])
        table = [[counts[true, answered] for answered in labels] for true in labels]
        shares = [[count / max(1, sum(row)) for count in row] for row in table]
        axes.imshow(shares, cmap="Blues", vmin=0, vmax=1)
        for y, row in enumerate(table):
            for x, count in enumerate(row):
                axes.text(x, y, str(count), ha="center", va="center", size=8,
                          color="white" if shares[y][x] > 0.55 else "black")  # fmt: skip
        axes.set_xticks(range(len(labels)), labels, rotation=45, ha="right")
        axes.set_yticks(range(len(labels)), labels)
        axes.set(xlabel="answered", ylabel="true", title=result.name)
    return figure


def distributions(results: Sequence[Result]) -> Figure | None:
    """How often each label is true, and how often each system answers it."""
    labels = labels_of(results)
    true = Counter(row["true_label"] for row in results[0].clips)
    rows = [("true", GREY, [true[label] for label in labels])]
    for result, colour in zip(results, (*COLOURS, *MORE), strict=False):
        answers = Counter(row["answer"] for row in result.clips)
        rows.append((result.name, colour, [answers[label] for label in labels]))
    return _bars(labels, rows, "clips")


def f1(results: Sequence[Result]) -> Figure | None:
    """F1 of every label, with its interval; None where no evaluator has it."""
    labels = [label for label in labels_of(results) if any(result.value(f"f1:{label}") for result in results)]
    if not labels:
        return None
    rows, bounds = [], []
    for result, colour in zip(results, (*COLOURS, *MORE), strict=False):
        estimates = [result.value(f"f1:{label}") or (0.0, None, None) for label in labels]
        rows.append((result.name, colour, [value for value, _, _ in estimates]))
        bounds.append((
            [max(0.0, value - (value if low is None or math.isnan(low) else low)) for value, low, _ in estimates],
            [max(0.0, (value if high is None or math.isnan(high) else high) - value) for value, _, high in estimates],
        ))  # fmt: skip
    return _bars(labels, rows, "F1", bounds, top=1.02)


def valence_arousal(results: Sequence[Result]) -> Figure | None:
    """Where each system puts the clips; crosses are the means of each true label. None where it states no arousal."""
    kept = [(result, [row for row in result.clips if row["valence"] is not None and row["arousal"] is not None])
            for result in results]  # fmt: skip
    kept = [(result, rows) for result, rows in kept if rows]
    if not kept:
        return None
    labels = labels_of([result for result, _ in kept])
    colours = mpl.colormaps["tab10" if len(labels) <= 10 else "tab20"]
    figure = Figure(figsize=(3.9 * len(kept) + 0.9, 3.9), layout="constrained")
    for axes, (result, rows) in zip(_row(figure, len(kept)), kept, strict=True):
        groups = defaultdict(list)
        for row in rows:
            groups[row["true_label"] or ""].append((row["valence"], row["arousal"]))
        for label, points in sorted(groups.items()):
            colour = colours(labels.index(label) % colours.N) if label in labels else GREY
            xs, ys = zip(*points, strict=True)
            axes.scatter(xs, ys, s=9, color=colour, alpha=0.45, linewidths=0)
            axes.scatter([sum(xs) / len(xs)], [sum(ys) / len(ys)], s=70, marker="P", color=colour, edgecolors="black",
                         linewidths=0.7, label=label or "no label", zorder=3)  # fmt: skip
        axes.axhline(0, color=GREY, linewidth=0.7)
        axes.axvline(0, color=GREY, linewidth=0.7)
        axes.set(xlim=(-1.05, 1.05), ylim=(-1.05, 1.05), xlabel="valence", ylabel="arousal", title=result.name)
        axes.set_aspect("equal")
    axes.legend(loc="center left", bbox_to_anchor=(1.02, 0.5), frameon=False, fontsize=8)
    return figure


FIGURES: Mapping[str, Callable[[Sequence[Result]], Figure | None]] = {
    "confusions": confusions, "distributions": distributions, "f1": f1, "valence-arousal": valence_arousal,
}  # fmt: skip


def write(results: Sequence[Result], folder: Path, origin: str) -> list[Path]:
    """Writes every figure that the results have data for, as SVG and as PDF."""
    folder.mkdir(parents=True, exist_ok=True)
    written = []
    with mpl.rc_context(STYLE):
        for name, draw in FIGURES.items():
            if (figure := draw(results)) is not None:
                written += _save(figure, folder / name, f"{name}: {'; '.join(origin.splitlines())}", origin)
    return written


def _save(figure: Figure, stem: Path, title: str, origin: str) -> list[Path]:
    width, height = figure.get_size_inches()
    wrapped = "\n".join(textwrap.fill(line, int(25 * width)) for line in origin.splitlines())
    below = LINE * (wrapped.count("\n") + 2)
    figure.set_size_inches(width, height + below)
    engine: Any = figure.get_layout_engine()
    if engine is not None:
        engine.set(rect=(0, below / (height + below), 1, height / (height + below)))
    figure.text(0.01, 0.02 / (height + below), wrapped, size=5.5, color="#555555", va="bottom")
    FigureCanvasAgg(figure)
    paths = []
    for kind in KINDS:
        path = stem.with_suffix(f".{kind}")
        metadata = {"Title": title, "Date": None} if kind == "svg" else {"Title": title, "CreationDate": None}
        partial = path.with_name(f".{path.name}.part")
        figure.savefig(partial, format=kind, metadata=metadata)
        partial.replace(path)
        paths.append(path)
    return paths


def _row(figure: Figure, count: int) -> list[Any]:
    return list(figure.subplots(1, count, squeeze=False)[0])


def _bars(
    labels: Sequence[str],
    rows: Sequence[tuple[str, str, Sequence[float]]],
    title: str,
    bounds: Sequence[tuple[Sequence[float], Sequence[float]]] | None = None,
    top: float | None = None,
) -> Figure:
    figure = Figure(figsize=(max(3.6, 0.7 * len(labels) + 1.2), 2.8), layout="constrained")
    (axes,) = _row(figure, 1)
    width = 0.8 / len(rows)
    for index, (name, colour, values) in enumerate(rows):
        positions = [at + (index - (len(rows) - 1) / 2) * width for at in range(len(labels))]
        axes.bar(positions, values, width, label=name, color=colour)
        if bounds is not None:
            axes.errorbar(
                positions, values, yerr=bounds[index], fmt="none", ecolor="#444444", elinewidth=0.8, capsize=1.5
            )
    axes.set_xticks(range(len(labels)), labels, rotation=30, ha="right")
    axes.set_ylabel(title)
    if top is not None:
        axes.set_ylim(0, top)
    axes.legend(frameon=False, fontsize=8, loc="lower left", bbox_to_anchor=(0, 1), ncols=3)
    return figure

"""The report's pictures, drawn by plotly: one figure, one function. Colours tell systems apart."""

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

import plotly.graph_objects as go  # type: ignore[import-untyped]
from plotly.subplots import make_subplots  # type: ignore[import-untyped]

from affekt_benchmark.results import Result

COLOURS = ("#3d6fb6", "#d9783f")
GREY = "#9aa5b1"
LAYOUT: Mapping[str, Any] = {
    "font": {"family": "system-ui, sans-serif", "size": 13},
    "margin": {"l": 60, "r": 20, "t": 60, "b": 60},
    "paper_bgcolor": "rgba(0,0,0,0)",
    "plot_bgcolor": "rgba(0,0,0,0)",
    "legend": {"orientation": "h", "y": 1.06, "yanchor": "bottom", "x": 0},
}


def html(figure: go.Figure, height: int) -> str:
    """The figure as a piece of a page that holds plotly.js already; nothing is fetched."""
    figure.update_layout(**LAYOUT, height=height)
    config = {"displayModeBar": False, "responsive": True}
    return str(figure.to_html(full_html=False, include_plotlyjs=False, config=config))


def labels_of(results: Sequence[Result]) -> list[str]:
    """Every label that is true or answered, in the order of the vocabulary where there is one."""
    vocabulary: list[str] = next((r.about["vocabulary"]["labels"] for r in results if r.about["vocabulary"]), [])
    present = {row[side] for r in results for row in r.clips for side in ("true_label", "answer") if row[side]}
    return [*(word for word in vocabulary if word in present), *sorted(present - set(vocabulary))]


def confusions(results: Sequence[Result]) -> str:
    """Share of each true label that was answered as each; the numbers are counts."""
    labels = labels_of(results)
    figure = make_subplots(cols=len(results), rows=1, subplot_titles=[r.name for r in results], horizontal_spacing=0.14)
    for column, result in enumerate(results, 1):
        counts = Counter((row["true_label"], row["answer"]) for row in result.clips if row["answer"])
        table = [[counts[true, answered] for answered in labels] for true in labels]
        shares = [[count / max(1, sum(row)) for count in row] for row in table]
        figure.add_trace(
            go.Heatmap(
                z=shares, x=labels, y=labels, text=table, texttemplate="%{text}", colorscale="Blues", zmin=0, zmax=1,
                showscale=False, hovertemplate="true %{y}, answered %{x}: %{text} (%{z:.0%})<extra></extra>",
            ),
            row=1, col=column,
        )  # fmt: skip
        figure.update_xaxes(title_text="answered", row=1, col=column)
    figure.update_yaxes(autorange="reversed")
    figure.update_yaxes(title_text="true", row=1, col=1)
    return html(figure, 120 + 42 * len(labels))


def distributions(results: Sequence[Result]) -> str:
    """How often each label is true, and how often each system answers it: a system that says one thing shows here."""
    labels = labels_of(results)
    true = Counter(row["true_label"] for row in results[0].clips)
    figure = go.Figure(go.Bar(name="true", x=labels, y=[true[label] for label in labels], marker_color=GREY))
    for result, colour in zip(results, COLOURS, strict=False):
        answers = Counter(row["answer"] for row in result.clips)
        figure.add_bar(name=result.name, x=labels, y=[answers[label] for label in labels], marker_color=colour)
    figure.update_layout(barmode="group", yaxis_title="clips")
    return html(figure, 340)


def reliability(results: Sequence[Result]) -> str:
    """Accuracy of the answers in each bin of confidence; on the line, confidence can be believed. Size is clips."""
    figure = go.Figure()
    figure.add_scatter(x=[0, 1], y=[0, 1], mode="lines", line={"dash": "dot", "color": GREY}, name="perfect")
    for result, colour in zip(results, COLOURS, strict=False):
        measures = result.measures.get("calibration", {})
        bins = [name[: -len(".n")] for name in measures if name.startswith("bin:") and name.endswith(".n")]
        clips = [measures[f"{name}.n"] for name in bins]
        most = max(clips, default=1)
        figure.add_scatter(
            x=[measures[f"{name}.confidence"] for name in bins], y=[measures[f"{name}.accuracy"] for name in bins],
            mode="lines+markers", name=f"{result.name}, ECE {measures.get('ece', float('nan')):.3f}", text=clips,
            marker={"size": [6 + 18 * (count / most) ** 0.5 for count in clips], "color": colour}, line={"width": 1},
            hovertemplate="confidence %{x:.2f}, right %{y:.2f}, %{text} clips<extra></extra>",
        )  # fmt: skip
    figure.update_layout(xaxis_title="confidence", yaxis_title="right")
    figure.update_xaxes(range=[0, 1.02])
    figure.update_yaxes(range=[-0.04, 1.04])
    return html(figure, 420)


def coverage(results: Sequence[Result]) -> str:
    """Errors that remain when only the most confident answers are given."""
    figure = go.Figure()
    for result, colour in zip(results, COLOURS, strict=False):
        rows = sorted((row for row in result.clips if row["answer"]), key=lambda row: -row["confidence"])
        wrong, risks = 0, []
        for count, row in enumerate(rows, 1):
            wrong += row["answer"] != row["true_label"]
            risks.append(wrong / count)
        area = result.measures.get("risk-coverage", {}).get("aurc", float("nan"))
        figure.add_scatter(
            x=[(index + 1) / len(rows) for index in range(len(rows))], y=risks, mode="lines", line={"color": colour},
            name=f"{result.name}, area {area:.3f}",
        )  # fmt: skip
    figure.update_layout(xaxis_title="coverage", yaxis_title="wrong among them")
    figure.update_yaxes(rangemode="tozero")
    return html(figure, 420)


def by_class(results: Sequence[Result]) -> str:
    """Recall of each label, with intervals."""
    figure = go.Figure()
    for result, colour in zip(results, COLOURS, strict=False):
        measures = result.measures.get("uar", {})
        labels = [label for label in labels_of(results) if f"recall:{label}" in measures]
        values = [measures[f"recall:{label}"] for label in labels]
        lows = [measures.get(f"recall:{label}.low", value) for label, value in zip(labels, values, strict=True)]
        highs = [measures.get(f"recall:{label}.high", value) for label, value in zip(labels, values, strict=True)]
        figure.add_bar(
            name=result.name, x=labels, y=values, marker_color=colour,
            error_y={
                "type": "data", "symmetric": False, "thickness": 1, "color": "#555",
                "array": [max(0.0, high - value) for high, value in zip(highs, values, strict=True)],
                "arrayminus": [max(0.0, value - low) for low, value in zip(lows, values, strict=True)],
            },
        )  # fmt: skip
    figure.update_layout(barmode="group", yaxis_title="recall")
    figure.update_yaxes(range=[0, 1.02])
    return html(figure, 340)


def by_group(results: Sequence[Result]) -> str:
    """Accuracy of each speaker's clips; empty where clips have none, or too many have one."""
    groups = sorted({row["group"] for result in results for row in result.clips if row["group"]})
    if not 1 < len(groups) <= 60:
        return ""
    short = [group.removeprefix(f"{results[0].about['suite']}-") for group in groups]
    figure = go.Figure()
    for result, colour in zip(results, COLOURS, strict=False):
        rows = [[row for row in result.clips if row["group"] == group and row["answer"]] for group in groups]
        right = [sum(row["answer"] == row["true_label"] for row in some) for some in rows]
        figure.add_bar(
            name=result.name, x=short, marker_color=colour,
            text=[f"{count} of {len(some)}" for count, some in zip(right, rows, strict=True)],
            y=[count / max(1, len(some)) for count, some in zip(right, rows, strict=True)], textposition="none",
            hovertemplate="%{x}: %{text} right<extra></extra>",
        )  # fmt: skip
    figure.update_layout(barmode="group", yaxis_title="accuracy", xaxis={"type": "category", "title": "speaker"})
    figure.update_yaxes(range=[0, 1.02])
    return html(figure, 360)


def variants(rows: Sequence[Mapping[str, Any]], measure: str) -> str:
    """Every variant's value and change against the first, with 95 % intervals; grey unless Holm's p is below 0.05."""
    figure = make_subplots(
        cols=2, rows=1, shared_yaxes=True, horizontal_spacing=0.06, subplot_titles=[measure, "change against the first"]
    )
    figures = [row["figures"][measure] for row in rows]
    changes = [row["changes"].get(measure) for row in rows]
    clear = [change is not None and change["p_holm"] is not None and change["p_holm"] < 0.05 for change in changes]
    for column, estimates, middle in ((1, figures, "value"), (2, changes, "difference")):
        for row, estimate, sure in zip(rows, estimates, clear, strict=True):
            if estimate is None or estimate["low"] is None:
                continue
            colour = COLOURS[0] if sure or column == 1 else GREY
            figure.add_scatter(
                x=[estimate[middle]], y=[row["name"]], mode="markers", showlegend=False,
                marker={"size": 9, "color": colour},
                error_x={"type": "data", "symmetric": False, "thickness": 1.5, "color": colour,
                         "array": [estimate["high"] - estimate[middle]],
                         "arrayminus": [estimate[middle] - estimate["low"]]},
                hovertemplate=f"%{{y}}: %{{x:.3f}}, {estimate['low']:.3f} to {estimate['high']:.3f}<extra></extra>",
                row=1, col=column,
            )  # fmt: skip
    figure.add_vline(x=0, line_dash="dot", line_color=GREY, row=1, col=2)
    figure.update_yaxes(autorange="reversed", type="category", categoryorder="array",
                        categoryarray=[row["name"] for row in rows], automargin=True)  # fmt: skip
    figure.update_xaxes(gridcolor="#e1e5ea")
    return html(figure, 130 + 34 * len(rows))

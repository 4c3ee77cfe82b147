"""What a run did, for people: Markdown with learning curves, beside the machine's `report.json`."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import yaml
from rich.table import Table

from affekt_training.config import StageConfig
from affekt_training.estimate import Estimate


def write(config: StageConfig, outcome: Mapping[str, Any], cost: Estimate | None = None) -> Path:
    """Writes `report.md` into the run's folder: figures, learning curves, losses by reason, the configuration."""
    curves = draw(outcome["history"], config.out / "curves.svg")
    rows = [f"| {name} | {value} |" for name, value in _figures(outcome, cost)]
    history = [
        f"| {entry['step']} | {entry.get('loss', '')} | {entry.get('eval_loss', '')} |"
        for entry in outcome["history"]
        if "loss" in entry or "eval_loss" in entry
    ]
    settings = yaml.safe_dump(config.model_dump(mode="json", exclude_defaults=True), sort_keys=False)
    text = "\n".join(
        [
            f"# {config.name}",
            "",
            "| | |",
            "|---|---|",
            *rows,
            "",
            *([f"![Learning curves]({curves.name})", ""] if curves else []),
            *_data(outcome.get("data", [])),
            "| Step | Training loss | Validation loss |",
            "|---|---|---|",
            *history,
            "",
            "```yaml",
            settings + "```",
            "",
        ]
    )
    file = config.out / "report.md"
    file.write_text(text, encoding="utf-8")
    return file


def draw(history: Sequence[Mapping[str, Any]], file: Path) -> Path | None:
    """Draws losses and the learning rate over the steps; None where nothing was logged."""
    curves = {
        name: [(entry["step"], entry[name]) for entry in history if name in entry]
        for name in ("loss", "eval_loss", "learning_rate")
    }
    if not curves["loss"] and not curves["eval_loss"]:
        return None
    from matplotlib.backends.backend_svg import FigureCanvasSVG
    from matplotlib.figure import Figure

    figure = Figure(figsize=(7, 4), layout="constrained")
    losses, rates = figure.subplots(2, 1, sharex=True, height_ratios=(3, 1))
    for name, title in (("loss", "training"), ("eval_loss", "validation")):
        if curves[name]:
            losses.plot(*zip(*curves[name], strict=True), marker="." if len(curves[name]) < 40 else "", label=title)
    losses.set_ylabel("loss")
    losses.legend()
    if curves["learning_rate"]:
        rates.plot(*zip(*curves["learning_rate"], strict=True))
    rates.set_ylabel("learning rate")
    rates.set_xlabel("step")
    FigureCanvasSVG(figure).print_svg(str(file))  # type: ignore[no-untyped-call]
    return file


def _data(parts: Sequence[Mapping[str, Any]]) -> list[str]:
    """A row a data set: what was used, and what was not, by reason."""
    if not parts:
        return []
    rows = [
        f"| {part['set']} | {part['clips']} | {part['computed']} | {_counts(part['left_out'])} "
        f"| {_counts(part['teach_nothing_or_less'])} |"
        for part in parts
    ]
    head = "| Data set | Clips | Features computed now | Left out | Teach nothing, or less |"
    return [head, "|---|---|---|---|---|", *rows, ""]


def _counts(counts: Mapping[str, int]) -> str:
    return ", ".join(f"{reason} ({count})" for reason, count in counts.items())


def table(outcome: Mapping[str, Any]) -> Table:
    """The figures for the terminal."""
    table = Table("", "", title=str(outcome["name"]), show_header=False)
    for name, value in _figures(outcome, None):
        table.add_row(name, value)
    return table


def _figures(outcome: Mapping[str, Any], cost: Estimate | None) -> list[tuple[str, str]]:
    best = outcome["best_validation_loss"]
    figures = [
        ("steps", str(outcome["steps"])),
        ("time", f"{outcome['seconds'] / 60:.1f} min" + (f" (estimated: {cost.seconds / 60:.1f})" if cost else "")),
        ("training loss", f"{outcome['training_loss']:.4f}"),
        ("best validation loss", "none was asked for" if best is None else f"{best:.4f}"),
        ("temperature", f"{outcome['temperature']:.2f}"),
    ]
    if cost:
        figures.append(("memory", f"{cost.gibibytes:.1f} GiB"))
        figures.append(("parameters", f"{cost.trained:,} trained, {cost.frozen:,} frozen"))
    return figures

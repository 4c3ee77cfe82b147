"""What a run did, for people: Markdown beside the machine's `report.json`."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml
from rich.table import Table

from affekt_training.config import StageConfig
from affekt_training.estimate import Estimate


def write(config: StageConfig, told: Mapping[str, Any], cost: Estimate | None = None) -> Path:
    """Writes `report.md` into the run's folder: figures, the course of the losses, and the exact configuration."""
    rows = [f"| {name} | {value} |" for name, value in _figures(told, cost)]
    course = [
        f"| {entry['step']} | {entry.get('loss', '')} | {entry.get('eval_loss', '')} |"
        for entry in told["history"]
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
            "| Step | Training loss | Validation loss |",
            "|---|---|---|",
            *course,
            "",
            "```yaml",
            settings + "```",
            "",
        ]
    )
    file = config.out / "report.md"
    file.write_text(text, encoding="utf-8")
    return file


def table(told: Mapping[str, Any]) -> Table:
    """The figures for the terminal."""
    found = Table("", "", title=str(told["name"]), show_header=False)
    for name, value in _figures(told, None):
        found.add_row(name, value)
    return found


def _figures(told: Mapping[str, Any], cost: Estimate | None) -> list[tuple[str, str]]:
    best = told["best_validation_loss"]
    found = [
        ("steps", str(told["steps"])),
        ("time", f"{told['seconds'] / 60:.1f} min" + (f" (estimated: {cost.seconds / 60:.1f})" if cost else "")),
        ("training loss", f"{told['training_loss']:.4f}"),
        ("best validation loss", "none was asked for" if best is None else f"{best:.4f}"),
        ("temperature", f"{told['temperature']:.2f}"),
    ]
    if cost:
        found.append(("memory", f"{cost.gibibytes:.1f} GiB"))
        found.append(("parameters", f"{cost.trained:,} trained, {cost.frozen:,} frozen"))
    return found

"""A timeline in several formats at once, each file read back to report what it kept."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from affekt import OptionsError
from affekt_recordings import Analysis

from affekt_exchange.files import free_path, safe_stem
from affekt_exchange.losses import LossReport, compare
from affekt_exchange.registry import FormatInfo, format_named
from affekt_exchange.results import from_analysis
from affekt_exchange.timeline import Timeline


@dataclass(frozen=True, kw_only=True)
class Exported:
    """What one format wrote."""

    format: str
    files: tuple[Path, ...]
    report: LossReport

    def to_dict(self) -> dict[str, Any]:
        """Plain data for JSON."""
        return {"format": self.format, "files": [str(path) for path in self.files], "report": self.report.to_dict()}


def formats_named(names: str) -> list[FormatInfo]:
    """The formats of a comma-separated list.

    Raises:
        ComponentNotFound: one of them does not exist.
        OptionsError: none is named.
    """
    wanted = list(dict.fromkeys(name.strip() for name in names.split(",") if name.strip()))
    if not wanted:
        raise OptionsError("no format is named", hint="--to elan,csv")
    return [format_named(name) for name in wanted]


def require_formats(names: str) -> None:
    """Refuses formats that do not exist or cannot be loaded, before anything is analysed.

    Raises:
        AffektError: one of them does not exist, or a package that it needs is not installed.
    """
    for info in formats_named(names):
        info.load()


def export(timeline: Timeline, to: Sequence[FormatInfo], folder: Path) -> list[Exported]:
    """Writes the timeline in each format. A file that is there stays, and the new one gets a number.

    Raises:
        ExchangeError: a file cannot be written.
    """
    suffixes = tuple(suffix for info in to if not info.folder for suffix in info.suffixes)
    target = free_path(folder, safe_stem(timeline.media), suffixes)
    done = []
    for info in to:
        form = info.load()
        files = form.write(timeline, folder if info.folder else target)
        report = compare(timeline, form.read(files[0]))
        done.append(Exported(format=info.name, files=tuple(files), report=report))
    return done


def export_analysis(felt: Analysis, names: str, folder: Path) -> list[Exported]:
    """Writes an analysis in the formats of a comma-separated list."""
    return export(from_analysis(felt), formats_named(names), folder)


def describe(exported: Sequence[Exported]) -> list[str]:
    """What was written and how it fared, in lines for a terminal."""
    lines = []
    for written in exported:
        lines.append(f"{written.format}: {', '.join(map(str, written.files))}")
        kept = [loss.aspect for loss in written.report.losses if not loss.approximated and not loss.lost]
        if kept:
            lines.append(f"  kept          {', '.join(kept)}")
        for loss in written.report.losses:
            total = loss.kept + loss.approximated + loss.lost
            for fate, count in (("approximated", loss.approximated), ("lost", loss.lost)):
                if count:
                    example = " ".join(loss.example.split())
                    lines.append(f"  {fate:<13} {loss.aspect}: {count} of {total}, such as {example}")
    return lines

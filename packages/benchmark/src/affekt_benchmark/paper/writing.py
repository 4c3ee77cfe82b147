"""Everything for a paper in one folder: tables.tex, tables.md and figures."""

import json
from collections.abc import Sequence
from pathlib import Path

from affekt import MissingDependency

from affekt_benchmark import origin
from affekt_benchmark.material.suites import BenchmarkError
from affekt_benchmark.paper import tables
from affekt_benchmark.reports.report import ABLATION, require_one_suite
from affekt_benchmark.reports.tables import Table, latex, markdown
from affekt_benchmark.results import Result


def write(results: Sequence[Result], folder: Path, most_errors: int) -> list[Path]:
    """Writes tables and figures about results of one suite, and returns the files.

    Raises:
        BenchmarkError: the results are of different suites.
        MissingDependency: matplotlib is not installed.
    """
    require_one_suite(results)
    try:
        from affekt_benchmark.paper import figures
    except ImportError as error:
        raise MissingDependency(
            f"figures need matplotlib: {error}", hint='pip install "affekt-benchmark[paper]"'
        ) from error
    origins = [f"{result.name}: {origin.line(result.about)}" for result in results]
    all_tables = tables.all_tables(results, most_errors)
    written = _tables(all_tables, folder, str(results[0].about["suite"]), origins)
    closed = all(row["true_label"] for result in results for row in result.clips)
    return written + (figures.write(results, folder, "\n".join(origins)) if closed else [])


def write_ablation(folder: Path, out: Path) -> list[Path]:
    """Writes the table of an ablation.

    Raises:
        BenchmarkError: the folder holds no ablation.
    """
    try:
        document = json.loads((folder / ABLATION).read_text(encoding="utf-8"))
        table = tables.ablation(document)
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise BenchmarkError(f'"{folder}" holds no ablation: {error}', hint="affekt ablate PLAN -o FOLDER") from error
    return _tables([table], out, "ablation", [origin.line({**document, "seed": document["plan"].get("seed")})])


def _tables(all_tables: Sequence[Table], folder: Path, name: str, origins: Sequence[str]) -> list[Path]:
    files = {
        "tables.tex": latex(all_tables, "\n".join(origins), name.replace("/", "-")),
        "tables.md": markdown(name, all_tables, [f"{line}." for line in origins]),
    }
    folder.mkdir(parents=True, exist_ok=True)
    for file, text in files.items():
        partial = folder / f".{file}.part"
        partial.write_text(text, encoding="utf-8")
        partial.replace(folder / file)
    return [folder / file for file in files]

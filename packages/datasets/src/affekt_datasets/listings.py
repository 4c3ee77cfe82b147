"""The text files of data sets: CSV with named columns, and lists of space-separated fields."""

import csv
import io
import math
from collections.abc import Iterator, Sequence
from pathlib import Path

from affekt_datasets.decoding import text_of
from affekt_datasets.errors import DatasetError
from affekt_datasets.problems import Report

Row = dict[str, str]


def rows(path: Path, needed: Sequence[str], report: Report, *, delimiter: str = ",") -> Iterator[tuple[str, Row]]:
    """(where, row) of a CSV file; rows with another number of fields than the heading are noted and left out.

    Raises:
        DatasetError: it lacks a column.
    """
    reader = csv.reader(io.StringIO(text_of(path, report), newline=""), delimiter=delimiter)
    heading = [column.strip() for column in next(reader, [])]
    if absent := [column for column in needed if column not in heading]:
        raise DatasetError(f'"{path}" has no column "{absent[0]}"; found {heading}', hint="the official file")
    for fields in reader:
        where = f"{path.name}:{reader.line_num}"
        if len(fields) != len(heading):
            if fields:
                report.add("bad row", f"{len(fields)} fields for {len(heading)} columns", where)
            continue
        yield where, dict(zip(heading, fields, strict=True))


def lines(path: Path, least: int, report: Report) -> Iterator[tuple[str, list[str]]]:
    """(where, fields) of a file of space-separated fields; shorter lines are noted and left out."""
    for number, line in enumerate(text_of(path, report).splitlines(), 1):
        fields = line.split()
        if len(fields) >= least:
            yield f"{path.name}:{number}", fields
        elif fields:
            report.add("bad row", line, f"{path.name}:{number}")


def texts(path: Path | None, columns: Sequence[str], report: Report) -> dict[str, str]:
    """Clip → text from the first of these columns that a transcript has; empty without a transcript.

    Raises:
        DatasetError: it has none of the columns.
    """
    if path is None:
        return {}
    heading = [column.strip() for column in next(csv.reader(io.StringIO(text_of(path, Report()), newline="")), [])]
    column = next((column for column in columns if column in heading), None)
    if column is None:
        raise DatasetError(f'"{path}" has none of the columns {list(columns)}; found {heading}')
    return {row["name"]: row[column] for _, row in rows(path, ("name", column), report) if row[column].strip()}


def number(written: str, report: Report, where: str, absent: float | None = None) -> float | None:
    """A number; None where there is none or it is the data set's mark for an absent one."""
    if not written.strip():
        return None
    try:
        value = float(written)
    except ValueError:
        value = math.nan
    if not math.isfinite(value):
        report.add("bad row", f'"{written}" is no number', where)
        return None
    return None if value == absent else value

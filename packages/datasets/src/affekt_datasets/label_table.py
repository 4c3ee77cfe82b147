"""A table of one's own, as spreadsheets and statistics programs write it.

The heading has to name the column of the files, so it also shows the delimiter: of commas, semicolons, tabs and bars,
the one that gives the most known columns. That holds for a table of two rows, where `csv.Sniffer` and its like have too
little to count.
"""

import csv
import io
import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from affekt_datasets.decoding import text_of
from affekt_datasets.errors import DatasetError
from affekt_datasets.problems import Report

if TYPE_CHECKING:
    from _csv import Reader

Row = dict[str, str]

DELIMITERS = {",": "commas", ";": "semicolons", "\t": "tabs", "|": "bars"}
_SEPARATOR_LINE = re.compile(r"""["']?sep=(.)["']?[ \t]*(?:\r\n|\r|\n)""")
"""With which Excel states what stands between the columns."""


@dataclass(frozen=True, kw_only=True)
class LabelTable:
    """Rows by the names of their columns."""

    rows: tuple[tuple[str, Row], ...]
    """(where it stands, column → cell) of every row. Cells are as written; columns that are known go by that name."""
    delimiter: str
    columns: tuple[str, ...]
    """Columns that are known keep that name; the others have theirs as written."""


def read_label_table(
    path: Path, columns: Mapping[str, Sequence[str]], needed: str, report: Report, *, encoding: str | None = None
) -> LabelTable:
    """Reads the table, and notes in the report what the file does not say and rows that cannot be read.

    Args:
        columns: column → names for it in a heading, the likeliest first; their case does not matter.
        needed: the column without which there is no table.
        encoding: None recognises it.

    Raises:
        DatasetError: it lacks the column, has a column twice, or is no text.
    """
    text = text_of(path, report, encoding)
    stated = _SEPARATOR_LINE.match(text)
    body = text[stated.end() :] if stated else text
    delimiters = [stated[1]] if stated else list(DELIMITERS)
    headings = {delimiter: _heading(body, delimiter, columns) for delimiter in delimiters}
    delimiter = max(delimiters, key=lambda candidate: sum(name in columns for name in headings[candidate]))
    heading = headings[delimiter]
    if needed not in heading:
        first = next(iter(body.splitlines()), "")
        raise DatasetError(
            f'"{path}" has none of the columns {list(columns[needed])}; found {first!r}',
            hint=f"a first line such as {columns[needed][0]},label",
        )
    if twice := next((name for name in heading if name and heading.count(name) > 1), None):
        raise DatasetError(f'"{path}" has two columns "{twice}"', hint="one of them under another name")
    if not stated and delimiter != ",":
        report.add("assumed", f"{DELIMITERS[delimiter]} stand between the columns", path.name)
    rows = tuple(_rows(path.name, body, delimiter, heading, int(stated is not None), report))
    return LabelTable(rows=rows, delimiter=delimiter, columns=tuple(name for name in heading if name))


def _heading(text: str, delimiter: str, columns: Mapping[str, Sequence[str]]) -> list[str]:
    try:
        written = [unicodedata.normalize("NFC", name).strip() for name in next(_reader(text, delimiter), [])]
    except csv.Error:
        return []
    plain = [re.sub(r"[\s_-]+", "_", name.casefold()) for name in written]
    for column, names in columns.items():
        # A second name is another column where the first is there as well: "file" beside "file_name".
        if name := next((name for name in names if name in plain), None):
            written = [
                column if plain_name == name else shown for plain_name, shown in zip(plain, written, strict=True)
            ]
    return written


def _reader(text: str, delimiter: str) -> "Reader":
    # Lines end where CSV says they do, not at every sign that Unicode calls a line separator.
    return csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, skipinitialspace=True, strict=True)


def _rows(
    name: str, text: str, delimiter: str, heading: list[str], offset: int, report: Report
) -> list[tuple[str, Row]]:
    reader, rows = _reader(text, delimiter), list[tuple[str, Row]]()
    next(reader)
    while True:
        try:
            fields = next(reader)
        except StopIteration:
            return rows
        except csv.Error as error:
            report.add("bad row", f"its quotes do not close: {error}", f"{name}:{reader.line_num + offset}")
            continue
        where = f"{name}:{reader.line_num + offset}"
        if not any(field.strip() for field in fields):
            continue
        if any(field.strip() for field in fields[len(heading) :]) or len(fields) < len(heading):
            report.add("bad row", f"{len(fields)} fields for {len(heading)} columns", where)
            continue
        rows.append((where, {column: field for column, field in zip(heading, fields, strict=False) if column}))

"""CSV in the long form, UTF-8, and beside it a schema after W3C's CSV on the Web, which also holds what no row does.

A cell that a spreadsheet would take for a formula gets an apostrophe, which is taken off again on the way back.
"""

import csv
import io
import json
from pathlib import Path
from typing import Any

from affekt_exchange.files import MOST_SPANS, ExchangeError, json_of, read_text, require_few, write_whole
from affekt_exchange.rows import COLUMNS, facts_of, rows_of, timeline_of
from affekt_exchange.timeline import Timeline

SUFFIX = ".csv"
SCHEMA = "-metadata.json"
"""Appended to the table's name, as CSV on the Web looks for it."""
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠", "'")


class CsvTable:
    """A table and its schema."""

    def write(self, timeline: Timeline, target: Path) -> list[Path]:
        """`.csv`, and `.csv-metadata.json`."""
        path = target.with_name(f"{target.name}{SUFFIX}")
        write_whole(path, table_bytes(rows_of(timeline)))
        schema = path.with_name(path.name + SCHEMA)
        write_whole(schema, (json.dumps(_schema(path.name, timeline), ensure_ascii=False, indent=1) + "\n").encode())
        return [path, schema]

    def read(self, path: Path) -> Timeline:
        """The timeline of a table with at least start, end and label.

        Raises:
            ExchangeError: a column is missing, a value is no number, or there are too many rows.
        """
        rows = read_rows(path)
        schema = path.with_name(path.name + SCHEMA)
        facts = json_of(schema, read_text(schema)) if schema.is_file() else {}
        return timeline_of(rows, facts.get("affekt:timeline") if isinstance(facts, dict) else None, f'"{path}"')


def table_bytes(rows: list[dict[str, Any]]) -> bytes:
    """The table, guarded against formulas."""
    stream = io.StringIO()
    writer = csv.DictWriter(stream, COLUMNS, lineterminator="\r\n")
    writer.writeheader()
    for row in rows:
        texts = {name: guarded(value) for name, value in row.items() if COLUMNS[name][0] == "string"}
        writer.writerow(row | texts)  # a number needs no guard, and with one it would be none
    return stream.getvalue().encode()


def read_rows(path: Path) -> list[dict[str, str]]:
    """The rows of a table, without the guards."""
    text = read_text(path)
    require_few(path, "lines", text.count("\n"), 4 * MOST_SPANS)
    reader = csv.DictReader(io.StringIO(text, newline=""), strict=True)
    try:
        names = [name.strip().lower() for name in reader.fieldnames or ()]
        if lacking := [name for name in ("start", "end", "label") if name not in names]:
            raise ExchangeError(
                f'"{path}" has no column {", ".join(lacking)}; found {", ".join(names)[:200] or "nothing"}',
                hint="start, end (seconds) and label",
            )
        reader.fieldnames = names
        rows = [
            {name: unguarded(value) for name, value in row.items() if name and isinstance(value, str)} for row in reader
        ]
    except csv.Error as error:
        raise ExchangeError(
            f'"{path}", line {reader.line_num}: {error}', hint="commas, and quotes around text"
        ) from error
    return rows


def guarded(text: str) -> str:
    """The text, with an apostrophe where a spreadsheet would calculate."""
    return f"'{text}" if text.startswith(_FORMULA) else text


def unguarded(text: str) -> str:
    """The text without the apostrophe that guards it."""
    return text[1:] if text[:1] == "'" and text[1:].startswith(_FORMULA) else text


def _schema(name: str, timeline: Timeline) -> dict[str, Any]:
    columns = [
        {"name": column, "titles": column, "datatype": kind, "dc:description": text}
        for column, (kind, text) in COLUMNS.items()
    ]
    return {
        "@context": ["http://www.w3.org/ns/csvw", {"affekt": "https://affekt-project.github.io/affekt/terms#"}],
        "url": name,
        "dialect": {"encoding": "utf-8", "header": True, "lineTerminators": ["\r\n"]},
        "tableSchema": {"columns": columns},
        "affekt:timeline": facts_of(timeline),
    }

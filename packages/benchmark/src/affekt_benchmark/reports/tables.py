"""A table as plain data, and the same on the console, in Markdown and in LaTeX."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from rich.box import SIMPLE
from rich.cells import cell_len
from rich.console import Console
from rich.markup import escape
from rich.table import Table as RichTable

Cell = str | int | float | tuple[float, float, float] | tuple[float, float, float, str] | None
"""Words, a count, a figure, a figure with the bounds of its interval and perhaps a mark, or nothing."""
MARKS = (("‡", 0.01), ("†", 0.05))
"""Mark → the p below which a difference has it."""
PADDING = 3
"""The padding of a column on the console, with what separates it from the next."""


@dataclass(frozen=True, kw_only=True)
class Table:
    """One table of a study."""

    name: str
    """Short, such as T1."""
    title: str
    columns: Sequence[str]
    rows: Sequence[Sequence[Cell]]
    notes: Sequence[str] = field(default_factory=tuple)

    def plain(self) -> dict[str, Any]:
        """The table as plain data for JSON; figures with bounds are lists of three numbers, and perhaps a mark."""
        rows = [[list(cell) if isinstance(cell, tuple) else cell for cell in row] for row in self.rows]
        return {"name": self.name, "title": self.title, "columns": list(self.columns), "rows": rows,
                "notes": list(self.notes)}  # fmt: skip


def figure(measures: Mapping[str, float], name: str) -> Cell:
    """A measure with its interval; nothing where it does not exist."""
    if name not in measures:
        return None
    if f"{name}.low" not in measures:
        return float(measures[name])
    return float(measures[name]), float(measures[f"{name}.low"]), float(measures[f"{name}.high"])


def written(cell: Cell) -> str:
    """The cell as a person reads it."""
    if cell is None:
        return "–"
    if isinstance(cell, tuple):
        value, low, high, mark = cell if len(cell) == 4 else (*cell, "")
        bounded = np.isfinite([low, high]).all()
        return f"{_number(value)}{mark} [{_number(low)}, {_number(high)}]" if bounded else f"{_number(value)}{mark}"
    return _number(cell) if isinstance(cell, float) else str(cell)


def _number(value: float) -> str:
    return f"{value:.3f}".replace("-", "−") if np.isfinite(value) else "–"


def show(console: Console, tables: Iterable[Table]) -> None:
    """All tables on the console; one that is too wide goes on below, with the names of its rows repeated."""
    for table in tables:
        for number, columns in enumerate(_fitting(table, console.width)):
            title = escape(f"{table.name} {table.title}{', continued' if number else ''}")
            shown = RichTable(*(escape(table.columns[column]) for column in columns), title=title, title_justify="left",
                              box=SIMPLE)  # fmt: skip
            for row in table.rows:
                shown.add_row(*(escape(written(row[column])) for column in columns))
            console.print(shown)
        for note in table.notes:
            console.print(escape(note), style="dim")


def _fitting(table: Table, width: int) -> list[list[int]]:
    """Columns that stand beside each other, all that fit; each part begins with those that name the rows."""
    texts = [all(isinstance(row[index], str) for row in table.rows) for index in range(len(table.columns))]
    named = texts.index(False) if False in texts else 1
    cells = [[title, *(written(row[index]) for row in table.rows)] for index, title in enumerate(table.columns)]
    widths = [max(map(cell_len, column)) + PADDING for column in cells]
    if sum(widths[:named]) > width / 2:
        named = 1
    left = width - PADDING - sum(widths[:named])
    parts, room = [list(range(named))], left
    for index in range(named, len(widths)):
        if widths[index] > room and len(parts[-1]) > named:
            parts.append(list(range(named)))
            room = left
        parts[-1].append(index)
        room -= widths[index]
    return parts


def markdown(heading: str, tables: Iterable[Table], lines: Sequence[str]) -> str:
    """A page with all tables."""
    parts = [f"# {heading}", *lines]
    for table in tables:
        rows = [[written(cell).replace("|", "\\|") for cell in row] for row in table.rows]
        body = [" | ".join(row) for row in ([*table.columns], ["---"] * len(table.columns), *rows)]
        parts.append(f"## {table.name} {table.title}\n\n" + "\n".join(f"| {line} |" for line in body))
        parts.extend(table.notes)
    return "\n\n".join(parts) + "\n"


_SPECIAL = {
    "\\": r"\textbackslash{}", "&": r"\&", "%": r"\%", "$": r"\$", "#": r"\#", "_": r"\_", "{": r"\{", "}": r"\}",
    "~": r"\textasciitilde{}", "^": r"\textasciicircum{}", "−": "$-$", "–": "--", "α": r"$\alpha$", "κ": r"$\kappa$",
    "<": "$<$", ">": "$>$", "|": "$|$", "…": r"\dots{}",
    "†": r"$^{\dagger}$", "‡": r"$^{\ddagger}$", "÷": r"$\div$", "→": r"$\to$", "±": r"$\pm$", "≥": r"$\geq$",
}  # fmt: skip


def tex(text: str) -> str:
    """Text with LaTeX's own signs written out."""
    return "".join(_SPECIAL.get(sign, sign) for sign in text)


def mark(p: float | None) -> str:
    """The mark of a difference with this p."""
    return next((sign for sign, level in MARKS if p is not None and p < level), "")


def latex(tables: Iterable[Table], comment: str, label: str) -> str:
    """Tables for a paper: booktabs, the caption with the notes, a label a table.

    Args:
        label: what the labels of the tables begin with, after "tab:".
    """
    parts = [f"% {line}" for line in comment.splitlines()]
    for table in tables:
        columns = "l" + "r" * (len(table.columns) - 1)
        rows = [" & ".join(tex(written(cell)) for cell in row) + r" \\" for row in table.rows]
        caption = " ".join([f"{table.title}.", *table.notes])
        parts += [
            r"\begin{table}", r"\centering\small", rf"\begin{{tabular}}{{{columns}}}", r"\toprule",
            " & ".join(map(tex, table.columns)) + r" \\", r"\midrule", *rows, r"\bottomrule", r"\end{tabular}",
            rf"\caption{{{tex(caption)}}}", rf"\label{{tab:{label}-{table.name.lower()}}}", r"\end{table}", "",
        ]  # fmt: skip
    return "\n".join(parts)

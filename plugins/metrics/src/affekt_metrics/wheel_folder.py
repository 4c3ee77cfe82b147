"""Reads the official emotion-wheel release: `wheel1..5.xlsx`, `synonym.xlsx` and `format.csv` of MER-UniBench."""

import csv
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path
from zipfile import BadZipFile

from affekt import DataError
from openpyxl import load_workbook  # type: ignore[import-untyped]
from openpyxl.utils.exceptions import InvalidFileException  # type: ignore[import-untyped]

from affekt_metrics.open_labels import parse
from affekt_metrics.pairs import tidy
from affekt_metrics.wheels import Wheel, Wheels, compile_wheels


@lru_cache(maxsize=2)
def read_wheels(folder: Path) -> Wheels:
    """The wheels of a folder, compiled.

    Raises:
        DataError: a file is missing, or is not what it should be.
    """
    try:
        wheels = [read_wheel(path) for path in sorted(folder.glob("wheel*.xlsx"))]
        if not wheels:
            raise DataError(f'"{folder}" holds no wheel1.xlsx', hint="the folder `emotion_wheel` of MERTools")
        synonyms = read_synonyms(folder / "synonym.xlsx")
        forms = read_forms(folder / "format.csv")
        candidates = {form: {word for base in bases for word in synonyms[base]} for form, bases in forms.items()}
    except (OSError, KeyError, TypeError, AttributeError, BadZipFile, InvalidFileException) as error:
        raise DataError(
            f'"{folder}" is not an emotion-wheel release: {error!r}',
            hint="a folder with wheel1.xlsx to wheel5.xlsx, synonym.xlsx and format.csv",
        ) from error
    return compile_wheels(str(folder), wheels, {form: sorted(words) for form, words in candidates.items()})


def _rows(path: Path) -> Iterator[dict[str, str | None]]:
    book = load_workbook(path, read_only=True)
    rows = book.worksheets[0].iter_rows(values_only=True)
    names = [str(name) for name in next(rows)]
    yield from (dict(zip(names, row, strict=False)) for row in rows)
    book.close()


def read_wheel(path: Path) -> Wheel:
    """A blank cell repeats the one above."""
    wheel: dict[str, dict[str, list[str]]] = {}
    rings = ["", "", ""]
    for row in _rows(path):
        for index, name in enumerate(("level1", "level2", "level3")):
            rings[index] = tidy(cell) if (cell := row[name]) is not None else rings[index]
        wheel.setdefault(rings[0], {}).setdefault(rings[1], []).append(rings[2])
    return wheel


def read_synonyms(path: Path) -> dict[str, set[str]]:
    """Word → the wheel words it is a synonym of, or is itself; all runs together."""
    wheel_words: dict[str, set[str]] = {}
    for row in _rows(path):
        for name, written in row.items():
            if not name.startswith("word_") or written is None:
                continue
            word = tidy(written)
            for synonym in (word, *parse(row[name.replace("word_", "synonym_")] or "")):
                wheel_words.setdefault(synonym, set()).add(word)
    return wheel_words


def read_forms(path: Path) -> dict[str, set[str]]:
    """Word form → the words it is a form of, or is itself."""
    base_words: dict[str, set[str]] = {}
    with path.open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            for form in (row["name"], *parse(row["format"])):
                base_words.setdefault(form, set()).add(row["name"])
    return base_words

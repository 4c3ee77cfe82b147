"""The clips of a folder, with the labels of a table that lies elsewhere."""

import unicodedata
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from affekt_datasets import DatasetError, Sample
from affekt_datasets.label_table import Row, read_label_table
from affekt_datasets.media_folders import clips_in
from affekt_datasets.problems import Report, described
from affekt_datasets.readers.folder import COLUMNS
from affekt_datasets.spelling import Spelling
from affekt_features.samples import samples_of


def samples_in(folder: str, labels: Path | None) -> list[Sample]:
    """The clips, in order of their names; those that the table does not name have no label.

    Args:
        folder: of clips; without a table also a data set's name or a .parquet file.
        labels: a CSV whose `file_name` is relative to the folder, with or without its suffix.

    Raises:
        DatasetError: the folder holds no clips, or the table cannot be read, is not in order or names other clips.
    """
    if labels is None:
        return samples_of(folder)
    root = Path(folder).expanduser()
    clips = list(clips_in(root))
    if not clips:
        raise DatasetError(f'"{root}" holds no clips', hint="a folder with .mp4, .mov, .wav, …")
    table = _rows(labels)
    samples = [_sample(path, path.relative_to(root).as_posix(), table) for path in clips]
    if table:
        raise DatasetError(
            f'"{labels}" names {len(table)} clips that "{root}" does not hold, such as "{next(iter(table))}"',
            hint="file_name relative to the folder",
        )
    return samples


def _rows(labels: Path) -> dict[str, Row]:
    """Composed file name → its row.

    Raises:
        DatasetError: the table cannot be read, or has rows that are none or twice the same clip.
    """
    report, rows = Report(), dict[str, Row]()
    try:
        table = read_label_table(labels, COLUMNS, "file_name", report)
    except OSError as error:
        raise DatasetError(
            f'"{labels}" cannot be read: {error.strerror}', hint="--labels CSV, a table with file_name and label"
        ) from error
    for where, row in table.rows:
        name = _composed(row["file_name"].strip())
        if not name:
            report.add("bad row", "no file name", where)
        elif name in rows:
            report.add("duplicate", name, where)
        else:
            rows[name] = row
    if grave := report.grave():
        kinds = dict.fromkeys(problem.kind for problem in grave)
        lines = [
            line for kind in kinds for line in described(kind, [problem for problem in grave if problem.kind == kind])
        ]
        raise DatasetError(f'"{labels}" is not in order:\n' + "\n".join(lines), hint="one row a clip")
    return rows


def _sample(path: Path, name: str, table: dict[str, Row]) -> Sample:
    """The clip with what its row says; the row is taken out of the table."""
    row = next((table.pop(key) for key in _keys(name) if key in table), {})
    stated: dict[str, Any] = {key: row[key].strip() or None for key in ("speaker", "text", "language") if key in row}
    return Sample(
        id=Path(name).with_suffix("").as_posix(),
        media=path,
        label=Spelling(lower=False).label(row.get("label", "")),
        notes={key: cell.strip() for key, cell in row.items() if key not in COLUMNS and cell.strip()},
        **stated,
    )


def _keys(name: str) -> Iterator[str]:
    yield _composed(name)
    yield _composed(Path(name).with_suffix("").as_posix())


def _composed(name: str) -> str:
    """The same for accents that macOS takes apart and those that others write."""
    return unicodedata.normalize("NFC", name)

"""A folder of your own with a CSV.

labels.csv (or metadata.csv)   file_name, label, and any of: labels, valence, text, split, speaker, session, fold,
                               language
…                              the media, anywhere below; file_name is relative to the folder
"""

from pathlib import Path
from typing import Any

from affekt_datasets.listings import Row, number, rows, text_of
from affekt_datasets.media_folders import clips_in, near
from affekt_datasets.problems import DatasetError, Report
from affekt_datasets.sample import Sample
from affekt_datasets.vocabulary import vocabulary as vocabulary_of

FILE = ("file_name", "file", "path", "clip", "name")
KNOWN = ("label", "labels", "valence", "text", "split", "speaker", "session", "fold", "language")


def folder(
    root: Path, report: Report, *, csv: str | None = None, vocabulary: str | None = None, separator: str = ";"
) -> list[Sample]:
    """Every row of the CSV; further columns go into `notes`.

    Args:
        csv: name of the file; labels.csv or metadata.csv when None.
        vocabulary: the labels that are allowed, by name; any when None.
        separator: between the emotions of the column labels.
    """
    table = near(root, *([csv] if csv else ["labels.csv", "metadata.csv"]))
    if table is None:
        raise DatasetError(f'"{root}" has no {csv or "labels.csv"}', hint="a CSV with the columns file_name and label")
    heading = [column.strip() for column in text_of(table).partition("\n")[0].split(",")]
    file = next((column for column in FILE if column in heading), None)
    if file is None:
        raise DatasetError(f'"{table}" has none of the columns {list(FILE)}; found {heading}')
    words, samples, listed = vocabulary_of(vocabulary) if vocabulary else None, [], set()
    for where, row in rows(table, (file,), report):
        label: str | None = row.get("label", "").strip() or None
        if label is not None and words is not None and (known := words.read(label)) is None:
            report.add("unknown label", f'"{label}"', where)
            continue
        elif label is not None and words is not None:
            label = known
        media = _inside(root, row[file], report, where)
        listed.add(media)
        samples.append(_sample(row, file, label, media, separator, report, where))
    for path in clips_in(root):
        if path not in listed:
            report.add("stray", path.relative_to(root), table.name)
    return samples


def _inside(root: Path, name: str, report: Report, where: str) -> Path | None:
    path = root / name.strip()
    if not path.resolve().is_relative_to(root.resolve()):
        report.add("bad row", f'"{name}" lies outside the folder', where)
        return None
    if not path.is_file():
        report.add("missing", name, where)
        return None
    if path.stat().st_size == 0:
        report.add("empty", name, where)
    return path


def _sample(
    row: Row, file: str, label: str | None, media: Path | None, separator: str, report: Report, where: str
) -> Sample:
    fold = number(row.get("fold", ""), report, where)
    more: dict[str, Any] = {
        key: row[key].strip() or None for key in ("text", "split", "speaker", "session", "language") if key in row
    }
    return Sample(
        id=str(Path(row[file].strip()).with_suffix("")),
        media=media,
        label=label,
        labels=tuple(word.strip() for word in row.get("labels", "").split(separator) if word.strip()),
        valence=number(row.get("valence", ""), report, where),
        fold=None if fold is None else int(fold),
        notes={key: value for key, value in row.items() if key not in (*KNOWN, file) and value.strip()},
        **more,
    )

"""A folder of your own with a table, or with a folder a label.

labels.csv (or metadata.csv)   file_name, label, and any of: labels, valence, text, split, speaker, session, fold,
                               language
…                              the media, anywhere below; file_name is relative to the folder

Without a table, folders are the labels: LABEL/clip.wav or LABEL/SPEAKER/clip.wav, below train, dev, valid, val or test
where the data has parts.

The table may come from Excel, R, pandas or a text editor: commas, semicolons, tabs or bars between the columns, quotes
or none, UTF-8 or an older code page. Whatever is taken to be so without the file saying it is noted as "assumed".
"""

import re
import unicodedata
from collections.abc import Mapping, Sequence
from pathlib import Path, PurePosixPath
from typing import Any

from affekt_datasets.errors import DatasetError
from affekt_datasets.label_table import LabelTable, Row, read_label_table
from affekt_datasets.listings import number
from affekt_datasets.media_folders import clips_in, near
from affekt_datasets.named_files import NamedFiles
from affekt_datasets.problems import Report
from affekt_datasets.sample import Sample
from affekt_datasets.spelling import NO_LABEL, Spelling
from affekt_datasets.vocabulary import Vocabulary
from affekt_datasets.vocabulary import vocabulary as vocabulary_of

COLUMNS: Mapping[str, Sequence[str]] = {
    "file_name": ("file_name", "filename", "file", "path", "clip", "name"),
    "label": ("label", "emotion"),
    **{name: (name,) for name in ("labels", "valence", "text", "split", "speaker", "session", "fold", "language")},
}
"""Column → its names in a heading."""
SPLITS = ("train", "dev", "valid", "val", "validation", "test")
"""Folders above those of the labels."""
_DECIMAL_COMMA = re.compile(r"\s*[+-]?\d+,\d+\s*")
_THOUSANDS = re.compile(r"\s*[+-]?\d{1,3}(,\d{3})+\s*")


def folder(
    root: Path,
    report: Report,
    *,
    csv: str | None = None,
    vocabulary: str | None = None,
    separator: str | None = None,
    encoding: str | None = None,
    lower: bool = True,
) -> list[Sample]:
    """Every row of the table; further columns go into `notes`.

    Args:
        csv: name of the file; labels.csv or metadata.csv when None.
        vocabulary: the labels that are allowed, by name; any when None.
        separator: between the emotions of the column labels; recognised when None.
        encoding: of the table, as Python calls it; recognised when None.
        lower: labels in lower case, so that "Angry" and "angry" are one; False keeps them as they are written.
    """
    path = near(root, *([csv] if csv else ["labels.csv", "metadata.csv"]))
    if path is None and csv is None and (sorted_clips := _by_folder(root, vocabulary, lower, report)):
        return sorted_clips
    if path is None:
        raise DatasetError(
            f'"{root}" has no {csv or "labels.csv"}',
            hint="a CSV with the columns file_name and label, or a folder a label",
        )
    table = read_label_table(path, COLUMNS, "file_name", report, encoding=encoding)
    words = vocabulary_of(vocabulary) if vocabulary else None
    separator = separator or _separator([row.get("labels", "") for _, row in table.rows], report, path.name)
    files, spelling = NamedFiles(root), Spelling(lower=lower)
    samples, listed = [], set()
    for where, row in table.rows:
        name = row["file_name"].strip()
        if not PurePosixPath(name).name:
            report.add("bad row", "no file name", where)
            continue
        label, recognised = _label(row.get("label", ""), spelling, words)
        if not recognised:
            report.add("unknown label", f'"{row["label"].strip()}"', where)
            continue
        media = files.find(name, report, where)
        listed.add(media)
        labels = [spelling.label(word.strip()) for word in row.get("labels", "").split(separator)]
        samples.append(_sample(row, table, name, media, label, [word for word in labels if word], report, where))
    for line in spelling.changes():
        report.add("assumed", line, path.name)
    for clip in clips_in(root):
        if clip not in listed:
            report.add("stray", clip.relative_to(root), path.name)
    return samples


def _by_folder(root: Path, vocabulary: str | None, lower: bool, report: Report) -> list[Sample]:
    """A sample a clip, labelled by its folder; none where all clips lie in the folder itself."""
    words = vocabulary_of(vocabulary) if vocabulary else None
    spelling = Spelling(lower=lower)
    samples, speakers = [], set()
    for clip in clips_in(root):
        *folders, _ = clip.relative_to(root).parts
        split = folders.pop(0) if len(folders) > 1 and folders[0].lower() in SPLITS else None
        if not folders:
            report.add("stray", clip.relative_to(root), root.name)
            continue
        label, recognised = _label(folders[0], spelling, words)
        if not recognised:
            report.add("unknown label", f'"{folders[0]}"', root.name)
            continue
        if clip.stat().st_size == 0:
            report.add("empty", clip, root.name)
        speaker = folders[1] if len(folders) > 1 else None
        speakers.add(speaker)
        name = unicodedata.normalize("NFC", str(PurePosixPath(*clip.relative_to(root).parts).with_suffix("")))
        samples.append(Sample(id=name, media=clip, label=label, split=split, speaker=speaker))
    if samples:
        below = "below them are speakers" if speakers != {None} else "speakers are not known"
        report.add("assumed", f"folders are the labels, and {below}", root.name)
    for line in spelling.changes():
        report.add("assumed", line, root.name)
    return samples


def _separator(cells: Sequence[str], report: Report, where: str) -> str:
    """What stands between the emotions of a cell: semicolons, as `Sample` is written, unless there are only others."""
    separator = next((sign for sign in (";", "|", ",") if any(sign in cell for cell in cells)), ";")
    if separator != ";":
        names = {"|": "bars", ",": "commas"}
        report.add("assumed", f"{names[separator]} stand between the emotions of the column labels", where)
    return separator


def _label(written: str, spelling: Spelling, words: Vocabulary | None) -> tuple[str | None, bool]:
    """The label, and whether the vocabulary has it."""
    if words is not None and (code := words.read(written)) is not None:
        if written.strip() not in (code, *words.codes):
            spelling.changed[written.strip()] = code
        return code, True
    label = spelling.label(written)
    if words is None or label is None:
        return label, True
    label = words.read(label)
    return label, label is not None


def _sample(
    row: Row, table: LabelTable, name: str, media: Path | None, label: str | None, labels: list[str], report: Report,
    where: str,
) -> Sample:  # fmt: skip
    slashed = name if media is not None and "\\" in media.name else name.replace("\\", "/")
    more: dict[str, Any] = {
        key: row[key].strip() or None for key in ("text", "split", "speaker", "session", "language") if key in row
    }
    path = PurePosixPath(slashed)
    has_ending = media is None or path.suffix.lower() == media.suffix.lower()
    return Sample(
        id=unicodedata.normalize("NFC", str(path.with_suffix("") if has_ending else path)),
        media=media,
        label=label,
        labels=tuple(labels),
        valence=_measure(row.get("valence", ""), table.delimiter, report, where),
        fold=_fold(row.get("fold", ""), report, where),
        notes={key: value for key, value in row.items() if key not in COLUMNS and value.strip()},
        **more,
    )


def _measure(written: str, delimiter: str, report: Report, where: str) -> float | None:
    """A number; its comma is a decimal one unless it may as well part thousands."""
    if written.strip().casefold() in NO_LABEL:
        return None
    if _DECIMAL_COMMA.fullmatch(written) and (delimiter != "," or not _THOUSANDS.fullmatch(written)):
        pointed = written.strip().replace(",", ".")
        report.add("assumed", f'"{written.strip()}" is the number {pointed}', where)
        written = pointed
    return number(written, report, where)


def _fold(written: str, report: Report, where: str) -> int | None:
    if written.strip().casefold() in NO_LABEL or (value := number(written, report, where)) is None:
        return None
    if value != int(value) or value < 0:
        report.add("bad row", f'"{written.strip()}" is no fold: a whole number', where)
        return None
    return int(value)

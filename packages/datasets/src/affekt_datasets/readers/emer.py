"""EMER and OV-MERD (Lian et al. 2023, arXiv 2306.15401; 2024, arXiv 2410.01495): reasons and open labels in words.

gt-eng.csv gt-chi.csv        EMER v1, 100 clips: names, emotions, subtitles, reasons
final-EMER-reason.csv        EMER v2, 332 clips: name, chinese, english
final-openset-english.csv    OV-MERD: name, openset (also check-openset.csv, ovlabel.csv)
ovlabel.csv                  OV-MERD+, 532 clips: name, openset; subtitle_eng.csv: name, sentence
video/                       the clips, which are MER2023's

A list of OV-MERD+ without any emotion is "neutral", as MER-UniBench reads it.
"""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Literal

from affekt_datasets.errors import DatasetError
from affekt_datasets.listings import rows, texts
from affekt_datasets.media_folders import Media, index, near
from affekt_datasets.problems import Report
from affekt_datasets.readers.open_labels import open_labels
from affekt_datasets.sample import Sample

PLUS = "ovlabel.csv"
OPEN = ("final-openset-english.csv", "check-openset.csv", PLUS)


def emer(
    root: Path, report: Report, *, version: Literal[1, 2] | None = None, language: Literal["en", "zh"] = "en"
) -> list[Sample]:
    """The clips of one version, the newer when None; the reason is `notes["reason"]`, open labels are `labels`."""
    first = near(root, "gt-eng.csv" if language == "en" else "gt-chi.csv") if version in (1, None) else None
    second = near(root, "final-EMER-reason.csv") if version in (2, None) else None
    opened = near(root, *OPEN) if version in (2, None) else None
    if not (first or second or opened):
        raise DatasetError(f'"{root}" has none of gt-eng.csv, final-EMER-reason.csv, {", ".join(OPEN)}')
    media = index([folder for folder in [near(root, "video")] if folder is not None], report)
    if second or opened:
        text = texts(near(root, "subtitle_eng.csv"), ("sentence",), report)
        return [_with_text(sample, text) for sample in _newer(second, opened, media, language, report)]
    assert first is not None
    return [
        Sample(
            id=row["names"],
            media=media.take(row["names"], report, where),
            labels=(row["emotions"].strip().lower(),) if row["emotions"].strip() else (),
            text=row["subtitles"].strip() or None,
            language=language,
            notes={"reason": row["reasons"]},
        )
        for where, row in rows(first, ("names", "emotions", "subtitles", "reasons"), report)
    ]


def _with_text(sample: Sample, text: dict[str, str]) -> Sample:
    return replace(sample, text=text[sample.id], language="en") if sample.id in text else sample


def _newer(
    second: Path | None, opened: Path | None, media: Media, language: Literal["en", "zh"], report: Report
) -> Iterator[Sample]:
    column = "english" if language == "en" else "chinese"
    samples: dict[str, Sample] = {}
    for where, row in rows(second, ("name", column), report) if second else ():
        if row["name"] in samples:
            report.add("duplicate", row["name"], where)
        clip = media.take(row["name"], report, where)
        samples[row["name"]] = Sample(id=row["name"], media=clip, language="zh", notes={"reason": row[column]})
    for where, row in rows(opened, ("name", "openset"), report) if opened else ():
        none = opened is not None and opened.name == PLUS and row["openset"].strip() in ("", "[]")
        labels = ("neutral",) if none else open_labels(row["openset"], report, where)
        sample = samples.get(row["name"])
        if sample is None and second is not None:
            report.add("contradiction", row["name"], f"{where}, but not in {second.name}")
        if sample is None:
            sample = Sample(id=row["name"], media=media.take(row["name"], report, where), language="zh")
        samples[row["name"]] = replace(sample, labels=labels)
    yield from samples.values()

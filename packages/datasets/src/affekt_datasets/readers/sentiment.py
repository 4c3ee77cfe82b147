"""CMU-MOSI (Zadeh et al. 2016), CMU-MOSEI (2018), CH-SIMS (Yu et al. 2020) and CH-SIMS v2 (Liu et al. 2022): opinions.

label.csv            video_id, clip_id, text, label, …, annotation, mode (v2: also meta.csv)
Raw/VIDEO/CLIP.mp4   the clips, as the makers of CH-SIMS hand out all four; or MER-UniBench's folder, see `merbench`

`valence` is the data set's own number, −3 to 3 in the CMU sets and −1 to 1 in the others; `label` is its sign.
"""

from collections.abc import Mapping
from pathlib import Path

from affekt_datasets.errors import DatasetError
from affekt_datasets.listings import Row, number, rows
from affekt_datasets.media_folders import SUFFIXES, near
from affekt_datasets.problems import Report
from affekt_datasets.readers.merbench import Language, Layout, is_packed, read_packed, sentiment
from affekt_datasets.sample import Sample

TABLES = ("label.csv", "meta.csv", "meta(s).csv")
NEEDED = ("video_id", "clip_id", "text", "label", "mode")
SPLITS = {"train_corpus": "train", "val_corpus": "valid", "test_corpus": "test"}
_LANGUAGES: Mapping[str, Language] = {"cmu-mosi": "en", "cmu-mosei": "en", "ch-sims": "zh", "ch-sims-v2": "zh"}
LAYOUTS: Mapping[str, Layout] = {
    name: Layout(file="label.npz", splits=SPLITS, vocabulary="sentiment", language=language, prefix=name)
    for name, language in _LANGUAGES.items()
}


def cmu_mosi(root: Path, report: Report) -> list[Sample]:
    """2,199 clips of film reviews."""
    return _read("cmu-mosi", root, report, None)


def cmu_mosei(root: Path, report: Report) -> list[Sample]:
    """Some 23,000 clips of monologues."""
    return _read("cmu-mosei", root, report, None)


def ch_sims(root: Path, report: Report, *, language: Language = "zh") -> list[Sample]:
    """2,281 clips of Chinese films and shows.

    Args:
        language: of the transcript; MER-UniBench has both.
    """
    return _read("ch-sims", root, report, language)


def ch_sims_v2(root: Path, report: Report, *, language: Language = "zh") -> list[Sample]:
    """4,403 labelled clips.

    Args:
        language: of the transcript; MER-UniBench has both.
    """
    return _read("ch-sims-v2", root, report, language)


def _read(name: str, root: Path, report: Report, language: Language | None) -> list[Sample]:
    layout = LAYOUTS[name]
    table = near(root, *TABLES)
    if table is None and is_packed(root, layout):
        return read_packed(root, report, layout, language)
    if table is None:
        raise DatasetError(f'"{root}" has neither label.csv nor label.npz', hint=f"the folder of {name}")
    folder = near(root, "Raw", "raw")
    return [
        sample
        for where, row in rows(table, NEEDED, report)
        if (sample := _sample(name, row, where, folder or root, layout.language, report)) is not None
    ]


def _sample(name: str, row: Row, where: str, folder: Path, language: str, report: Report) -> Sample | None:
    valence = number(row["label"], report, where)
    if valence is None:
        if not row["label"].strip():
            report.add("bad row", "no label", where)
        return None
    video, clip = row["video_id"].strip(), row["clip_id"].strip()
    return Sample(
        id=f"{video}/{clip}",
        media=_media(folder / video, clip, f"{video}/{clip}", report, where),
        label=sentiment(valence),
        valence=valence,
        text=row["text"].strip() or None,
        language=language,
        split=row["mode"].strip() or None,
        speaker=f"{name}-{video}",
        notes={key: row[key] for key in ("label_T", "label_A", "label_V", "annotation") if row.get(key, "").strip()},
    )


def _media(folder: Path, clip: str, name: str, report: Report, where: str) -> Path | None:
    """Tables that went through a spreadsheet lost the zeros before a clip's number."""
    stems = dict.fromkeys((clip, clip.zfill(4), clip.zfill(5)))
    media = next((path for stem in stems for path in sorted(folder.glob(f"{stem}.*"))
                  if path.suffix.lower() in SUFFIXES), None)  # fmt: skip
    if media is None:
        report.add("missing", name, where)
    elif media.stat().st_size == 0:
        report.add("empty", media, where)
    return media

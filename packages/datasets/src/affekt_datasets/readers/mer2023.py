"""MER2023 (Lian et al. 2023), as handed out, or with the lists of Emotion-LLaMA.

train/ test1/ test2/ test3/          clips; test1 is MER-MULTI, test2 MER-NOISE, test3 MER-SEMI with its unlabelled pool
train-label.csv test1-label.csv …    name, discrete, valence (test3 without valence)
video/                               clips of every split, where they were put together
relative_train3_NCEV.txt, relative_test3_NCEV.txt   or lists: name, frames, emotion, valence
transcription_en_all.csv             name, sentence
HL-UTT/ mae_340_UTT/ maeV_399_UTT/   ready-made features, found as `Dataset.features`

or MER-UniBench's folder with label-6way.npz, see `merbench`.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Literal, NamedTuple

from affekt_datasets.errors import DatasetError
from affekt_datasets.listings import lines, number, rows, texts
from affekt_datasets.media_folders import Media, index, near
from affekt_datasets.problems import Report
from affekt_datasets.readers.merbench import Layout, is_packed, read_packed
from affekt_datasets.sample import Sample
from affekt_datasets.vocabulary import Vocabulary, vocabulary

SPLITS = ("train", "test1", "test2", "test3")
LISTS = {
    "train": ("relative_train3_NCEV.txt", "relative_train_NCEV.txt"),
    "test3": ("relative_test3_NCEV.txt",),
}
TRANSCRIPTS = {
    "en": ("transcription_en_all.csv", "transcription-engchi-polish.csv", "label-transcription.csv"),
    "zh": ("transcription-engchi-polish.csv", "label-transcription.csv", "transcription.csv"),
}
COLUMNS = {"en": ("sentence", "english", "sentence_en"), "zh": ("chinese", "sentence", "sentence_ch")}
LAYOUT = Layout(
    file="label-6way.npz", vocabulary="mer2023", order=("neutral", "angry", "happy", "sad", "worried", "surprise"),
    splits={f"{split}_corpus": split for split in SPLITS}, language="zh",
)  # fmt: skip
"""MER-UniBench's; the order is that of the MERTools baseline."""
NO_VALENCE = -10.0
"""How the lists write that there is none."""


class Labelled(NamedTuple):
    """A row of a list of labels."""

    where: str
    name: str
    emotion: str
    valence: str


def mer2023(
    root: Path,
    report: Report,
    *,
    language: Literal["en", "zh"] = "en",
    labels: Literal["csv", "lists"] | None = None,
    unlabelled: bool = False,
) -> list[Sample]:
    """Every split whose labels are there.

    Args:
        language: of the transcript.
        labels: which labels to read where both forms are there; the CSV files when None.
        unlabelled: with the clips of MER-SEMI that have no label, as the split "unlabelled".
    """
    lists = {split: listed for split in SPLITS if (listed := _labels(root, split, labels)) is not None}
    if not lists and is_packed(root, LAYOUT):
        return read_packed(root, report, LAYOUT, language)
    if not lists:
        raise DatasetError(
            f'"{root}" has neither train-label.csv nor relative_train3_NCEV.txt', hint="mer2023's folder"
        )
    text = texts(near(root, *TRANSCRIPTS[language]), COLUMNS[language], report)
    words, samples = vocabulary("mer2023"), []
    for split, listed in lists.items():
        media = index(_folders(root, split), report)
        for row in _read(listed, report):
            samples += _sample(row, split, media, words, text, language, report)
        pool = [name for name in media.paths if name not in media.used] if split == "test3" and unlabelled else []
        samples += [
            Sample(id=name, media=media.paths[name], text=text.get(name), language=language, split="unlabelled")
            for name in pool
        ]
        if split not in ("test3",) and media.folders and media.folders[0].name == split:
            media.note_strays(report)
    return samples


def _labels(root: Path, split: str, form: Literal["csv", "lists"] | None) -> Path | None:
    table = near(root, f"{split}-label.csv") if form != "lists" else None
    listed = near(root, *LISTS[split]) if form != "csv" and split in LISTS else None
    return table or listed


def _read(path: Path, report: Report) -> Iterator[Labelled]:
    if path.suffix == ".csv":
        for where, row in rows(path, ("name", "discrete"), report):
            yield Labelled(where, row["name"], row["discrete"], row.get("valence", ""))
    else:
        for where, fields in lines(path, 3, report):
            yield Labelled(where, fields[0], fields[2], fields[3] if len(fields) > 3 else "")


def _folders(root: Path, split: str) -> list[Path]:
    """The split's own folder, wherever the archives were unpacked; else the one where all are together."""
    own = near(root, split)
    together = near(root, "video")
    return [folder for folder in (own, together) if folder is not None and folder.is_dir()][:1]


def _sample(
    row: Labelled,
    split: str,
    media: Media,
    words: Vocabulary,
    text: dict[str, str],
    language: str,
    report: Report,
) -> list[Sample]:
    label = words.read(row.emotion)
    if label is None:
        report.add("unknown label", f'"{row.emotion}"', row.where)
        return []
    return [
        Sample(
            id=row.name,
            media=media.take(row.name, report, row.where),
            label=label,
            valence=number(row.valence, report, row.where, NO_VALENCE),
            text=text.get(row.name),
            language=language if row.name in text else "zh",
            split=split,
        )
    ]

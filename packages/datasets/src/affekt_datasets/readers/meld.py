"""MELD (Poria et al. 2019): utterances of the series Friends.

train_sent_emo.csv dev_sent_emo.csv test_sent_emo.csv
train_splits/ dev_splits_complete/ output_repeated_splits_test/   dia0_utt0.mp4 …, also one folder deeper

or MER-UniBench's folder with label.npz, see `merbench`.
"""

from pathlib import Path

from affekt_datasets.errors import DatasetError
from affekt_datasets.listings import rows
from affekt_datasets.media_folders import index, near
from affekt_datasets.problems import Report
from affekt_datasets.readers.merbench import Layout, is_packed, read_packed
from affekt_datasets.sample import Sample
from affekt_datasets.vocabulary import vocabulary

FOLDERS = {
    "train": ("train_splits", "train"),
    "dev": ("dev_splits_complete", "dev_splits", "dev"),
    "test": ("output_repeated_splits_test", "test_splits", "test"),
}
NEEDED = ("Utterance", "Speaker", "Emotion", "Sentiment", "Dialogue_ID", "Utterance_ID")
LAYOUT = Layout(
    file="label.npz", vocabulary="meld", speaker=lambda name: None,
    order=("anger", "joy", "sadness", "neutral", "disgust", "fear", "surprise"),
    splits={"train_corpus": "train", "val_corpus": "dev", "test_corpus": "test"},
)  # fmt: skip
"""MER-UniBench's, which does not say who speaks."""
_WINDOWS = {code: bytes([code]).decode("cp1252", "replace") for code in range(0x80, 0xA0)}
"""The files write quotation marks of Windows as control characters."""


def meld(root: Path, report: Report) -> list[Sample]:
    """The splits whose tables are there; a clip is named after its split, for dialogues are counted anew in each."""
    words, samples, tables = vocabulary("meld"), [], 0
    for split, folders in FOLDERS.items():
        table = near(root, f"{split}_sent_emo.csv")
        if table is None:
            continue
        tables += 1
        folder = near(root, *folders)
        media = index([folder] if folder else [], report)
        for where, row in rows(table, NEEDED, report):
            if (label := words.read(row["Emotion"])) is None:
                report.add("unknown label", f'"{row["Emotion"]}"', where)
                continue
            name = f"dia{row['Dialogue_ID'].strip()}_utt{row['Utterance_ID'].strip()}"
            samples.append(
                Sample(
                    id=f"{split}_{name}",
                    media=media.take(name, report, where),
                    label=label,
                    text=row["Utterance"].translate(_WINDOWS).strip() or None,
                    language="en",
                    split=split,
                    speaker=f"meld-{row['Speaker'].strip()}",
                    notes={"sentiment": row["Sentiment"].strip(), "dialogue": row["Dialogue_ID"].strip()},
                )
            )
        media.note_strays(report)
    if not tables and is_packed(root, LAYOUT):
        return read_packed(root, report, LAYOUT)
    if not tables:
        raise DatasetError(f'"{root}" has no train_sent_emo.csv', hint="the folder that MELD.Raw.tar.gz unpacks to")
    return samples

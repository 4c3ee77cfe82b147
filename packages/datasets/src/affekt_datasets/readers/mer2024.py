"""MER2024 (Lian et al. 2024), as handed out.

video-labeled/  label-disdim.csv               name, discrete, valence
video-unlabeled-with-test2noise/               the pool that SEMI and NOISE are chosen from
reference-semi.csv reference-noise.csv         name, discrete (also test1_name_convert_label.csv, test2_…)
check-openset.csv                              name, openset: the labels of OV (also final-openset-english.csv)
label-transcription.csv, transcription_all_new.csv
MER2024-noise_NCE.txt                          Emotion-LLaMA's list of NOISE: name, frames, emotion

or MER-UniBench's folder with label-6way.npz, see `merbench`.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Literal

from affekt_datasets.errors import DatasetError
from affekt_datasets.listings import lines, number, rows, texts
from affekt_datasets.media_folders import Media, index, near
from affekt_datasets.problems import Report
from affekt_datasets.readers.merbench import Layout, is_packed, read_packed
from affekt_datasets.readers.open_labels import open_labels
from affekt_datasets.sample import Sample
from affekt_datasets.vocabulary import vocabulary

FILES = {
    "train": ("label-disdim.csv",),
    "semi": ("reference-semi.csv", "test1_name_convert_label.csv"),
    "noise": ("reference-noise.csv", "test2_name_convert_label.csv", "MER2024-noise_NCE.txt"),
    "ov": ("check-openset.csv", "final-openset-english.csv"),
}
FOLDERS = {
    "train": ("video-labeled", "video"),
    "semi": ("MER2024_semi", "video-unlabeled-with-test2noise", "video-unlabeled", "video"),
    "noise": ("MER2024_noise", "video-unlabeled-with-test2noise", "video"),
    "ov": ("video-labeled", "video"),
}
LAYOUT = Layout(
    file="label-6way.npz", vocabulary="mer2024", order=("neutral", "angry", "happy", "sad", "worried", "surprise"),
    splits={"train_corpus": "train", "test1_corpus": "semi"}, language="zh",
)  # fmt: skip
"""MER-UniBench's; the order is that of the MERTools baseline."""
TRANSCRIPTS = ("label-transcription.csv", "transcription_all_new.csv", "transcription-merge.csv")
COLUMNS = {"en": ("english", "sentence_en", "sentence"), "zh": ("chinese", "sentence_ch", "sentence")}


def mer2024(
    root: Path,
    report: Report,
    *,
    tracks: Sequence[str] = ("train", "semi", "noise"),
    language: Literal["en", "zh"] = "en",
) -> list[Sample]:
    """The tracks whose labels are there.

    Args:
        tracks: of "train", "semi", "noise" and "ov". OV's 332 clips come from the labelled ones: read together with
            "train", each is an overlap.
        language: of the transcript.
    """
    if wrong := [track for track in tracks if track not in FILES]:
        raise DatasetError(f'mer2024 has no track "{wrong[0]}"', hint=f"one of {', '.join(FILES)}")
    tables = {track: path for track in tracks if (path := near(root, *FILES[track])) is not None}
    if not tables and is_packed(root, LAYOUT):
        return read_packed(root, report, LAYOUT, language)
    if not tables:
        names = ", ".join(name for track in tracks for name in FILES[track])
        raise DatasetError(f'"{root}" has none of {names}', hint="mer2024's folder, or other tracks")
    text: dict[str, str] = {}
    for name in TRANSCRIPTS:
        text |= texts(near(root, name), COLUMNS[language], report)
    samples: list[Sample] = []
    for track, path in tables.items():
        folders = [f for name in FOLDERS[track] if (f := near(root, name)) is not None and f.is_dir()]
        media = index(folders[:1], report)
        samples += _open(path, media, text, language, report) if track == "ov" else _closed(
            path, track, media, text, language, report
        )  # fmt: skip
    return samples


def _closed(path: Path, track: str, media: Media, text: dict[str, str], language: str, report: Report) -> list[Sample]:
    words, samples = vocabulary("mer2024"), []
    if path.suffix == ".csv":
        table = [
            (w, r["name"], r["discrete"], r.get("valence", "")) for w, r in rows(path, ("name", "discrete"), report)
        ]
    else:
        table = [(where, fields[0], fields[2], "") for where, fields in lines(path, 3, report)]
    for where, name, emotion, valence in table:
        if (label := words.read(emotion)) is None:
            report.add("unknown label", f'"{emotion}"', where)
            continue
        samples.append(
            Sample(
                id=name,
                media=media.take(name, report, where),
                label=label,
                valence=number(valence, report, where, -10.0),
                text=text.get(name),
                language=language if name in text else "zh",
                split=track,
            )
        )
    return samples


def _open(path: Path, media: Media, text: dict[str, str], language: str, report: Report) -> list[Sample]:
    return [
        Sample(
            id=row["name"],
            media=media.take(row["name"], report, where),
            labels=labels,
            text=text.get(row["name"]),
            language=language if row["name"] in text else "zh",
            split="ov",
        )
        for where, row in rows(path, ("name", "openset"), report)
        if (labels := open_labels(row["openset"], report, where))
    ]

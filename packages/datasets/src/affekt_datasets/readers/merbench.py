"""The folders that MERBench and MER-UniBench hand out (github zeroQiaoba/MERTools), one a data set.

label.npz, label-6way.npz, label_4way.npz    arrays "train_corpus", "test_corpus" …: clip → {"emo": …, "val": …}
transcription-engchi-polish.csv              name, chinese, english
video/ video_new/ subvideo/ subvideo-tgt/    the clips

The arrays are pickled. They are read without running anything that a pickle may ask for.
"""

import pickle
import zipfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from importlib import import_module
from pathlib import Path
from typing import Any, Literal

import numpy as np

from affekt_datasets.errors import DatasetError
from affekt_datasets.listings import number, texts
from affekt_datasets.media_folders import Media, index, near
from affekt_datasets.problems import Report
from affekt_datasets.sample import Sample
from affekt_datasets.vocabulary import vocabulary

Language = Literal["en", "zh"]
COLUMNS: Mapping[Language, tuple[str, ...]] = {"en": ("english", "sentence"), "zh": ("chinese", "sentence")}
TRANSCRIPTS = ("transcription-engchi-polish.csv", "transcription_merge.csv", "transcription-merge.csv")
FOLDERS = ("subvideo-tgt", "subvideo_new", "subvideo", "video_new", "video")
NO_VALENCE = -10.0
"""How the files write that there is none."""
_HARMLESS = {("numpy", "ndarray"), ("numpy", "dtype"), ("numpy.core.multiarray", "_reconstruct"),
             ("numpy._core.multiarray", "_reconstruct"), ("numpy.core.multiarray", "scalar"),
             ("numpy._core.multiarray", "scalar"), ("_codecs", "encode")}  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class Layout:
    """How one data set's folder names things."""

    file: str
    """The file of the labels."""
    splits: Mapping[str, str]
    """Array of the file → split, as the data set calls it."""
    vocabulary: str
    order: tuple[str, ...] = ()
    """What the file's numbers stand for; empty where it writes words or valence alone."""
    language: Language = "en"
    prefix: str = ""
    """What stands before the names of speakers."""
    speaker: Callable[[str], str | None] = field(default=lambda name: name.rpartition("_")[0] or None)
    """The speaker by a clip's name: whoever speaks, or the film that the clip was cut from."""
    split: Callable[[str], str] | None = None
    """The split by a clip's name, where the file knows no splits."""
    session: Callable[[str], str | None] = field(default=lambda name: None)
    """The session by a clip's name, where it says in which session it was recorded."""


def is_packed(root: Path, layout: Layout) -> bool:
    """Whether a folder is of this form."""
    return near(root, layout.file) is not None


def read_packed(root: Path, report: Report, layout: Layout, language: Language | None = None) -> list[Sample]:
    """Every split that the file holds.

    Args:
        language: of the transcript; the clips' own when None.
    """
    path, language = near(root, layout.file), language or layout.language
    if path is None:
        raise DatasetError(f'"{root}" has no {layout.file}', hint="the folder as MER-UniBench hands it out")
    media = index([folder for name in FOLDERS if (folder := near(root, name)) is not None][:1], report)
    text = texts(near(root, *TRANSCRIPTS), COLUMNS[language], report)
    samples = []
    for array, split in layout.splits.items():
        for name, entry in corpus(path, array).items():
            sample = _sample(name, entry, split, layout, media, f"{path.name}:{array}", report)
            if sample is not None:
                spoken = {"text": text.get(name), "language": language if name in text else layout.language}
                samples.append(Sample(**{**sample, **spoken}))
    return samples


def _sample(
    name: str, entry: Any, split: str, layout: Layout, media: Media, where: str, report: Report
) -> dict[str, Any] | None:
    if not isinstance(entry, dict):
        report.add("bad row", f"{name}: {entry!r}", where)
        return None
    valence = number(str(entry.get("val", "")), report, f"{where} {name}", NO_VALENCE)
    label = sentiment(valence) if layout.vocabulary == "sentiment" else _label(entry.get("emo"), layout)
    if label is None:
        report.add("unknown label", f'"{entry.get("emo", entry.get("val"))}"', f"{where} {name}")
        return None
    speaker = layout.speaker(name)
    return {
        "id": name, "media": media.take(name, report, where), "label": label, "valence": valence,
        "split": layout.split(name) if layout.split else split,
        "speaker": f"{layout.prefix}-{speaker}" if speaker and layout.prefix else None,
        "session": layout.session(name),
    }  # fmt: skip


def sentiment(valence: float | None) -> str | None:
    """The sign of a valence in words: what MOSI, MOSEI and CH-SIMS are measured on."""
    if valence is None:
        return None
    return "positive" if valence > 0 else "negative" if valence < 0 else "neutral"


def _label(written: Any, layout: Layout) -> str | None:
    if isinstance(written, str):
        return vocabulary(layout.vocabulary).read(written)
    if isinstance(written, int | np.integer) and 0 <= written < len(layout.order):
        return layout.order[written]
    return None


def corpus(path: Path, array: str) -> dict[str, Any]:
    """One array of a file of labels: clip → what is said of it.

    Raises:
        DatasetError: there is none, it is damaged, or its pickle asks for anything but plain data.
    """
    try:
        with zipfile.ZipFile(path) as archive, archive.open(f"{array}.npy") as file:
            version = np.lib.format.read_magic(file)
            header = np.lib.format.read_array_header_1_0 if version == (1, 0) else np.lib.format.read_array_header_2_0
            shape, _, dtype = header(file)
            if dtype.hasobject and shape == ():
                labels = _PlainData(file).load().item()
                if isinstance(labels, dict):
                    return {str(name): entry for name, entry in labels.items()}
    except KeyError as error:
        raise DatasetError(f'"{path}" has no array "{array}"', hint="the file as MER-UniBench hands it out") from error
    except (OSError, ValueError, zipfile.BadZipFile, EOFError, AttributeError, pickle.UnpicklingError) as error:
        raise DatasetError(f'"{path}" cannot be read: {error}', hint="the file as it was handed out") from error
    raise DatasetError(f'"{path}": the array "{array}" holds no labels by clip')


class _PlainData(pickle.Unpickler):
    """Refuses everything but what arrays, numbers and words are made of."""

    def find_class(self, module: str, name: str) -> Any:
        if (module, name) not in _HARMLESS:
            raise pickle.UnpicklingError(f"it asks for {module}.{name}, which labels do not need")
        return getattr(import_module(module.replace("numpy.core", "numpy._core")), name)

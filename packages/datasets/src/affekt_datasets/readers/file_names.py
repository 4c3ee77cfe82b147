"""Corpora whose file names say everything: RAVDESS, EmoDB and the Polish set."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Literal

from affekt_datasets.media_folders import clips_in
from affekt_datasets.problems import Report
from affekt_datasets.sample import Sample
from affekt_datasets.vocabulary import Vocabulary, vocabulary

_STATEMENTS = {"01": "Kids are talking by the door.", "02": "Dogs are sitting by the door."}
_MODALITIES = {"audio-video": "01", "video": "02", "audio": "03"}
_CHANNELS = {"speech": "01", "song": "02"}


def ravdess(
    root: Path,
    report: Report,
    *,
    modality: Literal["audio", "audio-video", "video"] = "audio",
    channel: Literal["speech", "song"] = "speech",
) -> list[Sample]:
    """`Actor_07/03-01-05-02-01-02-07.wav`: modality, channel, emotion, intensity, statement, repetition, actor.

    Livingstone and Russo 2018. Every performance exists as sound, as picture and as both: choose one.
    """
    words = vocabulary("ravdess")

    def sample_of(path: Path) -> Sample | None:
        fields = path.stem.split("-")
        if len(fields) != 7 or not all(len(field) == 2 and field.isdigit() for field in fields):
            return note("bad row", path, root, report)
        if fields[0] != _MODALITIES[modality] or fields[1] != _CHANNELS[channel]:
            return note("stray", path, root, report)
        notes = {"intensity": {"01": "normal", "02": "strong"}.get(fields[3]), "repetition": int(fields[5])}
        sex = "male" if int(fields[6]) % 2 else "female"
        return labelled(
            path, words, fields[2], report, f"ravdess-{fields[6]}", {**notes, "sex": sex},
            text=_STATEMENTS.get(fields[4]), language="en",
        )  # fmt: skip

    return read_names(root, report, sample_of)


def emodb(root: Path, report: Report) -> list[Sample]:
    """`wav/03a01Fa.wav`: speaker (2 characters), text (3), emotion (1), version (1). Burkhardt et al. 2005."""
    words = vocabulary("emodb")

    def sample_of(path: Path) -> Sample | None:
        stem = path.stem
        if len(stem) != 7 or not stem[:2].isdigit():
            return note("bad row", path, root, report)
        notes = {"sentence": stem[2:5], "version": stem[6]}
        return labelled(path, words, stem[5], report, f"emodb-{stem[:2]}", notes, language="de")

    return read_names(root, report, sample_of)


def polish(root: Path, report: Report) -> list[Sample]:
    """`m1.a_nie_2.wav`: speaker, emotion, word, repetition. Miesikowska and Swisulski 2020."""
    words = vocabulary("polish")

    def sample_of(path: Path) -> Sample | None:
        speaker, dot, properties = path.stem.partition(".")
        fields = properties.split("_")
        if not dot or len(fields) != 3:
            return note("bad row", path, root, report)
        notes = {"repetition": fields[2]}
        return labelled(
            path, words, fields[0], report, f"polish-{speaker}", notes, text=fields[1], language="pl"
        )  # fmt: skip

    return read_names(root, report, sample_of)


def read_names(root: Path, report: Report, sample_of: Callable[[Path], Sample | None]) -> list[Sample]:
    """The samples of a folder's clips, each named once; `sample_of` reads a name, or notes what is wrong with it."""
    return list(_unique((sample for path in clips_in(root) if (sample := sample_of(path)) is not None), report))


def _unique(samples: Iterator[Sample], report: Report) -> Iterator[Sample]:
    paths: dict[str, Path | None] = {}
    for sample in samples:
        if sample.id in paths:
            report.add("duplicate", sample.media, paths[sample.id])
            continue
        paths[sample.id] = sample.media
        if sample.media is not None and sample.media.stat().st_size == 0:
            report.add("empty", sample.media, "its name is fine")
        yield sample


def labelled(
    path: Path, words: Vocabulary, code: str, report: Report, speaker: str, notes: dict[str, Any], **more: str | None
) -> Sample | None:
    """A sample whose label is written as a code; an unknown code is noted."""
    label = words.read(code)
    if label is None:
        report.add("unknown label", f'"{code}"', path)
        return None
    return Sample(id=path.stem, media=path, label=label, speaker=speaker, notes=notes, **more)  # type: ignore[arg-type]


def note(kind: Literal["bad row", "stray"], path: Path, root: Path, report: Report) -> Sample | None:
    """Notes a file that is no clip of the data set, and gives none."""
    report.add(kind, path.name, path.parent.relative_to(root.parent))
    return None

"""The corpora that heads are trained and measured on, in their official layouts."""

import os
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

from affekt import DataError

SUFFIXES = (".wav", ".flac", ".mp3", ".ogg")


@dataclass(frozen=True, kw_only=True)
class Recording:
    """A labelled sound file."""

    path: Path
    emotion: str
    speaker: str
    """With the corpus before it, so that speakers of two corpora never share a name."""


RAVDESS = MappingProxyType(
    {
        "01": "neutral",
        "02": "calm",
        "03": "happy",
        "04": "sad",
        "05": "angry",
        "06": "fearful",
        "07": "disgusted",
        "08": "surprised",
    }
)
EMODB = MappingProxyType(
    {
        "W": "angry",
        "L": "bored",
        "E": "disgusted",
        "A": "fearful",
        "F": "happy",
        "T": "sad",
        "N": "neutral",
    }
)
POLISH = MappingProxyType({"a": "angry", "s": "fearful", "n": "neutral"})


def _ravdess(stem: str) -> tuple[str, str] | None:
    """`03-01-06-02-01-01-17`: modality, channel (01 speech), emotion, intensity, statement, repetition, actor."""
    parts = stem.split("-")
    speech = len(parts) == 7 and parts[1] == "01" and parts[2] in RAVDESS
    return (RAVDESS[parts[2]], parts[6]) if speech else None


def _emodb(stem: str) -> tuple[str, str] | None:
    """`03a01Fa`: speaker, text, emotion, version."""
    return (EMODB[stem[5]], stem[:2]) if len(stem) == 7 and stem[5] in EMODB else None


def _polish(stem: str) -> tuple[str, str] | None:
    """`m1.a_nie_2`: speaker, emotion, word, repetition."""
    speaker, dot, rest = stem.partition(".")
    return (POLISH[rest[0]], speaker) if dot and rest[:1] in POLISH else None


READERS: Mapping[str, Callable[[str], tuple[str, str] | None]] = MappingProxyType(
    {"ravdess": _ravdess, "emodb": _emodb, "polish": _polish}
)
"""Corpus of speech → what its file names say: emotion and speaker."""


def default_folder(corpus: str) -> Path:
    """Where a corpus lies unless told otherwise: `$AFFEKT_SHARED/data/CORPUS`."""
    return Path(os.environ.get("AFFEKT_SHARED", "../shared")) / "data" / corpus


def recordings(corpus: str, folder: Path | None = None) -> list[Recording]:
    """All recordings of a corpus of speech, in the order of their names.

    Raises:
        DataError: the folder does not exist or holds none.
    """
    folder = folder or default_folder(corpus)
    found = list(_read(corpus, folder))
    if not found:
        what = "holds no recording named as in" if folder.is_dir() else "does not exist, so it is no copy of"
        raise DataError(f'"{folder}" {what} {corpus}', hint="--data FOLDER, in the corpus's official layout")
    return found


def _read(corpus: str, folder: Path) -> Iterator[Recording]:
    for path in sorted(folder.rglob("*")):
        told = READERS[corpus](path.stem) if path.suffix.lower() in SUFFIXES else None
        if told is not None:
            yield Recording(path=path, emotion=told[0], speaker=f"{corpus}-{told[1]}")

"""The recordings that the voice encoder is tuned on: seven corpora, each with its own emotions, dealt out by person."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import affekt_datasets as datasets
import numpy as np
from affekt_datasets import default_folder, vocabulary
from affekt_heads.emotions import EMOTIONS
from jaxtyping import Int64

from affekt_training.heads.corpora import SPEECH


@dataclass(frozen=True, kw_only=True)
class Recording:
    """A labelled sound file."""

    path: Path
    corpus: str
    label: str
    """In the corpus's own words."""
    emotion: str | None
    """One of `EMOTIONS`; None where the corpus's label has no such word."""
    speaker: str
    """With the corpus before it, so that speakers of two corpora never share a name."""


def recordings(corpora: tuple[str, ...] = SPEECH, folders: Mapping[str, Path] | None = None) -> list[Recording]:
    """All recordings of several corpora, in the order of the corpora and of the files' names.

    Args:
        folders: corpus → its folder; `$AFFEKT_SHARED/data/CORPUS` for those that are not named.

    Raises:
        DatasetError: a folder does not exist, holds none, or something is wrong with it.
    """
    return [
        recording
        for corpus in corpora
        for recording in _of(corpus, (folders or {}).get(corpus) or default_folder(corpus))
    ]


def _of(corpus: str, folder: Path) -> list[Recording]:
    dataset = datasets.read(corpus, folder)
    assert dataset.vocabulary is not None, f"{corpus} has a vocabulary"
    words = vocabulary(dataset.vocabulary.name).common
    return [
        Recording(
            path=sample.media,
            corpus=corpus,
            label=sample.label,
            emotion=words.get(sample.label),
            speaker=sample.speaker,
        )
        for sample in dataset.samples
        if sample.media is not None and sample.label is not None and sample.speaker is not None
    ]


def folds(among: list[Recording], count: int) -> Int64[np.ndarray, "clip"]:
    """The fold of every recording: each corpus's speakers are dealt out in pairs, so that nobody is in two folds.

    RAVDESS numbers women even and men odd: neighbours stay together, and every fold hears as many of both.
    """
    fold_of: dict[str, int] = {}
    for corpus in dict.fromkeys(recording.corpus for recording in among):
        speakers = sorted({recording.speaker for recording in among if recording.corpus == corpus})
        pair = 2 if len(speakers) >= 2 * count else 1
        fold_of |= {speaker: index // pair % count for index, speaker in enumerate(speakers)}
    return np.array([fold_of[recording.speaker] for recording in among], dtype=np.int64)


def named(among: list[Recording]) -> dict[str, list[int]]:
    """Corpus → which of `EMOTIONS` it has a word for."""
    return {
        corpus: sorted(
            {
                EMOTIONS.index(recording.emotion)
                for recording in among
                if recording.corpus == corpus and recording.emotion
            }
        )
        for corpus in dict.fromkeys(recording.corpus for recording in among)
    }

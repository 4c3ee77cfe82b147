"""The corpora that heads are trained and measured on, as affekt-datasets reads them, in the words of affekt-heads."""

from dataclasses import dataclass
from pathlib import Path

from affekt_datasets import default_folder, read

SPEECH = ("ravdess", "emodb", "nemo", "ased", "javanese_voice", "urdu", "emogator")
"""Corpora of voices without an official split; the last holds laughter, cries and screams."""


@dataclass(frozen=True, kw_only=True)
class Recording:
    """A labelled sound file."""

    path: Path
    emotion: str
    speaker: str
    """The speaker's name with the corpus before it, so that speakers of two corpora never share a name."""


def recordings(corpus: str, folder: Path | None = None) -> list[Recording]:
    """All recordings of a corpus of voices whose label is one of our emotions, in the order of their names.

    Raises:
        DatasetError: the folder does not exist, holds none, or something is wrong with it.
    """
    dataset = read(corpus, folder or default_folder(corpus))
    words = dataset.vocabulary.common if dataset.vocabulary else {}
    return [
        Recording(path=sample.media, emotion=words[sample.label], speaker=sample.speaker)
        for sample in dataset
        if sample.media is not None and sample.speaker is not None
        if sample.label is not None and sample.label in words
    ]

"""One clip of a data set: where its media are, and what is said to be felt in it."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from types import MappingProxyType
from typing import Any

from affekt import Clip, Modality

from affekt_datasets.loading import load


@dataclass(frozen=True, kw_only=True)
class Sample:
    """A clip and its labels, as the data set states them: nothing is decoded, mapped or guessed."""

    id: str
    """Unique in its data set."""
    media: Path | None
    """A media file, a folder of pictures, or an array file (see `row`); None where the data set has none."""
    row: int | None = None
    """The row of an array file that holds many clips."""
    label: str | None = None
    """The label in the data set's own vocabulary; None where it is unlabelled or open."""
    labels: tuple[str, ...] = ()
    """Every emotion that is named: open vocabulary, or `label` alone."""
    valence: float | None = None
    """The valence on the data set's own scale."""
    text: str | None = None
    """What is said, as the data set writes it down."""
    language: str | None = None
    """The language that is spoken, by ISO 639-1."""
    split: str | None = None
    """The split as the data set calls it: "train", "test1"."""
    speaker: str | None = None
    """The speaker, with the data set before it, so that speakers of two data sets never share a name."""
    session: str | None = None
    """The recording session, with the data set before it: "iemocap-5"."""
    fold: int | None = None
    """The official fold that tests this clip, counted from 1."""
    notes: Mapping[str, Any] = field(default_factory=dict)
    """Whatever else the data set says, under its own names: a caption, action units, intensity."""

    def __post_init__(self) -> None:
        object.__setattr__(self, "notes", MappingProxyType(dict(self.notes)))
        if self.label is not None and not self.labels:
            object.__setattr__(self, "labels", (self.label,))

    def clip(self, **decode: Any) -> Clip:
        """The decoded clip, with the data set's text and language where it has them; without media, the text alone.

        Args:
            decode: as for `affekt_media.load`.

        Raises:
            DatasetError: there are neither media nor a text.
            MediaError: the media cannot be read.
        """
        if self.media is None and self.text is not None:
            absent: tuple[Modality, ...] = ("audio", "video")
            missing = dict.fromkeys(absent, "the data set has a text and no recording")
            return Clip(id=self.id, text=self.text, language=self.language, missing=missing)
        clip = load(self.id, self.media, self.row, **decode)
        return replace(clip, id=self.id, text=self.text or clip.text, language=self.language or clip.language)

    def __reduce__(self) -> tuple[Any, ...]:
        # A mapping proxy cannot be pickled, and samples travel to worker processes.
        return _rebuild, ({**self.__dict__, "notes": dict(self.notes)},)


def _rebuild(state: dict[str, Any]) -> Sample:
    return Sample(**state)

"""A transcript from the options instead of a recogniser."""

from collections.abc import Sequence
from dataclasses import replace
from typing import ClassVar

from affekt import Clip, Component, Modality, Word
from pydantic import Field


class GivenText(Component):
    """Writes a known transcript into every clip that has none."""

    reads: ClassVar[tuple[str, ...]] = ("audio", "video", "text", "words")
    fills: ClassVar[tuple[str, ...]] = ("text", "words", "language")

    text: str = Field(min_length=1, description="What is said")
    language: str = Field(default="en", description="ISO 639-1")

    def prepare(self, clips: Sequence[Clip]) -> list[Clip]:
        """Gives the text to clips that have none."""
        return [clip if clip.text else self._one(clip) for clip in clips]

    def _one(self, clip: Clip) -> Clip:
        words = self.text.split()
        each = clip.duration / len(words)
        timed = tuple(Word(start=i * each, end=(i + 1) * each, text=word) for i, word in enumerate(words))
        missing: dict[Modality, str] = {modality: why for modality, why in clip.missing.items() if modality != "text"}
        return replace(clip, text=self.text, words=timed, language=self.language, missing=missing)

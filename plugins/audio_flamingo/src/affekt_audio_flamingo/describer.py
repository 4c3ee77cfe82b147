"""A tone of voice in words."""

from collections.abc import Sequence
from functools import cached_property
from typing import Any, ClassVar

from affekt import Clip, Component, Missing
from affekt_encoding.audio_towers import CLOCK
from affekt_encoding.describers import TONE, MostTokens, Question, answers, load_describer, noted
from affekt_encoding.options import Device, Precision, Revision
from pydantic import Field
from transformers import AudioFlamingo3ForConditionalGeneration

NAME = "Audio Flamingo 3"


class AudioFlamingoDescriber(Component):
    """Asks Audio Flamingo 3 (Goel et al., 2025) about each clip's sound and adds the answer to `Clip.notes`.

    The answer is what a language model says, not a measurement. `describe` gives the answers alone. Words are the
    likeliest ones, so the same sound gets the same answer; clips are asked about one at a time.
    """

    sample_rate: ClassVar[int] = CLOCK.sample_rate

    model: str = Field(default="nvidia/audio-flamingo-3-hf", description="A local folder or a hub name")
    revision: Revision = None
    question: Question = TONE
    most_tokens: MostTokens = 80
    device: Device = "cpu"
    dtype: Precision = "bfloat16"

    @cached_property
    def _model(self) -> tuple[AudioFlamingo3ForConditionalGeneration, Any]:
        return load_describer(
            AudioFlamingo3ForConditionalGeneration,
            self.model,
            revision=self.revision,
            device=self.device,
            dtype=self.dtype,
        )

    def describe(self, clips: Sequence[Clip]) -> list[str | Missing]:
        """The answer about each clip, or why there is none."""
        return answers(clips, lambda: self._model, self.question, self.most_tokens, NAME)

    def prepare(self, clips: Sequence[Clip]) -> list[Clip]:
        """The clips with the answers among their notes; where nothing is heard, a clip stays as it is."""
        return noted(clips, self.describe(clips), NAME)

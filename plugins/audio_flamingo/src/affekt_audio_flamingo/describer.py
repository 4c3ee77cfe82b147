"""A tone of voice in words."""

from collections.abc import Sequence
from dataclasses import replace
from functools import cached_property
from typing import Any, ClassVar

from affekt import Clip, Component, Missing
from affekt_encoding.audio_towers import CLOCK, answer, load_describer
from affekt_encoding.options import Device, Precision, Revision
from affekt_encoding.sound import heard
from pydantic import Field
from transformers import AudioFlamingo3ForConditionalGeneration

QUESTION = (
    "Describe the speaker's tone of voice in one sentence: pitch, loudness, pace, and the feeling they suggest. "
    "Do not repeat what is said."
)


class AudioFlamingoDescriber(Component):
    """Asks Audio Flamingo 3 (Goel et al., 2025) about each clip's sound and adds the answer to `Clip.notes`.

    The answer is what a language model says, not a measurement. `describe` gives the answers alone. Words are the
    likeliest ones, so the same sound gets the same answer; clips are asked about one at a time.
    """

    sample_rate: ClassVar[int] = CLOCK.sample_rate

    model: str = Field(default="nvidia/audio-flamingo-3-hf", description="A local folder or a hub name")
    revision: Revision = None
    question: str = Field(default=QUESTION, min_length=1, description="What the model is asked about the sound")
    most_tokens: int = Field(default=80, ge=1, description="Length of the answer, at most")
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
        return [self._one(clip) for clip in clips]

    def prepare(self, clips: Sequence[Clip]) -> list[Clip]:
        """The clips with the answers among their notes; where nothing is heard, a clip stays as it is."""
        return [
            clip
            if isinstance(said, Missing)
            else replace(clip, notes=(*clip.notes, f"Audio Flamingo 3 on the voice: {said}"))
            for clip, said in zip(clips, self.describe(clips), strict=True)
        ]

    def _one(self, clip: Clip) -> str | Missing:
        sound = heard(clip, self.sample_rate)
        if isinstance(sound, Missing):
            return sound
        said = answer(*self._model, sound, self.question, self.most_tokens)
        return said or Missing(reason=f"Audio Flamingo 3 answered nothing to: {self.question}")

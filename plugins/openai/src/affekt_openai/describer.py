"""Pictures in words, as the annotation of MERR uses them."""

from collections.abc import Sequence
from dataclasses import replace

from affekt import Clip, Component, Missing
from pydantic import Field

from affekt_openai.endpoint import Endpoint
from affekt_openai.pictures import pictures

QUESTION = (
    "Describe in two sentences what is seen: the scene, the person's posture and facial expression. "
    "Say only what is visible; do not guess at the emotion."
)


class OpenAIDescriber(Component):
    """Asks a vision-language model about each clip's frames and adds the answer to `Clip.notes`.

    The frames leave this machine unless the endpoint is a local one. The answer is what a model says, no measurement.
    """

    endpoint: Endpoint = Field(description="model, and base_url, key_from, timeout, retries where they differ")
    question: str = Field(default=QUESTION, min_length=1, description="What the model is asked about the frames")
    frames: int = Field(default=4, ge=1, description="Frames of a clip that are shown, evenly spaced")
    side: int = Field(default=512, ge=16, description="Pixels of a frame's longer side, at most")

    def describe(self, clips: Sequence[Clip]) -> list[str | Missing]:
        """The answer about each clip, or why there is none.

        Raises:
            EndpointFailed, EndpointRefused: the endpoint does not answer.
        """
        shown = [pictures(clip, self.frames, self.side) for clip in clips]
        if not any(shown):
            return [Missing(reason=clip.why_missing("video")) for clip in clips]
        with self.endpoint.client() as client:
            return [
                self._one(self.endpoint.ask(client, [{"type": "text", "text": self.question}, *parts]))
                if parts
                else Missing(reason=clip.why_missing("video"))
                for clip, parts in zip(clips, shown, strict=True)
            ]

    def _one(self, answer: str) -> str | Missing:
        return answer.strip() or Missing(reason=f"{self.endpoint.model} answered nothing about the pictures")

    def prepare(self, clips: Sequence[Clip]) -> list[Clip]:
        """The clips with the answers among their notes; a clip that cannot be described says why in `missing`."""
        return [
            replace(clip, missing={"video": answer.reason, **clip.missing})
            if isinstance(answer, Missing) and clip.video is None
            else clip
            if isinstance(answer, Missing)
            else replace(clip, notes=(*clip.notes, f"{self.endpoint.model} on the pictures: {answer}"))
            for clip, answer in zip(clips, self.describe(clips), strict=True)
        ]

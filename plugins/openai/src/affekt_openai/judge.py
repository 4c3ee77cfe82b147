"""EMER's clue and label overlap, rated by whatever answers at an endpoint."""

from collections.abc import Mapping, Sequence
from functools import cached_property
from pathlib import Path
from typing import Any

from affekt import Component, EmotionPrediction, Truth
from affekt_metrics.emer import overlap
from affekt_metrics.judging import JudgeFailed, Prompts
from pydantic import Field

from affekt_openai.endpoint import Endpoint, EndpointFailed, asking


class OpenAIJudge(Component):
    """`clue` and `label` from 1 to 10, their spread over repeats, and a count of every reply that was no rating.

    Ratings of different judges or prompts are not comparable; `describe` names both.
    """

    endpoint: Endpoint = Field(description="model, and base_url, key_from, timeout, retries where they differ")
    prompts: Path | None = Field(default=None, description="YAML with your own `clue`, `words` and `label`")
    repeats: int = Field(default=3, ge=1, description="How often everything is rated")
    log: Path | None = Field(default=None, description="JSON lines of every question and reply")

    @cached_property
    def _prompts(self) -> Prompts:
        return Prompts.read(self.prompts)

    def evaluate(self, predictions: Sequence[EmotionPrediction], truth: Truth) -> Mapping[str, float]:
        with self.endpoint.client() as client:
            ask = asking(self.endpoint, client)

            def judge(prompt: str) -> str:
                try:
                    return ask(prompt)
                except EndpointFailed as error:
                    failed = JudgeFailed(error.message, hint=error.hint)
                    failed.kind = error.kind
                    raise failed from error

            return overlap(predictions, truth, judge, self._prompts, self.repeats, self.log)

    def describe(self) -> Mapping[str, Any]:
        """What must be the same before two results may be compared."""
        return {
            "judge": self.endpoint.model,
            "endpoint": self.endpoint.base_url,
            "temperature": self.endpoint.temperature,
            "prompts_sha256": self._prompts.fingerprint(),
        }

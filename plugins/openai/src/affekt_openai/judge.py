"""EMER's clue and label overlap, rated by whatever answers at an endpoint."""

from collections.abc import Mapping, Sequence
from functools import cached_property
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Any

from affekt import Component, EmotionPrediction, MissingDependency, Truth
from pydantic import Field

from affekt_openai.endpoint import Endpoint, EndpointFailed, asking

if TYPE_CHECKING:
    from affekt_metrics.judging import Prompts


class OpenAIJudge(Component):
    """`clue` and `label` from 1 to 10, their spread over repeats, and a count of every reply that was no rating.

    Ratings of different judges or prompts are not comparable; `describe` names both. Questions and their count are
    those of affekt-metrics, which only this component needs: it comes with `affekt-openai[judge]`.
    """

    endpoint: Endpoint = Field(description="model, and base_url, key_from, timeout, retries where they differ")
    prompts: Path | None = Field(default=None, description="YAML with your own `clue`, `words` and `label`")
    repeats: int = Field(default=3, ge=1, description="How often everything is rated")
    log: Path | None = Field(default=None, description="JSON lines of every question and reply")

    @cached_property
    def _prompts(self) -> "Prompts":
        prompts: Prompts = _metrics()[1].Prompts.read(self.prompts)
        return prompts

    def evaluate(self, predictions: Sequence[EmotionPrediction], truth: Truth) -> Mapping[str, float]:
        """The mean ratings and what was counted beside them.

        Raises:
            MissingDependency: affekt-metrics is not installed.
            EndpointRefused: the endpoint refuses the key, the model or the question.
        """
        emer, judging = _metrics()
        with self.endpoint.client() as client:
            ask = asking(self.endpoint, client)

            def judge(prompt: str) -> str:
                try:
                    return ask(prompt)
                except EndpointFailed as error:
                    failed = judging.JudgeFailed(error.message, hint=error.hint)
                    failed.kind = error.kind
                    raise failed from error

            ratings: Mapping[str, float] = emer.overlap(
                predictions, truth, judge, self._prompts, self.repeats, self.log
            )
            return ratings

    def describe(self) -> Mapping[str, Any]:
        """What must be the same before two results may be compared."""
        return {
            "judge": self.endpoint.model,
            "endpoint": self.endpoint.base_url,
            "temperature": self.endpoint.temperature,
            "prompts_sha256": self._prompts.fingerprint(),
        }


def _metrics() -> tuple[ModuleType, ModuleType]:
    """EMER's overlap and its questions, imported on first use: describer and reasoner do without scikit-learn."""
    try:
        from affekt_metrics import emer, judging
    except ImportError as error:
        raise MissingDependency(
            f"the judge of explanations needs affekt-metrics: {error}", hint='pip install "affekt-openai[judge]"'
        ) from error
    return emer, judging

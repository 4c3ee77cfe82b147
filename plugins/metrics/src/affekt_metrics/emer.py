"""EMER clue and label overlap (Lian et al., 2023), rated by a language model on this machine.

Ratings of different judges or prompts are not comparable: the official judge is retired, so published figures cannot
be reproduced. affekt-openai has the same evaluator for any OpenAI-compatible endpoint.
"""

from collections.abc import Mapping, Sequence
from functools import cached_property
from pathlib import Path
from typing import Any

from affekt import Component, EmotionPrediction, MissingDependency, Truth
from pydantic import Field

from affekt_metrics.judging import Judge, Prompts, rate
from affekt_metrics.pairs import need, pair
from affekt_metrics.written import text_of


class Emer(Component):
    """`clue` and `label` from 1 to 10, their spread over repeats, and a count of every reply that was no rating."""

    model: str = Field(description="A causal language model: a hub name or a local folder")
    revision: str | None = Field(default=None, description="A commit of the hub repository, for reproducible runs")
    device: str = Field(default="cpu", description='Anything torch.device takes, e.g. "cuda:0"')
    prompts: Path | None = Field(default=None, description="YAML with your own `clue`, `words` and `label`")
    repeats: int = Field(default=3, ge=1, description="How often everything is rated; at temperature 0 they agree")
    max_new_tokens: int = Field(default=512, ge=1, description="Longest reply")
    log: Path | None = Field(default=None, description="JSON lines of every question and reply")

    @cached_property
    def _prompts(self) -> Prompts:
        return Prompts.read(self.prompts)

    @cached_property
    def _judge(self) -> Judge:
        try:
            from affekt_metrics.local_judge import load
        except MissingDependency:  # it says itself what to install
            raise
        except ImportError as error:
            raise MissingDependency(
                f"a judge on this machine needs torch and transformers: {error}",
                hint='pip install "affekt-metrics[judge]"',
            ) from error
        return load(self.model, self.revision, self.device, self.max_new_tokens)

    def evaluate(self, predictions: Sequence[EmotionPrediction], truth: Truth) -> Mapping[str, float]:
        """Computes the measures, with their intervals and details."""
        # Not `self._judge` itself: what is wrong with the input is told before a model is loaded.
        return overlap(predictions, truth, lambda prompt: self._judge(prompt), self._prompts, self.repeats, self.log)

    def describe(self) -> Mapping[str, Any]:
        """What must be the same before two results may be compared."""
        return {"judge": self.model, "revision": self.revision, "prompts_sha256": self._prompts.fingerprint()}


def overlap(
    predictions: Sequence[EmotionPrediction],
    truth: Truth,
    judge: Judge,
    prompts: Prompts,
    repeats: int,
    log: Path | None,
) -> dict[str, float]:
    """Ratings of what was written against descriptions; an answer without a text is counted as `unanswered`.

    What a language model wrote is rated whole (`EmotionPrediction.generated`), else the rationale.

    Raises:
        DataError: a reference has no description, or nothing could be rated.
    """
    pairs = pair(predictions, truth)
    need(pairs, "description", lambda _, true: bool(true.description.strip()))
    texts = [(true.description.strip(), text_of(prediction)) for prediction, true in pairs]
    answered = [text for text in texts if text[1]]
    need(pairs, "text: every answer is empty", lambda _, true: bool(answered))
    ratings = rate(judge, answered, prompts, repeats, log)
    return ratings | {"n": float(len(texts)), "unanswered": float(len(texts) - len(answered))}

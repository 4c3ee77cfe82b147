"""Prompts for language models: emotional or not, a label of the closed set, or open words; in three styles.

A reasoner can be prompted where it has `write(turns, most)`, which goes on with a conversation. Where it has
`score_answers(turns, answers)` as well, labels are scored by their likelihood, and nothing has to be read out of free
text. Every answer begins with "Answer:", which is the last line of what a model writes, or what it continues.
"""

import hashlib
import re
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any, Literal, Protocol, runtime_checkable

import numpy as np
import yaml
from affekt import EmotionPrediction, Evidence

from affekt_benchmark.arguments.corpus import LABELS, NONE

Style = Literal["zero-shot", "one-shot", "reasoning"]
Space = Literal["binary", "closed", "open"]
STYLES: tuple[Style, ...] = ("zero-shot", "one-shot", "reasoning")
SPACES: tuple[Space, ...] = ("binary", "closed", "open")
EMOTIONAL = "emotional"
ANSWER = "Answer:"
TAGGED = re.compile(r"answer\s*:[ \t*]*([^\n]+)", re.IGNORECASE)
REASONS = 120
"""Tokens of the reasons before an answer, at most."""
WORDS = 16
"""Tokens of an answer."""
UNREADABLE = "no answer could be read in what the model wrote"
Turn = tuple[str, str]
"""Role (system, user, assistant) and text."""


@runtime_checkable
class Writer(Protocol):
    """A reasoner that goes on with a conversation."""

    def write(self, turns: Sequence[Turn], most: int) -> str:
        """What the model says next."""


@runtime_checkable
class Scorer(Writer, Protocol):
    """A reasoner that scores answers as well."""

    def score_answers(self, turns: Sequence[Turn], answers: Sequence[str]) -> np.ndarray:
        """log P(answer | conversation) of every answer."""


@dataclass(frozen=True, kw_only=True)
class Prompt:
    """What a model is asked, and how."""

    style: Style
    space: Space

    @property
    def labels(self) -> tuple[str, ...]:
        """The answers to choose from; none for open words."""
        return {"binary": (EMOTIONAL, NONE), "closed": LABELS, "open": ()}[self.space]

    def turns(self, id: str, text: str) -> list[Turn]:
        """The conversation up to the model's turn; the example of a one-shot prompt goes by the text's id."""
        shown = _wording()
        turns = [("system", shown["system"])]
        if self.style == "one-shot":
            example = example_for(id)
            turns += [("user", self._question(example["text"])), ("assistant", f"{ANSWER} {example[self.space]}")]
        return [*turns, ("user", self._question(text))]

    def _question(self, text: str) -> str:
        shown = _wording()
        labels = "; ".join(f"{label} ({meaning})" for label, meaning in shown["meanings"].items())
        how = shown["reasoning" if self.style == "reasoning" else "answer"]
        asked = shown["questions"][self.space].replace("{labels}", labels)
        return f"Argument: {' '.join(text.split())}\n{asked} {how}"

    def fingerprint(self) -> str:
        """The hash of all that can change an answer to this prompt."""
        plain = f"{self.style} {self.space} {REASONS} {WORDS} {sorted(LABELS)} {_wording()}"
        return hashlib.sha256(plain.encode()).hexdigest()[:12]


class Prompted:
    """A reasoner that asks a language model by a prompt, about texts alone."""

    def __init__(self, model: Writer, prompt: Prompt) -> None:
        self.model = model
        self.prompt = prompt

    def reason(self, evidence: Sequence[Evidence]) -> list[EmotionPrediction]:
        """A distribution over the prompt's labels, or open words; an abstention where no answer can be read."""
        return [self._reason_about(clip_evidence.clip.id, clip_evidence.clip.text or "") for clip_evidence in evidence]

    def _reason_about(self, id: str, text: str) -> EmotionPrediction:
        turns = self.prompt.turns(id, text)
        if isinstance(self.model, Scorer):
            return self._scored(self.model, turns)
        written = self.model.write(turns, REASONS + WORDS)
        tagged = TAGGED.findall(written)
        # Without a tag, an answer of one line is that answer; anything longer is reasons without an end.
        answer = tagged[-1] if tagged else written.strip() if "\n" not in written.strip() else ""
        return self._read(answer, written)

    def _scored(self, model: Scorer, turns: list[Turn]) -> EmotionPrediction:
        reasons = ""
        if self.prompt.style == "reasoning":
            reasons = re.split(TAGGED, model.write(turns, REASONS))[0].strip()
        begun = [*turns, ("assistant", f"{reasons}\n{ANSWER}".lstrip())]
        if not self.prompt.labels:
            return self._read(model.write(begun, WORDS).strip().partition("\n")[0], reasons)
        log_likelihoods = np.asarray(model.score_answers(begun, self.prompt.labels), dtype=np.float64)
        powers = np.exp(log_likelihoods - log_likelihoods.max())
        scores = dict(zip(self.prompt.labels, (powers / powers.sum()).tolist(), strict=True))
        best = max(scores, key=lambda label: scores[label])
        return EmotionPrediction(scores=scores, labels=(best,), rationale=reasons)

    def _read(self, answer: str, written: str) -> EmotionPrediction:
        words = tuple(dict.fromkeys(re.findall(r"[^\W\d_]+(?:[ '-][^\W\d_]+)*", answer.lower())))
        if not self.prompt.labels:
            if not words:
                return EmotionPrediction(scores={NONE: 1.0}, abstained=UNREADABLE, generated=written or answer)
            return EmotionPrediction(scores={words[0]: 1.0}, labels=words[:3], generated=written or answer)
        named = [label for label in self.prompt.labels if re.search(rf"\b{label}\b", answer.lower())]
        if len(named) != 1:
            even = dict.fromkeys(self.prompt.labels, 1 / len(self.prompt.labels))
            return EmotionPrediction(scores=even, abstained=UNREADABLE, generated=written)
        certain = {label: float(label == named[0]) for label in self.prompt.labels}
        return EmotionPrediction(scores=certain, labels=(named[0],), generated=written)


def example_for(id: str) -> dict[str, str]:
    """The worked example of a text. They take turns over the texts, so that no label is always the example."""
    examples = _wording()["examples"]
    chosen: dict[str, str] = examples[zlib.crc32(id.encode()) % len(examples)]
    emotional = NONE if chosen["closed"] == NONE else EMOTIONAL
    return {**chosen, "binary": emotional}


@cache
def _wording() -> dict[str, Any]:
    text = files("affekt_benchmark").joinpath("data/argument_prompts.yaml").read_text(encoding="utf-8")
    read: dict[str, Any] = yaml.safe_load(text)
    return read

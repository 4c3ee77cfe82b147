"""Emotion labels scored by a causal language model. It explains nothing; conversations with it are for benchmarks."""

from collections.abc import Sequence
from functools import cached_property
from typing import Any, Literal

import numpy as np
import torch
from affekt import Clue, Component, EmotionPrediction, Evidence
from affekt_encoding.torch_builds import matching_builds
from jaxtyping import Float64
from pydantic import Field

from affekt_llama.measurements import measured_clues

with matching_builds():
    from affekt_llama import checkpoint
    from affekt_llama.prompt import answer, continuation, conversation, description, prompt

EMOTIONS = ("neutral", "calm", "happy", "sad", "angry", "fearful", "disgusted", "surprised", "bored")


class LlamaReasoner(Component):
    """Scores are the softmax over the labels' log-probabilities after a prompt with transcript and measurements.

    With `contrast` the log-probability of the same label after an empty description is subtracted, so that a label
    does not win for being a common word (Holtzman et al., 2021, "Surface form competition").
    """

    model: str = Field(default="smollm2", description="A name of `affekt weights list`, a hub name, a folder, a GGUF")
    revision: str | None = Field(default=None, description="A commit of the hub repository, for reproducible runs")
    labels: tuple[str, ...] = Field(default=EMOTIONS, min_length=2, description="The emotions to choose from")
    contrast: bool = Field(default=True, description="Subtract what the model says of each label without any evidence")
    device: str = Field(default="cpu", description='Anything torch.device takes, such as "cuda:0"')
    dtype: Literal["float32", "bfloat16", "float16"] = Field(default="float32", description="Precision of the model")

    @cached_property
    def _loaded(self) -> checkpoint.Checkpoint:
        return checkpoint.load(self.model, revision=self.revision, device=self.device, dtype=self.dtype)

    @cached_property
    def unprompted(self) -> Float64[np.ndarray, "label"]:
        """log P(label | prompt) when the prompt shows nothing."""
        return self.log_probabilities("")

    def reason(self, evidence: Sequence[Evidence]) -> list[EmotionPrediction]:
        """One distribution over `labels` a clip, with the measurements that were shown as clues."""
        return [self._felt(clip_evidence) for clip_evidence in evidence]

    def _felt(self, evidence: Evidence) -> EmotionPrediction:
        clues = measured_clues(evidence)
        shown = description(evidence.clip.text, clues)
        if not shown:
            even = dict.fromkeys(self.labels, 1 / len(self.labels))
            return EmotionPrediction(scores=even, abstained="nothing was said, and no feature has a name to tell")
        scores = self.log_probabilities(shown) - (self.unprompted if self.contrast else 0.0)
        shares = np.exp(scores - scores.max())
        ranked = dict(zip(self.labels, (shares / shares.sum()).tolist(), strict=True))
        best = max(ranked, key=lambda label: ranked[label])
        return EmotionPrediction(scores=ranked, labels=(best,), clues=tuple(clues), rationale=_shown(evidence, clues))

    def log_probabilities(self, shown: str) -> Float64[np.ndarray, "label"]:
        """log P(label | prompt) of every label."""
        tokenizer = self._loaded.tokenizer
        return self._after(prompt(tokenizer, shown, self.labels), [answer(tokenizer, label) for label in self.labels])

    def score_answers(self, turns: Sequence[tuple[str, str]], answers: Sequence[str]) -> Float64[np.ndarray, "answer"]:
        """log P(answer | conversation) of every answer, for a conversation that ends in the midst of a sentence.

        Args:
            turns: (role, text), of the roles system, user and assistant; a last turn of the assistant is continued.
        """
        tokenizer = self._loaded.tokenizer
        return self._after(conversation(tokenizer, turns), [continuation(tokenizer, text) for text in answers])

    @torch.inference_mode()
    def write(self, turns: Sequence[tuple[str, str]], most: int) -> str:
        """What the model says next in a conversation, by its likeliest words.

        Args:
            most: tokens.
        """
        tokenizer, model = self._loaded.tokenizer, self._loaded.model
        asked = torch.tensor([conversation(tokenizer, turns)], device=self.device)
        written: Any = model
        ids = written.generate(
            asked, attention_mask=torch.ones_like(asked), max_new_tokens=most, do_sample=False,
            pad_token_id=tokenizer.eos_token_id,
        )  # fmt: skip
        return str(tokenizer.decode(ids[0, asked.shape[1] :], skip_special_tokens=True))

    @torch.inference_mode()
    def _after(self, asked: Sequence[int], pieces_of: Sequence[Sequence[int]]) -> Float64[np.ndarray, "answer"]:
        """The prompt is read once, then all answers in one batch."""
        model = self._loaded.model
        answers = [torch.tensor(pieces) for pieces in pieces_of]
        # Padded on the right, where a causal model cannot see it.
        rows = torch.nn.utils.rnn.pad_sequence(answers, batch_first=True, padding_value=0).to(self.device)
        lengths = torch.tensor([len(pieces) for pieces in answers], device=self.device)
        read = model(input_ids=torch.tensor([list(asked)], device=self.device), use_cache=True, logits_to_keep=1)
        read.past_key_values.batch_repeat_interleave(len(answers))
        written = model(input_ids=rows, past_key_values=read.past_key_values, use_cache=True)
        # Every position predicts the next piece: the prompt's last one the first, a label's first one its second.
        logits = torch.cat([read.logits.expand(len(answers), -1, -1), written.logits[:, :-1]], dim=1)
        pieces = logits.double().log_softmax(dim=-1).gather(2, rows.unsqueeze(-1)).squeeze(-1)
        counted = torch.arange(rows.shape[1], device=self.device) < lengths.unsqueeze(1)
        totals: Float64[np.ndarray, "answer"] = (pieces * counted).sum(dim=1).cpu().numpy()
        return totals


def _shown(evidence: Evidence, clues: Sequence[Clue]) -> str:
    """States the inputs and no reason: which of them moved the model is not known."""
    parts = [f"{clue.text} ({clue.start:.1f} to {clue.end:.1f} s)" for clue in clues]
    parts += ["the transcript"] if evidence.clip.text else []
    return f"A language model scored the labels after it was shown: {'; '.join(parts)}."

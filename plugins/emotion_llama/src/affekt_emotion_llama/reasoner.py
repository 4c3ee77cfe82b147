"""The reasoner `emotion-llama`: scores labels by a language model that reads the clip's tokens, and lets it say why."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Literal

import numpy as np
import torch
from affekt import Clip, Clue, Component, ComponentError, EmotionPrediction, Evidence, Moment, OptionsError
from affekt_clues.reason import Reason
from pydantic import Field
from torch import Tensor

from affekt_emotion_llama import course, explanation, generation, measured, scoring
from affekt_emotion_llama.fusing import Loaded, fuse
from affekt_emotion_llama.injection import instructs
from affekt_emotion_llama.labels import open_vocabulary
from affekt_emotion_llama.language_model import Dtype
from affekt_emotion_llama.model import EmotionLlama
from affekt_emotion_llama.prompt import Layout, Prompt, Task, answer_ids, build
from affekt_emotion_llama.rationale import compose
from affekt_emotion_llama.sequence import embed

WORTH_SHARING = 32
"""Positions that two prompts share from which reading them once is faster than twice."""
MOST_SENTENCES = 3
"""Sentences that a model chooses, where it does not write."""
NOTHING = "Nothing that was measured speaks for it."
CLEAR = 0.2
"""How far, in nats, a sentence alone must raise a label to be quoted for it."""


@dataclass(frozen=True, kw_only=True)
class Question:
    """What is asked of a clip beside what the model was trained on."""

    text: str
    labels: tuple[str, ...]


class EmotionLlamaReasoner(Component):
    """Probabilities of any labels, and an explanation whose claims are looked up in the evidence.

    The pipeline's fuser must have been trained with the same model.
    """

    model: str = Field(default="emotion-llama-mini", description="A saved model: a folder, a hub or a shipped name")
    revision: str | None = Field(default=None, description="A commit of the hub repository, for reproducible runs")
    labels: tuple[str, ...] | None = Field(
        default=None, min_length=1, description="The emotions to choose from; null takes the model's own"
    )
    task: Literal["reason", "reason_v2"] | None = Field(
        default="reason", description="How it is asked to explain; null scores the labels only"
    )
    layout: Layout | None = Field(default=None, description="Of the prompt; null takes the model's own")
    most_tokens: int = Field(default=160, gt=0, description="Longest explanation; upstream evaluates with 500")
    abstain_below: float = Field(
        default=0.0, ge=0, le=1, description="Claims nothing when the likeliest label is less probable than this"
    )
    expected: dict[str, float] | None = Field(
        default=None, description="Shares of the labels before any evidence; null takes them as equally likely"
    )
    trust: float = Field(
        default=1.0, gt=0, le=1, description="Exponent of the evidence; below 1 for recordings unlike those of training"
    )
    bits: Literal[4, 8] | None = Field(default=None, description="Quantise the language model; needs a CUDA GPU")
    batch: int = Field(default=8, gt=0, description="Clips whose labels are scored in one forward pass")
    device: str = Field(default="cpu", description='Anything torch.device takes, such as "cuda:0"')
    dtype: Dtype = Field(default="float32", description="Precision of the language model")

    @cached_property
    def loaded(self) -> EmotionLlama:
        """The model; loads on first use."""
        return EmotionLlama.from_pretrained(
            self.model, revision=self.revision, device=self.device, dtype=self.dtype, bits=self.bits, merge=True
        )

    @property
    def trained_on(self) -> tuple[str, ...]:
        """What the model learnt from, as it states itself. Benchmarks read it."""
        return self.loaded.config.trained_on

    def reason(self, evidence: Sequence[Evidence]) -> list[EmotionPrediction]:
        """One prediction a clip; an abstention where nothing was seen, heard or said.

        Raises:
            ComponentError: the pipeline has no fuser.
            DataError: the fuser makes another number of tokens than the model was trained with.
        """
        told = [known for known in evidence if self._tells(known)]
        if self.task is not None:
            return [self._read(known) if self._tells(known) else self._nothing(known) for known in evidence]
        batches = [told[at : at + self.batch] for at in range(0, len(told), self.batch)]
        scores = iter([row for batch in batches for row in self._scores(batch)])
        return [self._felt(known, next(scores)) if self._tells(known) else self._nothing(known) for known in evidence]

    def stream(self, known: Evidence) -> Iterator[str]:
        """The explanation, piece by piece as it is written, before any of it is checked."""
        _, lead, pieces = self._explained(known)
        yield lead
        yield from pieces

    @torch.inference_mode()
    def ask(self, known: Evidence, questions: Sequence[Question]) -> list[dict[str, float]]:
        """Probabilities for several questions on one clip, which is read once."""
        sequences = [self._embedded(known, self._prompt(known, "emotion", question)) for question in questions]
        length = scoring.shared_length(sequences) if len(sequences) > 1 else len(sequences[0]) - 1
        beginning = scoring.read(self.loaded.plain, sequences[0][:length])
        answers = [self._answers(question.labels) for question in questions]
        found = scoring.ask(self.loaded.plain, beginning, [one[length:] for one in sequences], answers)
        return [self._shares(question.labels, row) for question, row in zip(questions, found, strict=True)]

    def said(self, clip: Clip) -> str | None:
        """The transcript as the model is shown it: None where it looks like an order to a language model."""
        return None if clip.text and instructs(clip.text, self._labels) else clip.text

    @property
    def _labels(self) -> tuple[str, ...]:
        return self.labels or self.loaded.config.labels

    def _tells(self, known: Evidence) -> bool:
        form = self.loaded.config.prompt
        words = (self.layout or form.layout) != "short" and bool((self.said(known.clip) or "").strip())
        if known.fused is not None:
            return words or bool(known.fused.mask.any())
        if words or known.features:
            raise ComponentError(
                "emotion-llama reads fused tokens, but the pipeline has no fuser",
                hint=f"fuser: {{use: linear, model: {self.model}}}",
            )
        return False

    def _prompt(
        self, known: Evidence, task: Task, question: Question | None = None, shown: str | None = None
    ) -> Prompt:
        model = self.loaded
        form = model.config.prompt
        if self.layout is not None:
            form = form.model_copy(update={"layout": self.layout})
        labels = question.labels if question else self._labels
        asked = question.text if question else None
        return build(model.tokenizer, form, task, self.said(known.clip), labels, measured=shown, asked=asked)

    def _embedded(self, known: Evidence, prompt: Prompt) -> Tensor:
        assert known.fused is not None
        tokens = torch.from_numpy(known.fused.tokens).to(self.device)
        mask = torch.from_numpy(known.fused.mask).to(self.device)
        return embed(self.loaded.plain.get_input_embeddings(), prompt, tokens, mask)

    def _answers(self, labels: Sequence[str]) -> list[tuple[int, ...]]:
        tokenizer = self.loaded.tokenizer
        written = self.loaded.config.written
        ids = [answer_ids(tokenizer, written.get(label, label), end=False) for label in labels]
        return scoring.endings(ids, int(tokenizer.eos_token_id))  # type: ignore[arg-type]

    @torch.inference_mode()
    def _scores(self, evidence: Sequence[Evidence]) -> list[dict[str, float]]:
        """Label → probability of every clip, in one forward pass."""
        sequences = [self._embedded(known, self._prompt(known, "emotion")) for known in evidence]
        found = scoring.log_probabilities(self.loaded.plain, sequences, self._answers(self._labels))
        return [self._shares(self._labels, row) for row in found]

    def _shares(self, labels: Sequence[str], row: Tensor) -> dict[str, float]:
        config = self.loaded.config
        prior = row.new_tensor([config.prior.get(label, 0.0) for label in labels])
        evidence = self.trust * ((row - prior) / config.temperature).log_softmax(dim=0)
        shares = (evidence + self._before(labels, row)).softmax(dim=0)
        return dict(zip(labels, shares.tolist(), strict=True))

    def _before(self, labels: Sequence[str], row: Tensor) -> Tensor:
        """Logarithms of what is expected of the labels; questions with labels of their own have none."""
        if self.expected is None or tuple(labels) != self._labels:
            return row.new_zeros(len(row))
        if set(self.expected) != set(labels) or min(self.expected.values()) <= 0:
            raise OptionsError(
                f"expected: should give a share above 0 to each label; found {self.expected}",
                hint=f"shares for {', '.join(labels)}",
            )
        return row.new_tensor([self.expected[label] for label in labels]).log()

    def _read(self, known: Evidence) -> EmotionPrediction:
        window = self.loaded.config.window
        if window is not None and known.clip.duration > window * 4 / 3:
            timeline = self._timeline(known, window)
            if len(runs := course.stretches(timeline)) > 1:
                return self._changing(known, timeline, runs)
            if timeline:
                return replace(self._whole(known, _mean(timeline)), timeline=tuple(timeline))
        return self._whole(known)

    def _whole(self, known: Evidence, given: Mapping[str, float] | None = None) -> EmotionPrediction:
        scores, lead, pieces = self._explained(known, given)
        return self._felt(known, scores, explanation.read(f"{lead}{''.join(pieces)}", known))

    def _changing(
        self, known: Evidence, timeline: Sequence[Moment], runs: Sequence[course.Stretch]
    ) -> EmotionPrediction:
        """Each stretch is explained by itself, with what was measured in it."""
        parts = []
        for run in runs:
            part = course.view(known, run.start, run.end, self._fusion, self.device)
            _, lead, pieces = self._explained(part, {run.label: 1.0}, (known, (run.start, run.end)))
            parts.append(explanation.read(f"{lead}{''.join(pieces)}", known))
        read = explanation.joined(parts)
        felt = self._felt(known, _mean(timeline), read, runs)
        return replace(felt, timeline=tuple(timeline))

    @torch.inference_mode()
    def _timeline(self, known: Evidence, window: float) -> list[Moment]:
        """A distribution for every moment in which there is something to judge."""
        duration = known.clip.duration
        spans = course.windows(duration, window, self.loaded.config.hop)
        views = [course.view(known, begin, end, self._fusion, self.device) for begin, end in spans.tolist()]
        edges = np.linspace(0.0, duration, len(spans) + 1)
        told = [index for index, one in enumerate(views) if self._tells(one)]
        rows = [row for at in range(0, len(told), self.batch)
                for row in self._scores([views[index] for index in told[at : at + self.batch]])]  # fmt: skip
        return course.moments([(float(edges[index]), float(edges[index + 1])) for index in told], rows)

    @property
    def _fusion(self) -> Loaded:
        return Loaded(module=self.loaded.fusion, dims=self.loaded.config.dims)

    @torch.inference_mode()
    def _explained(
        self,
        known: Evidence,
        given: Mapping[str, float] | None = None,
        within: tuple[Evidence, tuple[float, float]] | None = None,
    ) -> tuple[dict[str, float], str, Iterator[str]]:
        """Scores, how the explanation begins by agreement with them, and its pieces as they are written.

        What both prompts begin with is read once, where there is much of it.

        Args:
            given: scores that are known already.
            within: the whole clip and the stretch of it that `known` is.
        """
        model = self.loaded
        found = measured.clues(*(within or (known, None)))
        shown = measured.told(found) if model.config.shows_measured else None
        asked = self._embedded(known, self._prompt(known, "emotion"))
        why = self._embedded(known, self._prompt(known, self.task or "reason", shown=shown))
        length = scoring.shared_length([asked, why])
        beginning = scoring.read(model.plain, asked[:length]) if length >= WORTH_SHARING else None
        if beginning is not None:
            why = why[length:]
        if given is not None:
            scores = dict(given)
        elif beginning is not None:
            (row,) = scoring.ask(model.plain, beginning, [asked[length:]], [self._answers(self._labels)])
            scores = self._shares(self._labels, row)
        else:
            (row,) = scoring.log_probabilities(model.plain, [asked], self._answers(self._labels))
            scores = self._shares(self._labels, row)
        lead = model.config.lead.replace("{label}", max(scores, key=lambda label: scores[label]))
        if lead:
            ids = torch.tensor(answer_ids(model.tokenizer, lead, end=False), device=why.device)
            why = torch.cat([why, model.plain.get_input_embeddings()(ids)])
        if model.config.explains == "chosen":
            return (
                scores,
                lead,
                self._chosen(known, why, max(scores, key=lambda label: scores[label]), beginning, within),
            )
        ends = [int(model.tokenizer.eos_token_id)]  # type: ignore[arg-type]
        written = generation.tokens(model.plain, why, most=self.most_tokens, ends=ends, beginning=beginning)
        return scores, lead, generation.text(model.tokenizer, written)

    def _chosen(
        self,
        known: Evidence,
        why: Tensor,
        label: str,
        beginning: scoring.Beginning | None,
        within: tuple[Evidence, tuple[float, float]] | None,
    ) -> Iterator[str]:
        """The sentences that the model finds likeliest per token, of those that are borne out, in order of time."""
        model = self.loaded
        whole, span = within or (known, None)
        found = measured.sentences(whole, label, span, self._quotable(whole, label, span))
        if not found:
            yield f" {NOTHING}"
            return
        answers = [answer_ids(model.tokenizer, sentence, end=False) for sentence in found]
        if beginning is not None:
            (row,) = scoring.ask(model.plain, beginning, [why], [answers])
        else:
            (row,) = scoring.log_probabilities(model.plain, [why], answers)
        likely = [float(score) / len(answer) for score, answer in zip(row, answers, strict=True)]
        best = sorted(range(len(found)), key=lambda index: -likely[index])[:MOST_SENTENCES]
        yield from (f" {found[index]}" for index in sorted(best, key=lambda index: _begins(found[index])))

    def _quotable(self, known: Evidence, label: str, span: tuple[float, float] | None) -> list[Reason]:
        """The sentences that, read alone, speak for a label."""
        slot = self.loaded.config.words
        if slot is None or slot not in known.features or not self.said(known.clip):
            return []
        features, found = known.features[slot], []
        for row, (begin, end) in enumerate(features.clock().tolist()):
            if span is not None and end > begin and min(end, span[1]) - max(begin, span[0]) < 0.5 * (end - begin):
                continue
            alone = replace(known, features={slot: replace(features, values=features.values[row : row + 1], hop=1.0,
                                                           start=0.0, spans=None)}, fused=None)  # fmt: skip
            (scores,) = self._scores([replace(alone, fused=fuse(self._fusion, [alone], self.device)[0])])
            clear = np.log(scores[label] / self._before_any(label))
            quoted = measured.quotation(known, begin, end)
            if quoted and clear >= CLEAR and scores[label] >= 0.9 * max(scores.values()):
                clue = Clue(modality="text", start=begin, end=end, text=f"the words “{quoted}”", checked=False)
                found.append(Reason(clue=clue, supports=(label,), strength=min(1.0, clear / 2)))
        return found

    def _before_any(self, label: str) -> float:
        """The share of a label that is expected before any evidence."""
        return self.expected[label] if self.expected else 1 / len(self._labels)

    def _felt(
        self,
        known: Evidence,
        scores: Mapping[str, float],
        read: explanation.Explanation | None = None,
        runs: Sequence[course.Stretch] = (),
    ) -> EmotionPrediction:
        best = max(scores, key=lambda label: scores[label])
        read = read or explanation.Explanation(text="", clues=())
        abstained = None
        if scores[best] < self.abstain_below:
            abstained = f"the likeliest answer would be right only about {scores[best]:.0%} of the time"
        valence, arousal = self._plane(scores)
        return EmotionPrediction(
            scores=dict(scores),
            labels=tuple(dict.fromkeys((best, *open_vocabulary(read.text)))),
            valence=valence,
            arousal=arousal,
            rationale=compose(known, scores, read, abstained, ordered=self._ordered(known), runs=runs),
            clues=read.clues,
            abstained=abstained,
        )

    def _ordered(self, known: Evidence) -> bool:
        return self.said(known.clip) != known.clip.text

    def _plane(self, scores: Mapping[str, float]) -> tuple[float | None, float | None]:
        """Expected valence and arousal, where the model says where its labels lie."""
        places = self.loaded.config.coordinates
        if not set(scores) <= set(places):
            return None, None
        valence, arousal = np.array(list(scores.values())) @ np.array([places[label] for label in scores])
        return float(valence), float(arousal)

    def _nothing(self, known: Evidence) -> EmotionPrediction:
        why = "nothing was seen, heard or read that the model knows"
        even = dict.fromkeys(self._labels, 1 / len(self._labels))
        reasons = "; ".join(dict.fromkeys([*known.missing.values(), *known.clip.missing.values()]))
        return EmotionPrediction(
            scores=even, abstained=why, rationale=f"Nothing is claimed: {why}{f' ({reasons})' if reasons else ''}."
        )


def _mean(timeline: Sequence[Moment]) -> dict[str, float]:
    """The mean of the moments, each weighing as long as it lasts."""
    lengths = np.array([moment.end - moment.start for moment in timeline])
    rows = np.array([list(moment.scores.values()) for moment in timeline])
    return dict(zip(timeline[0].scores, (lengths @ rows / lengths.sum()).tolist(), strict=True))


def _begins(sentence: str) -> float:
    found = explanation.TIMES.search(sentence)
    return float(found[1]) if found else 0.0

"""The reasoner `emotion-llama`: scores labels by a language model that reads the clip's tokens, and lets it say why."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import ClassVar, Literal, Self

import numpy as np
import torch
from affekt import (
    Clip,
    Clue,
    Component,
    ComponentError,
    DataError,
    EmotionPrediction,
    Evidence,
    Modality,
    Moment,
    OptionsError,
)
from affekt.trained_with import TrainedWith
from affekt_clues.check import is_in
from affekt_clues.phrasing import CLEAR
from affekt_encoding.torch_builds import matching_builds
from affekt_recordings import Analysis
from affekt_recordings.asking import Task as TellingTask
from affekt_recordings.asking import TextAnswer
from jaxtyping import Float64
from pydantic import Field, model_validator
from torch import Tensor

with matching_builds():
    from affekt_emotion_llama import opinions
    from affekt_emotion_llama.explaining import (
        asking,
        conclusion,
        explanation,
        measurements,
        observed,
        rationale,
        replying,
    )
    from affekt_emotion_llama.explaining.conclusion import Read
    from affekt_emotion_llama.explaining.injection import instructs
    from affekt_emotion_llama.explaining.labels import disagreement, open_vocabulary
    from affekt_emotion_llama.explaining.timeline import (
        cuts_of,
        moments_of,
        observed_in,
        slices,
        stretches,
        view,
        windows,
    )
    from affekt_emotion_llama.fusing import Loaded
    from affekt_emotion_llama.gating import gated
    from affekt_emotion_llama.language import conversation, generation, int8, scoring
    from affekt_emotion_llama.language.language_model import Dtype
    from affekt_emotion_llama.language.prompt import Layout, Prompt, Task, answer_ids, build
    from affekt_emotion_llama.language.sequence import embed
    from affekt_emotion_llama.model import EmotionLlama
    from affekt_emotion_llama.saved import ModelConfig, in_use, locate, read_config

WORTH_SHARING = 32
"""Positions that two prompts share from which reading them once is faster than twice."""


@dataclass(frozen=True, kw_only=True)
class Question:
    """What is asked of a clip beside what the model was trained on."""

    text: str
    labels: tuple[str, ...]


class EmotionLlamaReasoner(Component):
    """Probabilities of any labels, and an explanation whose claims are looked up in the evidence.

    The pipeline's fuser must have been trained with the same model.
    """

    renamed_options: ClassVar[Mapping[str, str]] = {"batch": "batch_size"}

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
        default=0.0,
        ge=0,
        le=1,
        description="Claims nothing when the likeliest label has a lower score",
    )
    wordless_below: float | None = Field(
        default=None,
        ge=0,
        le=1,
        description="The same where a voice that says no words is all there is to judge; null takes abstain_below",
    )
    expected: dict[str, float] | None = Field(
        default=None, description="Shares of the labels before any evidence; null takes them as equally likely"
    )
    wordless_expected: dict[str, float] | None = Field(
        default=None,
        description="The same where a voice that says no words is all there is to judge; null takes expected, and so "
        "do labels of one's own that it does not hold",
    )
    trust: float = Field(
        default=1.0, gt=0, le=1, description="Exponent of the evidence; below 1 for recordings unlike those of training"
    )
    trusts: dict[str, float] = Field(
        default_factory=dict,
        description="Slot → exponent of what it says by itself; for models whose tokens are opinions",
    )
    bits: Literal[4, 8] | None = Field(default=None, description="Quantise the language model with bitsandbytes")
    batch_size: int = Field(default=8, gt=0, description="Clips whose labels are scored in one forward pass")
    device: str = Field(default="cpu", description='Anything torch.device takes, such as "cuda:0"')
    dtype: Dtype | Literal["int8"] = Field(
        default="float32",
        description="Precision of the language model; int8 keeps its weights in one byte each and writes about twice "
        "as fast on a processor, and is float32 on other devices",
    )

    @model_validator(mode="after")
    def _expects_its_labels(self) -> Self:
        if self.labels is not None and self.expected is not None and set(self.labels) != set(self.expected):
            raise ValueError(
                f"expected holds shares of {', '.join(self.expected)}, and labels are {', '.join(self.labels)}; "
                "`expected: null` takes them as equally likely"
            )
        return self

    @model_validator(mode="after")
    def _quantised_once(self) -> Self:
        if self.dtype == "int8" and self.bits is not None:
            raise ValueError(f"dtype int8 is for a processor and bits for a GPU; found both, bits {self.bits}")
        return self

    @cached_property
    def loaded(self) -> EmotionLlama:
        """The model; loads on first use."""
        dtype: Dtype = "float32" if self.dtype == "int8" else self.dtype
        int8.give_back()  # what encoders needed before is not needed beside the largest weights of the pipeline
        loaded = EmotionLlama.from_pretrained(
            self.model, revision=self.revision, device=self.device, dtype=dtype, bits=self.bits, merge=True
        )
        if self.dtype == "int8" and self.device == "cpu":
            int8.quantise(loaded.plain)
        return loaded

    @property
    def weights_in_use(self) -> tuple[str, ...]:
        """Names of `affekt weights list` for provenance: the saved model's, and its language model's."""
        return in_use(self.model, language_model=True)

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
        evidence = [self._gated(clip_evidence) for clip_evidence in evidence]
        judgeable = [clip_evidence for clip_evidence in evidence if self._tells(clip_evidence)]
        if self.task is not None:
            return [
                self._read(clip_evidence) if self._tells(clip_evidence) else self._nothing(clip_evidence)
                for clip_evidence in evidence
            ]
        batches = [judgeable[at : at + self.batch_size] for at in range(0, len(judgeable), self.batch_size)]
        scores = iter([row for batch in batches for row in self._scores(batch)])
        return [
            self._felt(clip_evidence, Read(scores=next(scores), views=(clip_evidence,)))
            if self._tells(clip_evidence)
            else self._nothing(clip_evidence)
            for clip_evidence in evidence
        ]

    def stream(self, evidence: Evidence) -> Iterator[str]:
        """The explanation, piece by piece as it is written, before any of it is checked."""
        _, lead, pieces = self._explained(self._gated(evidence))
        yield lead
        yield from pieces

    @torch.inference_mode()
    def ask(self, evidence: Evidence, questions: Sequence[Question]) -> list[dict[str, float]]:
        """Probabilities for several questions on one clip, which is read once."""
        evidence = self._gated(evidence)
        if self.loaded.config.opinions:
            return [
                self._opinions([evidence], question.labels, [self._wordless(evidence)])[0] for question in questions
            ]
        sequences = [self._embedded(evidence, self._prompt(evidence, "emotion", question)) for question in questions]
        length = scoring.shared_length(sequences) if len(sequences) > 1 else len(sequences[0]) - 1
        beginning = scoring.read(self.loaded.plain, sequences[0][:length])
        answers = [self._answers(question.labels) for question in questions]
        scores = scoring.ask(self.loaded.plain, beginning, [sequence[length:] for sequence in sequences], answers)
        return [self._shares(question.labels, row) for question, row in zip(questions, scores, strict=True)]

    def encoders(self) -> Mapping[str, TrainedWith]:
        """Slot → the encoder the model was trained with, as it states; pipelines refuse others."""
        return self._config.encoders

    @cached_property
    def _config(self) -> ModelConfig:
        """All that a saved model states, without its weights."""
        return read_config(locate(self.model, self.revision))

    @property
    def replies(self) -> bool:
        """Whether the model answers a person; one whose language model only learnt to explain does not."""
        return not self._config.opinions

    def reply(self, felt: Analysis, language: str) -> str:
        """What to say in answer to a recording, where the model writes replies; `affekt respond` asks for it.

        Raises:
            DataError: the model only learnt to explain, as emotion-llama-mini did.
        """
        words = [words_of_part for part in felt.parts if (words_of_part := self.transcript(part.evidence.clip))]
        return replying.written(self.loaded, felt, words, language, self.most_tokens)

    @property
    def answers_questions(self) -> bool:
        """Whether the model answers free questions; one that only learnt to explain answers the four tasks."""
        return not self._config.opinions

    @torch.inference_mode()
    def answer(self, felt: Analysis, question: str | None, task: TellingTask) -> TextAnswer:
        """The answer to a free question, or to a task; `affekt.asking.ask` asks for it.

        Raises:
            DataError: the recording is too long for a free question, nothing in it can be judged, or nothing that the
                model wrote stands.
        """
        if question is None:
            views: tuple[Evidence, ...] = ()
            if self.loaded.config.opinions and len(felt.parts) == 1:
                evidence, window = self._gated(felt.parts[0].evidence), self.loaded.config.window
                views = (self._timeline(evidence, window)[0] if window else ()) or (evidence,)
                views = tuple(part for part in views if self._tells(part))
            return asking.by_task(felt, task, self._alone(views, self._wordless(evidence)) if views else {})
        evidence = self._gated(asking.only_window(felt))
        if not self._tells(evidence):
            raise DataError("nothing was seen, heard or read that the model could be asked about", hint="another clip")
        prompt = self._prompt(evidence, "reason", Question(text=question, labels=self._labels))
        return asking.freely(self.loaded, evidence, prompt, self.most_tokens, self.device)

    @torch.inference_mode()
    def score_answers(self, turns: Sequence[tuple[str, str]], answers: Sequence[str]) -> Float64[np.ndarray, "answer"]:
        """log P(answer | conversation) of every answer, by the language model alone, without a clip's tokens.

        Args:
            turns: (role, text), of the roles system, user and assistant; a last turn of the assistant is continued.
        """
        shown = conversation.embedded(self.loaded, turns)
        ids = [answer_ids(self.loaded.tokenizer, text, end=False) for text in answers]
        (scores,) = scoring.log_probabilities(self.loaded.plain, [shown], scoring.endings(ids, self._end))
        logarithms: Float64[np.ndarray, "answer"] = scores.cpu().numpy()
        return logarithms

    def write(self, turns: Sequence[tuple[str, str]], most: int) -> str:
        """What the language model says next in a conversation, by its likeliest words.

        Args:
            most: tokens.
        """
        model = self.loaded
        ids = generation.tokens(model.plain, conversation.embedded(model, turns), most=most, ends=[self._end])
        return "".join(generation.text(model.tokenizer, ids))

    @property
    def _end(self) -> int:
        return int(self.loaded.tokenizer.eos_token_id)

    def transcript(self, clip: Clip) -> str | None:
        """The transcript as the model is shown it: None where it looks like an order to a language model."""
        return None if clip.text and instructs(clip.text, self._labels) else clip.text

    def _nothing(self, evidence: Evidence) -> EmotionPrediction:
        return conclusion.nothing(evidence, self._labels, self.loaded.config, self.abstain_below)

    @property
    def _labels(self) -> tuple[str, ...]:
        return self.labels or self.loaded.config.labels

    def _tells(self, evidence: Evidence) -> bool:
        form = self.loaded.config.prompt
        words = (self.layout or form.layout) != "short" and bool((self.transcript(evidence.clip) or "").strip())
        if evidence.fused is not None:
            return words or bool(evidence.fused.mask.any())
        if words or evidence.features:
            raise ComponentError(
                "emotion-llama reads fused tokens, but the pipeline has no fuser",
                hint=f"fuser: {{use: linear, model: {self.model}}}",
            )
        return False

    def _prompt(
        self, evidence: Evidence, task: Task, question: Question | None = None, shown: str | None = None
    ) -> Prompt:
        model = self.loaded
        form = model.config.prompt
        if self.layout is not None:
            form = form.model_copy(update={"layout": self.layout})
        labels = question.labels if question else self._labels
        asked = question.text if question else None
        return build(model.tokenizer, form, task, self.transcript(evidence.clip), labels, measured=shown, asked=asked)

    def _embedded(self, evidence: Evidence, prompt: Prompt) -> Tensor:
        assert evidence.fused is not None
        tokens = torch.from_numpy(evidence.fused.tokens).to(self.device)
        mask = torch.from_numpy(evidence.fused.mask).to(self.device)
        return embed(self.loaded.plain.get_input_embeddings(), prompt, tokens, mask)

    @property
    def _exponents(self) -> Tensor | None:
        """How much every token counts; None where all count the same."""
        return opinions.exponents(self.trusts, opinions.slots(self.loaded)).to(self.device) if self.trusts else None

    @cached_property
    def _directions(self) -> tuple[Tensor, Tensor]:
        return opinions.directions(self.loaded)

    def _gated(self, evidence: Evidence) -> Evidence:
        asks = self._tells(evidence) and (self.loaded.config.face or self.loaded.config.languages)
        return gated(evidence, self.loaded.config, self._fusion, self.device) if asks else evidence

    def _answers(self, labels: Sequence[str]) -> list[tuple[int, ...]]:
        tokenizer = self.loaded.tokenizer
        written = self.loaded.config.written
        ids = [answer_ids(tokenizer, written.get(label, label), end=False) for label in labels]
        return scoring.endings(ids, self._end)

    @torch.inference_mode()
    def _scores(self, evidence: Sequence[Evidence], wordless: bool | None = None) -> list[dict[str, float]]:
        """Label → probability of every clip, in one forward pass, or read from the tokens where they are opinions.

        Args:
            wordless: whether they are parts of a clip in which a voice without words is all there is; None looks.
        """
        if self.loaded.config.opinions:
            voices = [self._wordless(clip_evidence) if wordless is None else wordless for clip_evidence in evidence]
            return self._opinions(evidence, self._labels, voices)
        sequences = [
            self._embedded(clip_evidence, self._prompt(clip_evidence, "emotion")) for clip_evidence in evidence
        ]
        scores = scoring.log_probabilities(self.loaded.plain, sequences, self._answers(self._labels))
        return [self._shares(self._labels, row) for row in scores]

    def _opinions(
        self, evidence: Sequence[Evidence], labels: Sequence[str], wordless: Sequence[bool]
    ) -> list[dict[str, float]]:
        """What the tokens say of some labels."""
        fused = [clip_evidence.fused for clip_evidence in evidence if clip_evidence.fused is not None]
        tokens = torch.from_numpy(np.stack([sequence.tokens for sequence in fused])).to(self.device)
        present = torch.from_numpy(np.stack([sequence.mask for sequence in fused])).to(self.device)
        logits = opinions.logits(tokens, *self._directions)
        if (exponents := self._exponents) is not None:
            logits = logits * exponents[:, None]
        rows = opinions.joined(logits, present)[:, opinions.columns(self.loaded, labels)]
        return [self._shares(labels, row, voice) for row, voice in zip(rows, wordless, strict=True)]

    def _shares(self, labels: Sequence[str], row: Tensor, wordless: bool = False) -> dict[str, float]:
        config = self.loaded.config
        prior = row.new_tensor([config.prior.get(label, 0.0) for label in labels])
        evidence = self.trust * ((row - prior) / config.temperature).log_softmax(dim=0)
        shares = (evidence + self._before(labels, row, wordless)).softmax(dim=0)
        return dict(zip(labels, shares.tolist(), strict=True))

    def _before(self, labels: Sequence[str], row: Tensor, wordless: bool = False) -> Tensor:
        """Logarithms of what is expected of the labels; questions with labels of their own have none."""
        own = wordless and self.wordless_expected is not None and self.labels in (None, tuple(self.wordless_expected))
        option = "wordless_expected" if own else "expected"
        expected: dict[str, float] | None = getattr(self, option)
        if expected is None or tuple(labels) != self._labels:
            return row.new_zeros(len(row))
        if set(expected) != set(labels) or min(expected.values()) <= 0:
            raise OptionsError(
                f"{option}: should give a share above 0 to each label; found {expected}",
                hint=f"{option}: null, or shares for {', '.join(labels)}",
            )
        return row.new_tensor([expected[label] for label in labels]).log()

    def _wordless(self, evidence: Evidence) -> bool:
        """Whether a voice that says no words is all there is to judge."""
        config = self.loaded.config
        slots = [slot for slot in config.dims if slot in evidence.features]
        voice = [opinions.modality(slot, config.words, config.face) == "audio" for slot in slots]
        return bool(voice) and all(voice) and not evidence.clip.text

    def _read(self, evidence: Evidence) -> EmotionPrediction:
        window = self.loaded.config.window
        cuts = cuts_of(evidence.clip.faces)
        if window is None or (evidence.clip.duration <= window * 4 / 3 and not cuts):
            return self._whole(evidence, (evidence,))
        views, timeline = self._timeline(evidence, window)
        if not timeline:
            return self._whole(evidence, (evidence,))
        runs = stretches(timeline, cuts)
        if len(runs) == 1:
            return self._whole(evidence, views, timeline)
        # Each stretch is explained by itself, with what was measured in it. A small model writes of the longest alone:
        # on two cores writing takes longer than all the rest.
        longest = max(runs, key=lambda run: run.end - run.start)
        texts = []
        for run in runs:
            if self.loaded.config.opinions and run is not longest:
                texts.append((run.label, "", ""))
                continue
            part = view(evidence, run.start, run.end, self._fusion, self.device)
            _, lead, pieces = self._explained(part, {run.label: 1.0}, (evidence, (run.start, run.end)))
            texts.append((run.label, lead, "".join(pieces)))
        read = Read(scores=conclusion.mean(timeline), views=views, timeline=timeline, runs=tuple(runs))
        return self._felt(evidence, self._with_texts(evidence, read, texts))

    def _whole(
        self, evidence: Evidence, views: Sequence[Evidence], timeline: Sequence[Moment] = ()
    ) -> EmotionPrediction:
        """A clip in which one feeling leads throughout."""
        scores, lead, pieces = self._explained(evidence, conclusion.mean(timeline) if timeline else None)
        read = Read(scores=scores, views=tuple(views), timeline=tuple(timeline))
        label = max(scores, key=lambda name: scores[name])
        return self._felt(evidence, self._with_texts(evidence, read, [(label, lead, "".join(pieces))]))

    def _with_texts(self, evidence: Evidence, read: Read, texts: Sequence[tuple[str, str, str]]) -> Read:
        """With what the model wrote under each label, its beginning given, and what of it the evidence leaves."""
        alone = self._alone(read.views, self._wordless(evidence)) if self.loaded.config.opinions else {}
        heard = {of: label for of, (label, _) in alone.items()} if self.loaded.config.opinions else None
        reasons: tuple[tuple[Clue, ...], ...] = ()
        if heard is not None:  # the claim itself names the label
            parts = tuple(explanation.read(written, evidence, heard) for _, _, written in texts)
            spans = [(run.start, run.end) for run in read.runs] if len(read.runs) > 1 else [None]
            reasons = tuple(
                measurements.supporting(evidence, label, span) for (label, *_), span in zip(texts, spans, strict=True)
            )
        else:
            parts = tuple(explanation.read(f"{lead}{written}", evidence) for _, lead, written in texts)
        others = [other for label, _, written in texts for other in disagreement(written, label, self._labels)]
        return replace(
            read,
            parts=parts,
            alone=alone,
            reasons=reasons,
            generated=tuple(" ".join(f"{lead}{written}".split()) for _, lead, written in texts),
            others=() if heard is not None else tuple(dict.fromkeys(others)),
        )

    @torch.inference_mode()
    def _timeline(self, evidence: Evidence, window: float) -> tuple[tuple[Evidence, ...], tuple[Moment, ...]]:
        """The windows in which there is something to judge, and a distribution for the moment in each."""
        duration = evidence.clip.duration
        spans = slices(duration, self.loaded.config.hop, cuts_of(evidence.clip.faces))
        parts = [(float(begin), float(end)) for begin, end in spans]
        views = [
            view(evidence, begin, end, self._fusion, self.device, moment=moment)
            for (begin, end), moment in zip(windows(spans, window, duration).tolist(), parts, strict=True)
        ]
        judgeable = [index for index, windowed in enumerate(views) if self._tells(windowed)]
        wordless = self._wordless(evidence)
        rows = [
            row
            for at in range(0, len(judgeable), self.batch_size)
            for row in self._scores([views[index] for index in judgeable[at : at + self.batch_size]], wordless)
        ]
        moments = moments_of([observed_in(views[index], parts[index]) for index in judgeable], rows)
        return tuple(views[index] for index in judgeable), tuple(moments)

    @property
    def _fusion(self) -> Loaded:
        return Loaded(module=self.loaded.fusion, dims=self.loaded.config.dims)

    @torch.inference_mode()
    def _explained(
        self,
        evidence: Evidence,
        given: Mapping[str, float] | None = None,
        within: tuple[Evidence, tuple[float, float]] | None = None,
    ) -> tuple[dict[str, float], str, Iterator[str]]:
        """Scores, how the explanation begins by agreement with them, and its pieces as they are written.

        What both prompts begin with is read once, where there is much of it.

        Args:
            given: scores that are known already.
            within: the whole clip and the stretch of it that `evidence` is.
        """
        model = self.loaded
        why = self._embedded(
            evidence, self._prompt(evidence, self.task or "reason", shown=self._shown(evidence, within))
        )
        beginning = None
        if given is not None:
            scores = dict(given)
        elif model.config.opinions:
            (scores,) = self._scores([evidence])
        else:
            asked = self._embedded(evidence, self._prompt(evidence, "emotion"))
            length = scoring.shared_length([asked, why])
            if length >= WORTH_SHARING:
                beginning = scoring.read(model.plain, asked[:length])
                (row,) = scoring.ask(model.plain, beginning, [asked[length:]], [self._answers(self._labels)])
                why = why[length:]
            else:
                (row,) = scoring.log_probabilities(model.plain, [asked], self._answers(self._labels))
            scores = self._shares(self._labels, row)
        lead = model.config.lead.replace("{label}", max(scores, key=lambda label: scores[label]))
        if lead:
            ids = torch.tensor(answer_ids(model.tokenizer, lead, end=False), device=why.device)
            why = torch.cat([why, model.plain.get_input_embeddings()(ids)])
        ends = [int(model.tokenizer.eos_token_id)]
        written = generation.tokens(model.plain, why, most=self.most_tokens, ends=ends, beginning=beginning)
        pieces = generation.text(model.tokenizer, written)
        return scores, lead, generation.until_repeated(pieces) if model.config.opinions else pieces

    def _shown(self, evidence: Evidence, within: tuple[Evidence, tuple[float, float]] | None) -> str | None:
        """What was observed, as the prompt of an explanation shows it; None for models that learnt without."""
        config = self.loaded.config
        if not config.shows_measured:
            return None
        face, voice = measurements.worded(measurements.clues(*(within or (evidence, None))))
        spoken = self._alone((evidence,), self._wordless(within[0] if within else evidence))
        alone = {of: label for of, (label, share) in spoken.items() if share >= CLEAR}
        unread = config.words is not None and config.words not in evidence.features
        return observed.sentences(face, voice, alone, None if unread else self.transcript(evidence.clip))

    def _felt(self, evidence: Evidence, read: Read) -> EmotionPrediction:
        scores = dict(read.scores)
        nothing = torch.zeros(len(self._labels))
        before = self._before(self._labels, nothing, self._wordless(evidence)).softmax(dim=0).numpy()
        below = self._below(evidence)
        abstained = conclusion.abstention(read, before, below)
        text = explanation.joined(read.parts)
        valence, arousal = conclusion.plane(scores, self.loaded.config.coordinates)
        if self.loaded.config.opinions and read.parts:
            absent = conclusion.absent(evidence, self.loaded.config)
            face_judged = self.loaded.config.face in evidence.features
            sentences = rationale.of_opinions(evidence, scores, read, abstained, absent, face_judged, below)
        else:
            sentences = rationale.written(evidence, scores, text, abstained, read.runs, below, read.others)
        if self.transcript(evidence.clip) != evidence.clip.text:
            sentences.append(rationale.ORDERED)
        generated = " ".join(read.generated)
        best = max(scores, key=lambda label: scores[label])
        return EmotionPrediction(
            scores=scores,
            labels=tuple(dict.fromkeys((best, *open_vocabulary(generated or text.text)))),
            valence=valence,
            arousal=arousal,
            rationale=" ".join(filter(None, sentences)),
            generated=generated,
            struck=text.struck,
            clues=_clues(text.clues, read.reasons, evidence if abstained else None),
            abstained=abstained,
            claims_from=below or None,
            timeline=tuple(conclusion.placed(moment, self.loaded.config.coordinates) for moment in read.timeline),
        )

    def _below(self, evidence: Evidence) -> float:
        """The score from which an emotion is claimed."""
        wordless = self.wordless_below is not None and self._wordless(evidence)
        return self.wordless_below if wordless and self.wordless_below is not None else self.abstain_below

    @torch.inference_mode()
    def _alone(self, views: Sequence[Evidence], wordless: bool) -> dict[Modality, tuple[str, float]]:
        """Modality → what its token alone, its mean over the clip, makes likeliest, and how likely."""
        config = self.loaded.config
        if not config.opinions:
            return {}
        alone = opinions.alone(views, opinions.slots(self.loaded))
        likeliest = {}
        for slot, scores in zip(alone, self._scores(list(alone.values()), wordless) if alone else (), strict=True):
            best = max(scores, key=lambda label: scores[label])
            likeliest[opinions.modality(slot, config.words, config.face)] = (best, scores[best])
        return likeliest


def _clues(claimed: Sequence[Clue], reasons: Sequence[Sequence[Clue]], unclaimed: Evidence | None) -> tuple[Clue, ...]:
    """The claims of a text, and of a small model those that are borne out with what was measured, in order of time.

    Args:
        unclaimed: the evidence where nothing is claimed: a small model's own opinion ("the tone sounds happy") is no
            reason for that, so only what was measured stays.
    """
    if not reasons:
        return tuple(claimed)
    clues = [*(clue for own in reasons for clue in own), *(clue for clue in claimed if clue.checked)]
    if unclaimed is not None:
        clues = [clue for clue in clues if is_in(unclaimed, clue)]
    once = {(clue.modality, clue.text, round(clue.start, 1)): clue for clue in clues}
    return tuple(sorted(once.values(), key=lambda clue: (clue.start, clue.end)))

"""Examples: a prompt with its answer, and the order in which a run sees them.

The order of the whole run is laid down before it starts. Each draw (which copy, which slots are hidden, which noise)
follows from the run's seed and the draw's place alone. A run that goes on after a kill therefore sees exactly what an
uninterrupted one would have seen.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from affekt_emotion_llama.language.prompt import Prompt, answer_ids, build, harmless
from jaxtyping import Float32
from torch.utils.data import Dataset
from transformers import PreTrainedTokenizerBase

from affekt_training.config import StageConfig
from affekt_training.descriptions import answer, label_of, shown, without_answer
from affekt_training.featured import FeaturedSample
from affekt_training.features import arrays_of
from affekt_training.live import LiveFeatures

ENCODED = 64
"""Samples that spreads of live features are measured on: each has to be encoded for it."""
LONGEST_ANSWER = 200
"""Words of a text that comes with the data, see `affekt_emotion_llama.language.prompt.target`."""
Arrays = Mapping[str, Float32[np.ndarray, "row dim"]]
Spreads = Mapping[str, Float32[np.ndarray, "dim"]]
"""Slot → the standard deviation of each column over the training samples."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Example:
    """What one step may learn from a sample."""

    featured: FeaturedSample
    prompt: Prompt
    answer: tuple[int, ...]
    task: str
    label: int | None
    """Index of the label that the prompt asks for; None for other tasks."""
    weight: float
    share: float
    """How often it is seen in an epoch."""

    def __len__(self) -> int:
        return len(self.prompt) + len(self.answer)


def compose(
    config: StageConfig,
    tokenizer: PreTrainedTokenizerBase,
    groups: Sequence[Sequence[FeaturedSample]],
    on_loss: Callable[[int, str], None] = lambda index, reason: None,
) -> list[Example]:
    """All examples of the data sets, one group of samples a set in the configuration's order.

    Args:
        on_loss: called with a data set's place and a reason for every sample that a task can teach nothing by, and
            for every text that is cut.
    """
    examples: list[Example] = []
    prompts: dict[tuple[str, str | None, str | None], Prompt] = {}
    for index, (use, samples) in enumerate(zip(config.data, groups, strict=True)):
        weights = _weights(samples, use.weight, use.balanced)
        for featured, weight in zip(samples, weights, strict=True):
            for task in use.tasks:
                text = answer(config, use, task, featured)
                if text is None:
                    on_loss(index, without_answer(config, use, task, featured))
                    continue
                if task.answer == "note" and len(str(featured.sample.notes[use.note or ""]).split()) > LONGEST_ANSWER:
                    on_loss(index, f"its answer was cut after {LONGEST_ANSWER} words")
                label = config.labels.index(text) if task.answer == "label" else None
                transcript = featured.sample.text if config.transcripts else None
                if transcript and len(transcript.split()) > config.prompt.longest:
                    on_loss(index, f"its transcript was cut to the last {config.prompt.longest} words")
                asked = (task.task, transcript, shown(task, featured) if config.shows_measured else None)
                if asked not in prompts:
                    prompts[asked] = build(tokenizer, config.prompt, *asked[:2], config.labels, measured=asked[2])
                prompt = prompts[asked]
                if task.answer in ("clues", "reason", "merr") and config.lead:
                    lead = config.lead.replace("{label}", str(label_of(config, task, featured)))
                    prompt = Prompt((*prompt.pieces, answer_ids(tokenizer, lead, end=False)))
                written = config.written.get(text, text) if label is not None else text
                ids = answer_ids(tokenizer, harmless(tokenizer, written))
                examples.append(
                    Example(
                        featured=featured,
                        prompt=prompt,
                        answer=ids,
                        task=task.task,
                        label=label,
                        weight=weight,
                        share=task.share,
                    )
                )
    return examples


def _weights(samples: Sequence[FeaturedSample], weight: float, balanced: bool) -> list[float]:
    if not balanced:
        return [weight] * len(samples)
    counts: dict[str | None, int] = {}
    for featured in samples:
        counts[featured.label] = counts.get(featured.label, 0) + 1
    return [weight * len(samples) / len(counts) / counts[featured.label] for featured in samples]


def divide(examples: Sequence[Example], share: float, seed: int) -> tuple[list[Example], list[Example]]:
    """Training and validation; a speaker's examples stay together. Each data set gives its share, where it can."""
    random = np.random.default_rng(seed)
    held: set[str] = set()
    for name in dict.fromkeys(example.featured.set for example in examples):
        groups = sorted({example.featured.group for example in examples if example.featured.set == name})
        count = round(len(groups) * share) if len(groups) > 2 else 0
        count = max(count, 1) if share and len(groups) > 2 else count
        held |= {groups[index] for index in random.permutation(len(groups))[:count]}
    return (
        [example for example in examples if example.featured.group not in held],
        [example for example in examples if example.featured.group in held],
    )


def plan(examples: Sequence[Example], epochs: float, batch: int, seed: int) -> list[int]:
    """Indices of the examples in the order they are seen; neighbours in a batch are about equally long."""
    random = np.random.default_rng(seed)
    lengths = np.array([len(example) for example in examples])
    shares = np.array([example.share for example in examples])
    phases = random.random(len(examples))  # so that every epoch holds some of what is seen every other epoch
    order: list[int] = []
    for epoch in range(int(np.ceil(epochs))):
        often = np.floor((epoch + 1) * shares + phases) - np.floor(epoch * shares + phases)
        drawn = random.permutation(np.repeat(np.arange(len(examples)), often.astype(int)))
        if epoch + 1 > epochs:
            drawn = drawn[: round(len(drawn) * (epochs - epoch))]
        pool = batch * 16
        batches = [
            part[np.argsort(-lengths[part], kind="stable")][begin : begin + batch]
            for part in np.split(drawn, range(pool, len(drawn), pool))
            for begin in range(0, len(part), batch)
        ]
        order += [int(index) for number in random.permutation(len(batches)) for index in batches[number]]
    return order


class Run(Dataset[dict[str, Any]]):
    """The draws of a whole run, or (without `spreads`) examples as they are."""

    def __init__(
        self, examples: Sequence[Example], order: Sequence[int], config: StageConfig, spreads: Spreads | None = None
    ) -> None:
        self.examples, self.order, self.config, self.spreads = examples, order, config, spreads

    def __len__(self) -> int:
        return len(self.order)

    def __getitem__(self, index: int) -> dict[str, Any]:
        example = self.examples[self.order[index]]
        if self.spreads is None:
            arrays: Arrays = arrays_of(example.featured.copies[0])
        else:
            arrays = self._altered(example, np.random.default_rng([self.config.seed, index]), self.spreads)
        return {"example": example, "arrays": arrays}

    def _altered(self, example: Example, random: np.random.Generator, spreads: Spreads) -> Arrays:
        copies = example.featured.copies
        copy = copies[random.integers(len(copies))]
        slots = [slot for slot in copy if slot in spreads]
        hidden = [slot for slot in slots if random.random() < self.config.modality_dropout]
        if len(hidden) == len(slots):
            hidden = hidden[1:]
        kept = arrays_of(copy, [slot for slot in copy if slot not in hidden])
        if not self.config.noise:
            return kept
        return {
            slot: rows + (self.config.noise * spreads[slot] * random.standard_normal(rows.shape)).astype(np.float32)
            if slot in spreads
            else rows
            for slot, rows in kept.items()
        }


def spreads_of(examples: Sequence[Example], slots: Sequence[str], noise: float) -> Spreads:
    """The standard deviation of every column, over the samples' mean rows; without noise nobody asks, and it is 0."""
    featured_samples = list({id(example.featured): example.featured for example in examples}.values())
    spreads: dict[str, Float32[np.ndarray, "dim"]] = {}
    for slot in slots:
        own = [featured for featured in featured_samples if slot in featured.copies[0]]
        if own and not noise:
            spreads[slot] = np.zeros(1, np.float32)
        elif own:
            live = any(isinstance(featured.copies[0][slot], LiveFeatures) for featured in own)
            spreads[slot] = _spread([featured.vector(slot) for featured in (own[:ENCODED] if live else own)])
    return spreads


def _spread(vectors: Sequence[Float32[np.ndarray, "dim"] | None]) -> Float32[np.ndarray, "dim"]:
    spread: Float32[np.ndarray, "dim"] = np.std([vector for vector in vectors if vector is not None], axis=0).astype(
        np.float32
    )
    return spread


def without(example: Example, hidden: Sequence[str]) -> Example:
    """The example with slots left out of every copy: for ablations."""
    copies = tuple({slot: f for slot, f in copy.items() if slot not in hidden} for copy in example.featured.copies)
    return replace(example, featured=replace(example.featured, copies=copies))

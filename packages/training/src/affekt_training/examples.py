"""Examples: a prompt with its answer, and the order in which a run sees them.

The order of the whole run is laid down before it starts. Each draw (which copy, which slots are hidden, which noise)
follows from the run's seed and the draw's place alone. A run that goes on after a kill therefore sees exactly what an
uninterrupted one would have seen.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from affekt_emotion_llama.prompt import Prompt, answer_ids, build, harmless
from jaxtyping import Float32
from torch.utils.data import Dataset
from transformers import PreTrainedTokenizerBase

from affekt_training.config import StageConfig
from affekt_training.descriptions import answer, label_told, shown, without_answer
from affekt_training.features import arrays_of
from affekt_training.known import Known
from affekt_training.live import LiveFeatures

ENCODED = 64
"""Samples that spreads of live features are measured on: each has to be encoded for it."""
LONGEST_ANSWER = 200
"""Words of a text that comes with the data, see `affekt_emotion_llama.prompt.target`."""
Arrays = Mapping[str, Float32[np.ndarray, "row dim"]]
Spreads = Mapping[str, Float32[np.ndarray, "dim"]]
"""Slot → the standard deviation of each column over the training samples."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Example:
    """What one step may learn from a sample."""

    known: Known
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
    groups: Sequence[Sequence[Known]],
    on_loss: Callable[[int, str], None] = lambda place, reason: None,
) -> list[Example]:
    """All examples of the data sets, one group of samples a set in the configuration's order.

    Args:
        on_loss: called with a data set's place and a reason for every sample that a task can teach nothing by, and
            for every text that is cut.
    """
    found: list[Example] = []
    prompts: dict[tuple[str, str | None, str | None], Prompt] = {}
    for place, (use, samples) in enumerate(zip(config.data, groups, strict=True)):
        weights = _weights(samples, use.weight, use.balanced)
        for one, weight in zip(samples, weights, strict=True):
            for task in use.tasks:
                text = answer(config, use, task, one)
                if text is None:
                    on_loss(place, without_answer(config, use, task, one))
                    continue
                if task.answer == "note" and len(str(one.sample.notes[use.note or ""]).split()) > LONGEST_ANSWER:
                    on_loss(place, f"its answer was cut after {LONGEST_ANSWER} words")
                label = config.labels.index(text) if task.answer == "label" else None
                said = one.sample.text if config.transcripts else None
                if said and len(said.split()) > config.prompt.longest:
                    on_loss(place, f"its transcript was cut to the last {config.prompt.longest} words")
                asked = (task.task, said, shown(task, one) if config.shows_measured else None)
                if asked not in prompts:
                    prompts[asked] = build(tokenizer, config.prompt, *asked[:2], config.labels, measured=asked[2])  # type: ignore[arg-type]
                prompt = prompts[asked]
                if task.answer in ("clues", "reason", "merr") and config.lead:
                    told = config.lead.replace("{label}", str(label_told(config, task, one)))
                    prompt = Prompt((*prompt.pieces, answer_ids(tokenizer, told, end=False)))
                written = config.written.get(text, text) if label is not None else text
                ids = answer_ids(tokenizer, harmless(tokenizer, written))
                found.append(
                    Example(
                        known=one,
                        prompt=prompt,
                        answer=ids,
                        task=task.task,
                        label=label,
                        weight=weight,
                        share=task.share,
                    )
                )
    return found


def _weights(samples: Sequence[Known], weight: float, balanced: bool) -> list[float]:
    if not balanced:
        return [weight] * len(samples)
    counts: dict[str | None, int] = {}
    for one in samples:
        counts[one.label] = counts.get(one.label, 0) + 1
    return [weight * len(samples) / len(counts) / counts[one.label] for one in samples]


def divide(examples: Sequence[Example], share: float, seed: int) -> tuple[list[Example], list[Example]]:
    """Training and validation; a speaker's examples stay together. Each data set gives its share, where it can."""
    random = np.random.default_rng(seed)
    held: set[str] = set()
    for name in dict.fromkeys(one.known.set for one in examples):
        groups = sorted({one.known.group for one in examples if one.known.set == name})
        count = round(len(groups) * share) if len(groups) > 2 else 0
        count = max(count, 1) if share and len(groups) > 2 else count
        held |= {groups[index] for index in random.permutation(len(groups))[:count]}
    return (
        [one for one in examples if one.known.group not in held],
        [one for one in examples if one.known.group in held],
    )


def plan(examples: Sequence[Example], epochs: float, batch: int, seed: int) -> list[int]:
    """Indices of the examples in the order they are seen; neighbours in a batch are about equally long."""
    random = np.random.default_rng(seed)
    lengths = np.array([len(one) for one in examples])
    shares = np.array([one.share for one in examples])
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
        order += [int(index) for place in random.permutation(len(batches)) for index in batches[place]]
    return order


class Run(Dataset[dict[str, Any]]):
    """The draws of a whole run, or (without `spreads`) examples as they are."""

    def __init__(
        self, examples: Sequence[Example], order: Sequence[int], config: StageConfig, spreads: Spreads | None = None
    ) -> None:
        self.examples, self.order, self.config, self.spreads = examples, order, config, spreads

    def __len__(self) -> int:
        return len(self.order)

    def __getitem__(self, place: int) -> dict[str, Any]:
        example = self.examples[self.order[place]]
        if self.spreads is None:
            arrays: Arrays = arrays_of(example.known.copies[0])
        else:
            arrays = self._altered(example, np.random.default_rng([self.config.seed, place]), self.spreads)
        return {"example": example, "arrays": arrays}

    def _altered(self, example: Example, random: np.random.Generator, spreads: Spreads) -> Arrays:
        copies = example.known.copies
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
    known = list({id(one.known): one.known for one in examples}.values())
    found: dict[str, Float32[np.ndarray, "dim"]] = {}
    for slot in slots:
        own = [one for one in known if slot in one.copies[0]]
        if own and not noise:
            found[slot] = np.zeros(1, np.float32)
        elif own:
            live = any(isinstance(one.copies[0][slot], LiveFeatures) for one in own)
            found[slot] = _spread([one.vector(slot) for one in (own[:ENCODED] if live else own)])
    return found


def _spread(vectors: Sequence[Float32[np.ndarray, "dim"] | None]) -> Float32[np.ndarray, "dim"]:
    return np.std([one for one in vectors if one is not None], axis=0).astype(np.float32)


def without(example: Example, hidden: Sequence[str]) -> Example:
    """The example with slots left out of every copy: for ablations."""
    copies = tuple({slot: f for slot, f in copy.items() if slot not in hidden} for copy in example.known.copies)
    return replace(example, known=replace(example.known, copies=copies))

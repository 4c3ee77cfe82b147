"""Arguments with what every person said of them: EMCONA, or a table of one's own."""

import csv
import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
from affekt import Reference
from affekt_datasets import Sample, dealt, default_folder, read, vocabularies, vocabulary
from affekt_metrics.pairs import tidy
from jaxtyping import Float64, Int64

from affekt_benchmark.material.cases import Case
from affekt_benchmark.material.suites import BenchmarkError

LABELS = vocabulary("emcona").labels
NONE = "none"
FOLDS = 5


@dataclass(frozen=True, kw_only=True, eq=False)
class Corpus:
    """The texts of a study, in one order."""

    name: str
    """What is measured on, in words."""
    samples: tuple[Sample, ...]

    def __len__(self) -> int:
        return len(self.samples)

    @property
    def cases(self) -> list[Case]:
        """The texts as a pipeline is asked about them."""
        return [Case(sample=sample, reference=self.reference(i)) for i, sample in enumerate(self.samples)]

    def reference(self, index: int) -> Reference:
        """What people said of a text, as evaluators read it."""
        sample, raters = self.samples[index], tuple(LABELS[code] for code in self.said[index])
        return Reference(
            id=sample.id, label=sample.label, labels=sample.labels, raters=raters, group=sample.speaker or ""
        )

    @cached_property
    def said(self) -> Int64[np.ndarray, "text person"]:
        """The index of the label that each person gave."""
        return np.array([[LABELS.index(label) for label in sample.notes["raters"]] for sample in self.samples])

    @cached_property
    def shares(self) -> Float64[np.ndarray, "text label"]:
        """The share of people who gave each label."""
        shares: Float64[np.ndarray, "text label"] = np.eye(len(LABELS))[self.said].mean(axis=1)
        return shares

    @cached_property
    def majority(self) -> Int64[np.ndarray, "text"]:
        """The label that more than half of the people gave; −1 where there is none."""
        best = self.shares.argmax(axis=1)
        return np.where(self.shares.max(axis=1) > 0.5, best, -1)

    @cached_property
    def clusters(self) -> Int64[np.ndarray, "text"]:
        """A number an original argument: it and its variants are drawn together, and never parted by folds."""
        names = [sample.speaker or sample.id for sample in self.samples]
        numbers = {name: number for number, name in enumerate(dict.fromkeys(names))}
        return np.array([numbers[name] for name in names])

    def folds(self, seed: int) -> Int64[np.ndarray, "text"]:
        """The fold that tests each text: whole originals, in an order that the seed shuffles."""
        names = [str(number) for number in range(int(self.clusters.max()) + 1)]
        if len(names) < 2:
            raise BenchmarkError("all texts go back to one original, so there are no folds", hint="a column group")
        order = list(names)
        random.Random(seed).shuffle(order)
        sort_key = {name: f"{index:06d}" for index, name in enumerate(order)}
        groups = dealt(sort_key.values(), min(FOLDS, len(names)))
        fold_of = {name: number for number, group in enumerate(groups) for name in group}
        return np.array([fold_of[sort_key[str(number)]] for number in self.clusters])

    def notes(self, name: str) -> list[Any] | None:
        """One note of every text; None where the corpus does not have it."""
        return (
            [sample.notes[name] for sample in self.samples]
            if all(name in sample.notes for sample in self.samples)
            else None
        )


def load(data: Path | None, limit: int | None, seed: int) -> Corpus:
    """EMCONA's arguments from their folder, or a CSV with text, a column a rater and optionally id and group.

    Args:
        limit: the most originals that are kept, chosen by the seed, each with all its variants.

    Raises:
        DatasetError: the folder does not hold EMCONA, or something is wrong with it.
        BenchmarkError: the table cannot be read.
    """
    if data is not None and data.is_file():
        corpus = Corpus(name=data.name, samples=tuple(_table(data)))
    else:
        corpus = Corpus(name="EMCONA, arguments", samples=read("emcona", data or default_folder("emcona")).samples)
    if limit is None:
        return corpus
    originals = list(dict.fromkeys(sample.speaker for sample in corpus.samples))
    kept = set(random.Random(seed).sample(originals, min(limit, len(originals))))
    return Corpus(name=corpus.name, samples=tuple(sample for sample in corpus.samples if sample.speaker in kept))


def words_for() -> Mapping[str, str]:
    """What data sets call an emotion → EMCONA's label for the same one."""
    ours = {common: label for label, common in vocabulary("emcona").common.items()}
    mapped = dict(ours)
    for words in vocabularies().values():
        mapped |= {label: ours[common] for label, common in words.common.items() if common in ours}
    return mapped | {label: label for label in LABELS}


def _table(path: Path) -> list[Sample]:
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            rows = list(csv.DictReader(file))
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise BenchmarkError(f'"{path}" cannot be read: {error}', hint="a CSV in UTF-8") from error
    words = words_for()
    samples = [_argument(path, number, row, words) for number, row in enumerate(rows, 2)]
    sizes = {len(sample.notes["raters"]) for sample in samples}
    if not samples or len(sizes) > 1 or min(sizes) < 2:
        raise BenchmarkError(
            f'"{path}" should have the same two people or more for every text; found {sorted(sizes) or "no text"}',
            hint='columns text, "rater 1", "rater 2"',
        )
    return samples


def _argument(path: Path, number: int, row: Mapping[str, Any], words: Mapping[str, str]) -> Sample:
    text = (row.get("text") or "").strip()
    labels = [tidy(row[name] or "") for name in row if name and name.startswith("rater")]
    if not text or not all(labels):
        raise BenchmarkError(
            f'"{path}", line {number}: a text and a label of every rater are needed; found {dict(row)!r}',
            hint='columns text, "rater 1", "rater 2", and optionally id and group',
        )
    if strange := [label for label in labels if label not in words]:
        raise BenchmarkError(
            f'"{path}", line {number}: "{strange[0]}" is none of the labels', hint=f"one of {', '.join(LABELS)}"
        )
    raters = [words[label] for label in labels]
    name = row.get("id") or f"line {number}"
    return Sample(
        id=name, media=None, text=text, language=row.get("language") or "en", labels=_by_frequency(raters),
        speaker=row.get("group") or name, notes={"raters": tuple(raters)},
    )  # fmt: skip


def _by_frequency(raters: Sequence[str]) -> tuple[str, ...]:
    return tuple(sorted(dict.fromkeys(raters), key=lambda label: -raters.count(label)))

"""Samples of the configured data sets with their features: what `sources` makes examples of."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from affekt import DataError, Features
from affekt_datasets import Dataset, Sample, default_folder, mapping, read
from jaxtyping import Float32

from affekt_training.config import DataUse, StageConfig, config_file
from affekt_training.features import Progress, gather

ASTERISK = "asterisk-prompts"
WITHOUT_FOLDER = (ASTERISK, "meld-lines", "emorynlp-lines")
"""Sets that lie in no folder, see `heads.sample_sets`."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Known:
    """A sample, its emotion in the run's labels, and its features."""

    sample: Sample
    set: str
    label: str | None
    """In the run's labels; None where the data set's own has no counterpart there."""
    named: frozenset[str]
    """The run's labels that the data set has a name for."""
    copies: tuple[Mapping[str, Features], ...]
    """The features of the sample and of altered copies of it: slot → features."""

    @property
    def group(self) -> str:
        """Who speaks, or the sample itself: what is never divided between training and validation."""
        return self.sample.speaker or f"{self.set}-{self.sample.id}"

    def vector(self, slot: str, copy: int = 0) -> Float32[np.ndarray, "dim"]:
        """The mean row of a slot."""
        mean: Float32[np.ndarray, "dim"] = self.copies[copy][slot].values.mean(axis=0)
        return mean


def known(config: StageConfig, use: DataUse, cache: Path, tell: Progress | None = None) -> list[Known]:
    """The samples of one data set that may be seen, with features.

    Raises:
        DataError: the data set, or the features of all its samples, are missing.
    """
    if use.set in WITHOUT_FOLDER:
        from affekt_training.heads import sample_sets

        hidden = frozenset(config.hold_out)
        return [one for one in sample_sets.known(config, use.set, use.split, cache) if one.sample.speaker not in hidden]
    root = Path(str(use.root)).expanduser() if use.root else default_folder(use.set)
    data = read(use.set, root, **use.options)
    data = _chosen(data.split(use.split) if use.split else data, use, config)
    # Features are made for everybody, so that the cache serves every fold; who is held out is left out afterwards.
    explained = any(task.answer in ("clues", "reason") for task in use.tasks)
    slots = {slot: one for slot, one in config.features.items() if explained or not one.explains}
    copies = gather(slots, data, cache, tell)
    hidden = frozenset(config.hold_out)
    names = _names(data, config.labels)
    found = [
        Known(
            sample=sample,
            set=use.set,
            label=names.get(sample.label or ""),
            named=frozenset(names.values()),
            copies=own,
        )
        for sample, own in zip(data.samples, copies, strict=True)
        if own and own[0] and sample.speaker not in hidden and (use.speakers is None or sample.speaker in use.speakers)
    ]
    if not found:
        raise DataError(
            f"{use.set} has no features in any of the slots {', '.join(config.features)}",
            hint="`features` should name an encoder that this data set has the media for",
        )
    return found


def _chosen(data: Dataset, use: DataUse, config: StageConfig) -> Dataset:
    if use.listed is not None:
        ids = frozenset(config_file(use.listed).read_text(encoding="utf-8").split())
        data = data.where(lambda sample: sample.id in ids)
    if use.limit is not None and len(data) > use.limit:
        drawn = np.random.default_rng(config.seed).permutation(len(data))[: use.limit]
        ids = frozenset(data.samples[index].id for index in drawn)
        data = data.where(lambda sample: sample.id in ids)
    return data


def _names(data: Dataset, labels: Sequence[str]) -> dict[str, str]:
    """The data set's label → the run's."""
    if data.vocabulary is None:
        return {}
    own = {label: label for label in data.vocabulary.labels if label in labels}
    common = mapping(data.vocabulary.name, "affekt")
    return {label: word for label, word in common.items() if word is not None and word in labels} | own

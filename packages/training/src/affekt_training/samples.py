"""Samples of the configured data sets with their features: what `examples` makes examples of."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from affekt import DataError
from affekt_datasets import Dataset, Sample, TrainedOn, by_reason, default_folder, fold, mapping, read
from affekt_features import FeatureStore

from affekt_training.config import DataUse, StageConfig, config_file
from affekt_training.featured import WITHOUT_FOLDER, FeaturedSample
from affekt_training.features import OnCounts, gather
from affekt_training.heads import sample_sets

HELD_OUT = "a speaker who is held out"


@dataclass(frozen=True, kw_only=True, eq=False)
class Part:
    """What a run takes from one data set, and what it leaves."""

    use: DataUse
    samples: list[FeaturedSample]
    left_out: Counter[str] = field(default_factory=Counter)
    """Why clips are not among the samples → how many."""
    computed: int = 0
    """Clips of which features were computed for this run."""
    reused: int = 0
    """Clips whose features the store had."""

    @property
    def trained_on(self) -> TrainedOn:
        """The clips that the run sees, for the saved model's record."""
        own = self.use
        return TrainedOn.of(
            own.set,
            [featured.sample for featured in self.samples],
            split=own.split,
            protocol=own.protocol if own.fold is not None else None,
            fold=own.fold,
        )


def gather_part(config: StageConfig, use: DataUse, on_progress: OnCounts | None = None) -> Part:
    """The samples of one data set that may be seen, with features.

    Raises:
        DataError: the data set, or the features of all its samples, are missing; or there is no such fold.
    """
    hidden = frozenset(config.hold_out)
    if use.set in WITHOUT_FOLDER:
        every = sample_sets.featured(config, use.set, use.split)
        kept = [featured for featured in every if featured.sample.speaker not in hidden]
        return Part(use=use, samples=kept, left_out=+Counter({HELD_OUT: len(every) - len(kept)}))
    data, left_out = selected(config, use)
    # Features are made for everybody, so that the store serves every fold; who is held out is left out afterwards.
    explained = any(task.answer in ("clues", "reason") for task in use.tasks)
    slots = {
        slot: feature_use for slot, feature_use in config.features.items() if explained or not feature_use.explains
    }
    gathered = gather(slots, data, FeatureStore(config.store), on_progress)
    names, samples = _names(data, config.labels), []
    for sample, own, reason in zip(data.samples, gathered.copies, gathered.reasons, strict=True):
        if why := _unseen(sample, use, hidden) or (reason if sample.media is not None else ""):
            left_out[why] += 1
            continue
        label = names.get(sample.label or "")
        named = frozenset(names.values())
        samples.append(FeaturedSample(sample=sample, set=use.set, label=label, named=named, copies=own or ({},)))
    if not samples:
        reasons = ", ".join(f"{reason} ({count})" for reason, count in left_out.most_common())
        raise DataError(
            f"{use.set} leaves no clip with features in any of the slots {', '.join(config.features)}: {reasons}",
            hint="`features` with an encoder that this data set has the media for, or fewer limits",
        )
    return Part(
        use=use, samples=samples, left_out=+left_out, computed=gathered.computed, reused=gathered.reused
    )  # fmt: skip


def selected(config: StageConfig, use: DataUse) -> tuple[Dataset, Counter[str]]:
    """The clips that a data set is asked for, and why others are left out → how many; `hold_out` is not yet among it.

    Raises:
        DataError: the data set is missing, or there is no such fold.
    """
    root = Path(str(use.root)).expanduser() if use.root else default_folder(use.set)
    data = read(use.set, root, **use.options)
    data = data.split(use.split) if use.split else data
    left_out = Counter[str]()
    if use.fold is not None:
        tested = fold(data, use.fold, use.protocol)
        left_out[f"tested in fold {use.fold}"] = len(tested.test)
        data = tested.train
    data = _chosen(data, use, config)
    left_out.update(by_reason(data.left_out))
    return data, left_out


def _unseen(sample: Sample, use: DataUse, hidden: frozenset[str]) -> str:
    """Why a sample must not be seen; empty where it may."""
    if sample.speaker in hidden:
        return HELD_OUT
    if use.speakers is not None and sample.speaker not in use.speakers:
        return "not one of `speakers`"
    return ""


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
    """The data set's label → the run's; an open vocabulary has a name for the labels that occur."""
    if data.vocabulary is None:
        return {label: label for label in data.counts() if label in labels}
    own = {label: label for label in data.vocabulary.labels if label in labels}
    common = mapping(data.vocabulary.name, "affekt")
    return {label: word for label, word in common.items() if word is not None and word in labels} | own

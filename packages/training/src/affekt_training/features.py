"""Features of frozen encoders: from the store that `affekt extract` fills, from .npy files, or computed live.

What the store lacks is extracted into it, all encoders of a clip after one decode, by one process of a run at a time.
Nothing is read before a batch needs it, and what is read keeps the type it is stored in.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from affekt import DataError, Features, Missing, Use
from affekt_datasets import Dataset
from affekt_features import FeatureStore, StoredFeatures, ready_made
from affekt_features.extraction import Estimate, extract
from affekt_features.job import Job, Outcome
from affekt_features.keys import digest

from affekt_training.config import FeatureUse
from affekt_training.live import LiveEncoders, LiveFeatures

OnCounts = Callable[[str, int, int], None]
"""A callback for what is being made, how many are done, and of how many."""


@dataclass(frozen=True, eq=False)
class NpyFile:
    """One file of MERTools' layout: a vector or rows, memory-mapped on use."""

    path: Path
    names: tuple[str, ...] | None = None

    @property
    def values(self) -> np.ndarray[Any, Any]:
        """Rows [row, column] in the file's type.

        Raises:
            DataError: the file holds something else.
        """
        try:
            array = np.atleast_2d(np.load(self.path, allow_pickle=False, mmap_mode="r"))
        except (OSError, ValueError) as error:
            raise DataError(f'"{self.path}" cannot be read: {error}', hint="a .npy file of numbers") from error
        if array.ndim != 2:
            raise DataError(
                f'"{self.path}" should hold a vector or rows; found an array of shape {list(array.shape)}',
                hint="one vector a clip, or rows over time",
            )
        return array if array.dtype in (np.float32, np.float16) else array.astype(np.float32)

    def load(self) -> Features:
        """All of it in memory; a row stands for a second, because the file has no clock."""
        return Features(values=np.array(self.values, np.float32), hop=1.0, source=str(self.path))


Lazy = Features | StoredFeatures | LiveFeatures | NpyFile
"""Features whose `values` may be read, mapped or computed only when they are looked at."""
Copies = list[Lazy]
"""The features of a sample, then of altered copies of it; none where it lacks the modality."""


@dataclass
class Gathered:
    """Features of a data set's samples, in their order."""

    copies: list[tuple[Mapping[str, Lazy], ...]]
    """The copies of every sample, each slot → features. Slots that a sample lacks are absent."""
    reasons: list[str] = field(default_factory=list)
    """Why a sample has no features at all, for every sample; empty where it has some."""
    computed: int = 0
    """Clips of which features were computed now."""
    reused: int = 0
    """Clips whose features the store had."""


def gather(
    uses: Mapping[str, FeatureUse], data: Dataset, store: FeatureStore, on_progress: OnCounts | None = None
) -> Gathered:
    """Every sample's features, lazily.

    Raises:
        DataError: a .npy file is missing, or a slot names no source.
        OptionsError: an encoder, a preparer or an option is wrong.
        StoreError: the store cannot be read or written.
    """
    own = {slot: use for slot, use in uses.items() if use.only is None or data.name in use.only}
    extracted = {slot: use for slot, use in own.items() if use.use and not use.live and not use.copies}
    gathered = Gathered(copies=[])
    slots: dict[str, Sequence[Copies]] = {}
    lacking: dict[str, str] = {}
    if extracted:
        outcomes = _extracted(extracted, data, store, gathered, on_progress)
        slots |= {
            slot: [_stored(store, outcomes.get(sample.id), slot) for sample in data.samples] for slot in extracted
        }
        lacking = {
            outcome.id: why
            for outcome in outcomes.values()
            if (why := outcome.error or "; ".join(outcome.missing.values()))
        }
    if live := {slot: use for slot, use in own.items() if use.live}:
        encoders = LiveEncoders(live)
        slots |= {
            slot: [[LiveFeatures(encoders=encoders, slot=slot, sample=sample)] for sample in data] for slot in live
        }
    for slot, use in own.items():
        if slot not in slots:
            slots[slot] = list(_elsewhere(slot, use, data, store))
    for index, sample in enumerate(data.samples):
        present = {slot: each[index] for slot, each in slots.items() if each[index]}
        count = max(map(len, present.values()), default=0)
        gathered.copies.append(
            tuple({slot: each[min(copy, len(each) - 1)] for slot, each in present.items()} for copy in range(count))
        )
        gathered.reasons.append("" if count else lacking.get(sample.id, "no features in any slot"))
    return gathered


def job_of(uses: Mapping[str, FeatureUse], data: Dataset, store: FeatureStore) -> Job:
    """The extraction of some slots: each encoder sees the preparers that its slot needs, and no others."""
    prepare: dict[str, Use] = {}
    needs: dict[str, tuple[str, ...]] = {}
    for slot, use in uses.items():
        chain = []
        for name, options in use.needs.items():
            own = Use(use=name, **options)
            same = next((other for other, earlier in prepare.items() if earlier == own), None)
            chain.append(same or f"{name}-{len(prepare)}")
            prepare.setdefault(chain[-1], own)
        needs[slot] = tuple(chain)
    return Job(
        store=store.url,
        encoders={slot: Use(use=str(use.use), **use.options) for slot, use in uses.items()},
        prepare=prepare,
        needs=needs,
        half=tuple(slot for slot, use in uses.items() if use.half),
        dataset=data.name,
        verify=False,  # every byte is verified when a batch reads it
    )


def _extracted(
    uses: Mapping[str, FeatureUse],
    data: Dataset,
    store: FeatureStore,
    gathered: Gathered,
    on_progress: OnCounts | None,
) -> dict[str, Outcome]:
    """What came of every clip; what the store had not is there now."""
    job, outcomes = job_of(uses, data, store), dict[str, Outcome]()
    what = f"{', '.join(uses)} of {data.name}"

    def note(outcome: Outcome, estimate: Estimate | None) -> None:
        outcomes[outcome.id] = outcome
        if on_progress and outcome.computed and len(outcomes) % 20 == 1:
            left = f", about {estimate.seconds / 60:.0f} min and {estimate.bytes / 1e9:.1f} GB" if estimate else ""
            on_progress(what + left, len(outcomes), len(data))

    # One process of a run writes; the others wait here and find everything.
    with store.claims.one(digest({"extraction": data.name, "slots": sorted(uses)})):
        summary = extract(job, data.samples, on_progress=note)
    gathered.computed, gathered.reused = summary.computed, summary.reused
    return outcomes


def _stored(store: FeatureStore, outcome: Outcome | None, slot: str) -> Copies:
    """The lazy features of one clip, read from the header of its entry."""
    if outcome is None or slot not in outcome.keys or slot in outcome.missing:
        return []
    key = outcome.keys[slot]
    header = store.header(key)
    return (
        [] if header is None or isinstance(header, Missing) else [StoredFeatures(store=store, key=key, header=header)]
    )


def _elsewhere(slot: str, use: FeatureUse, data: Dataset, store: FeatureStore) -> Iterator[Copies]:
    if use.files:
        folder = use.files.get(data.name)
        yield from ([_npy(Path(folder).expanduser() / f"{sample.id}.npy")] if folder else [] for sample in data)
    elif use.imported:
        keys = ready_made.keys_of(store, use.imported)
        yield from (_imported(store, keys.get(sample.id)) for sample in data)
    elif use.copies:
        yield from _distorted(use, data)
    else:
        raise DataError(
            f'the slot "{slot}" has none of `use`, `files` and `imported`', hint=f"{slot}: {{use: ENCODER}}"
        )


def _imported(store: FeatureStore, key: str | None) -> Copies:
    header = None if key is None else store.header(key)
    if key is None or header is None or isinstance(header, Missing):
        return []
    return [StoredFeatures(store=store, key=key, header=header)]


def _npy(path: Path) -> Lazy:
    if not path.is_file():
        raise DataError(f'"{path}" is missing', hint="extract the features of all samples, or leave the set out")
    return NpyFile(path)


def _distorted(use: FeatureUse, data: Dataset) -> list[Copies]:
    """Every recording as it is, then as distorted copies, so that training hears other rooms and microphones."""
    if use.use != "voice-statistics":
        raise DataError(f"there are no distorted copies for {use.use}", hint="copies: false, or use: voice-statistics")
    from affekt_training.heads.voice_statistics import copies

    return [list(own) for own in copies(data.name, [sample.media for sample in data if sample.media is not None])]


def load(features: Lazy) -> Features | None:
    """All of it in memory; None where live features turn out to be missing."""
    return features if isinstance(features, Features) else features.load()


def arrays_of(copy: Mapping[str, Lazy], slots: Sequence[str] | None = None) -> dict[str, np.ndarray[Any, Any]]:
    """Slot → values of one copy of a sample, in the type they are stored in; missing slots are absent."""
    arrays = {}
    for slot, features in copy.items():
        if (slots is None or slot in slots) and (values := features.values) is not None:
            arrays[slot] = values
    return arrays

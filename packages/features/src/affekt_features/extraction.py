"""An extraction from beginning to end: an estimate first, then clip after clip, then what came of it."""

import time
import warnings
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from affekt_datasets import Sample

from affekt_features import listings, local
from affekt_features.errors import StoreFull
from affekt_features.job import Job, Outcome
from affekt_features.store import FeatureStore
from affekt_features.work import Work, media_bytes

Engine = Literal["local", "ray"]
TRIAL = 3
"""Computed clips a worker that an estimate rests on."""


@dataclass(frozen=True, kw_only=True)
class Estimate:
    """What the clips that remain will cost, judged from the first ones by the size of their media."""

    clips: int
    """The clips that remain."""
    seconds: float
    bytes: int
    free: int | None
    """Bytes that still fit into the store; None where nobody knows."""


@dataclass
class Summary:
    """What came of it."""

    store: str
    clips: int
    computed: int = 0
    """Clips of which at least one feature was computed."""
    reused: int = 0
    """Clips that were all there."""
    failed: list[dict[str, str]] = field(default_factory=list)
    missing: dict[str, Counter[str]] = field(default_factory=dict)
    """Slot → reason → clips that have no features there."""
    corrupt: int = 0
    """Entries that were there and not whole; they were computed again."""
    written: int = 0
    """The bytes that were written."""
    seconds: float = 0.0
    estimate: Estimate | None = None

    def add(self, outcome: Outcome) -> None:
        """Counts one clip."""
        self.corrupt += outcome.corrupt
        self.written += outcome.written
        for slot, reason in outcome.missing.items():
            self.missing.setdefault(slot, Counter())[reason] += 1
        if outcome.error is not None:
            self.failed.append({"id": outcome.id, "error": outcome.error})
        elif outcome.computed:
            self.computed += 1
        else:
            self.reused += 1

    def to_dict(self) -> dict[str, Any]:
        """Plain data for JSON."""
        plain = {**self.__dict__, "missing": {slot: dict(reasons) for slot, reasons in self.missing.items()}}
        return {**plain, "estimate": self.estimate.__dict__ if self.estimate else None}


OnOutcome = Callable[[Outcome, Estimate | None], None]
"""Called with what became of a clip, and with the estimate once there is one."""


def extract(
    job: Job,
    samples: Sequence[Sample],
    *,
    workers: int = 1,
    engine: Engine | Literal["here"] = "local",
    address: str | None = None,
    on_progress: OnOutcome = lambda outcome, estimate: None,
    only_estimate: bool = False,
    seen: OnOutcome | None = None,
) -> Summary:
    """Sees to it that the store holds the features of all clips. Run it again after any interruption: it goes on.

    Args:
        workers: processes, or actors of Ray.
        engine: "local", or "ray" for a cluster.
        address: of a running cluster of Ray.
        on_progress: called after every clip, with the estimate once there is one.
        only_estimate: stops when there is an estimate; what was computed for it is kept.
        seen: the former name of `on_progress`; it goes with the next minor version, as the engine "here" does.

    Raises:
        OptionsError: an encoder or an option is wrong.
        StoreFull: the disk will not, or does not, hold the features; what is there stays.
        StoreError: the store cannot be read or written.
    """
    if seen is not None:
        warnings.warn('"seen" of extract is called "on_progress" now', DeprecationWarning, stacklevel=2)
        on_progress = seen
    if engine == "here":
        warnings.warn('the engine "here" is called "local" now', DeprecationWarning, stacklevel=2)
        engine = "local"
    job.check()
    store = FeatureStore(job.store)
    summary, begin = Summary(store=store.url, clips=len(samples)), time.perf_counter()
    ahead = sum(media_bytes(sample) for sample in samples)
    trial, listed = _Trial(TRIAL * max(1, workers), begin), dict[str, dict[str, str]]()
    for outcome in _outcomes(job, samples, workers, engine, address):
        summary.add(outcome)
        for slot, key in outcome.keys.items():
            listed.setdefault(slot, {})[outcome.id] = key
        ahead -= outcome.media
        remaining = len(samples) - summary.computed - summary.reused - len(summary.failed)
        if summary.estimate is None and trial.add(outcome):
            summary.estimate = trial.estimate(remaining, ahead, store.backend.free())
            _require_room(store.url, summary.estimate)
        on_progress(outcome, summary.estimate)
        if only_estimate and summary.estimate is not None:
            break
    if job.dataset and listed:
        work = Work(job, store)
        for slot, clips in listed.items():
            listings.add(store, job.dataset, slot, work.recipe(slot), clips)
    summary.seconds = time.perf_counter() - begin
    return summary


def _outcomes(
    job: Job, samples: Sequence[Sample], workers: int, engine: Engine, address: str | None
) -> Iterator[Outcome]:
    if engine == "ray":
        from affekt_features import on_ray

        return on_ray.run(job, samples, workers, address)
    return local.run(job, samples, workers)


class _Trial:
    """Time and disk of the first clips that were computed."""

    def __init__(self, wanted: int, begin: float) -> None:
        self.wanted = wanted
        self.clips = 0
        self.media = 0
        self.written = 0
        self.seconds = 0.0
        self._last = begin

    def add(self, outcome: Outcome) -> bool:
        """Counts a clip; True when there are enough."""
        now = time.perf_counter()
        if outcome.computed and outcome.error is None:
            self.clips += 1
            self.media += outcome.media
            self.written += outcome.written
            # The first one waited for weights to load, which no other will.
            self.seconds += now - self._last if self.clips > 1 or self.wanted == 1 else 0.0
        self._last = now
        return self.clips >= self.wanted

    def estimate(self, clips: int, media: int, free: int | None) -> Estimate:
        share = media / max(self.media, 1)
        seconds = self.seconds * share * self.clips / max(self.clips - 1, 1)
        return Estimate(clips=clips, seconds=seconds, bytes=round(self.written * share), free=free)


def _require_room(url: str, estimate: Estimate) -> None:
    if estimate.free is not None and estimate.bytes > estimate.free:
        raise StoreFull(
            f'"{url}" has {estimate.free / 1e6:.0f} MB free, and {estimate.clips} clips will take about '
            f"{estimate.bytes / 1e6:.0f} MB; what was computed so far is kept",
            hint="--store on a larger disk, or `pool: mean` where an encoder has it",
        )

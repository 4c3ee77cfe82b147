"""What one worker does, wherever it runs: look, decode, prepare, encode, store."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import islice
from typing import Any, TypeVar

from affekt import AffektError, Clip, ComponentError, Missing, OptionsError, plugins
from affekt_datasets import Sample

from affekt_features.cached import CachedEncoder, cached
from affekt_features.contents import recipe_of, remember, remembered
from affekt_features.errors import StoreError
from affekt_features.job import Job, Outcome
from affekt_features.keys import contents, describe
from affekt_features.store import FeatureStore

Item = TypeVar("Item")


@dataclass
class _Clip:
    """A clip on its way."""

    sample: Sample
    recipe: str = ""
    absent: list[str] = field(default_factory=list)
    """Slots without features so far."""
    computed: list[str] = field(default_factory=list)
    reused: list[str] = field(default_factory=list)
    missing: dict[str, str] = field(default_factory=dict)
    error: str | None = None
    clip: Clip | None = None

    def outcome(self, corrupt: int, written: int) -> Outcome:
        return Outcome(
            id=self.sample.id,
            computed=tuple(self.computed),
            reused=tuple(self.reused),
            missing=self.missing,
            error=self.error,
            corrupt=corrupt,
            written=written,
            media=media_bytes(self.sample),
        )


class Work:
    """The components of a job, made once; weights load with the first clip that needs them."""

    def __init__(self, job: Job, store: FeatureStore | None = None) -> None:
        self.job = job
        self.store = store or FeatureStore(job.store)
        registry = plugins()
        self.preparers = {slot: use.create("preparer", registry) for slot, use in job.prepare.items()}
        made = {slot: use.create("encoder", registry) for slot, use in job.encoders.items()}
        self.encoders: Mapping[str, CachedEncoder] = {slot: cached(one, self.store) for slot, one in made.items()}
        faces = [slot for slot, encoder in self.encoders.items() if encoder.modality == "face"]
        if faces and not self.preparers:
            raise OptionsError(f'"{faces[0]}" looks at faces, and nothing finds them', hint="--prepare face")

    @cached_property
    def _prepared(self) -> list[dict[str, Any]]:
        return [describe(preparer) for preparer in self.preparers.values()]

    def do(self, samples: Sequence[Sample]) -> list[Outcome]:
        """Sees to it that the store holds every feature of these clips; one outcome a clip.

        Raises:
            StoreError: the store cannot be read or written; nothing else stops a job.
        """
        corrupt, written = self.store.found_corrupt, self.store.written
        batch = [_Clip(sample) for sample in samples]
        for one in batch:
            self._look(one)
        waiting = [one for one in batch if one.absent and one.error is None]
        for one in waiting:
            self._decode(one)
        waiting = [one for one in waiting if one.clip is not None]
        self._prepare(waiting)
        for slot in self.encoders:
            self._encode(slot, [one for one in waiting if slot in one.absent and one.error is None])
        totals = (self.store.found_corrupt - corrupt, self.store.written - written)
        # What a batch found and wrote is told once, with its first clip.
        return [one.outcome(*(totals if one is batch[0] else (0, 0))) for one in batch]

    def _look(self, one: _Clip) -> None:
        """What is already there, read and verified."""
        try:
            one.recipe = recipe_of(one.sample, self.job.decode, self._prepared)
        except StoreError:
            raise
        except AffektError as error:
            one.error = error.message
            return
        for slot, encoder in self.encoders.items():
            known = remembered(self.store, one.recipe, encoder.modality)
            found = self.store.get(encoder.key(known)) if known else None
            if found is None:
                one.absent.append(slot)
                continue
            one.reused.append(slot)
            if isinstance(found, Missing):
                one.missing[slot] = found.reason

    def _decode(self, one: _Clip) -> None:
        try:
            one.clip = one.sample.clip(**self.job.decode)
        except AffektError as error:
            one.error = error.message

    def _prepare(self, waiting: Sequence[_Clip]) -> None:
        for slot, preparer in self.preparers.items():
            group = [one for one in waiting if one.error is None]
            for one, clip in _each(slot, preparer.prepare, group):
                one.clip = clip

    def _encode(self, slot: str, waiting: Sequence[_Clip]) -> None:
        encoder = self.encoders[slot]
        for one, found in _each(slot, encoder.encode, waiting):
            assert one.clip is not None
            remember(self.store, one.recipe, encoder.modality, contents(one.clip, encoder.modality))
            one.computed.append(slot)
            if isinstance(found, Missing):
                one.missing[slot] = found.reason


def _each(slot: str, call: Callable[[Sequence[Any]], list[Any]], group: Sequence[_Clip]) -> Iterator[tuple[_Clip, Any]]:
    """The result of each clip. Where a batch fails, its clips are tried one by one, and those that fail say why."""
    if not group:
        return
    try:
        results = call([one.clip for one in group])
        if len(results) != len(group):
            raise ComponentError(f'"{slot}" returned {len(results)} results for {len(group)} clips')
    except StoreError:
        raise
    except Exception as error:
        if len(group) == 1:
            told = error.message if isinstance(error, AffektError) else f"{type(error).__name__}: {error}"
            group[0].error = f"{slot}: {told}"
            return
        for one in group:
            yield from _each(slot, call, [one])
    else:
        yield from zip(group, results, strict=True)


def media_bytes(sample: Sample) -> int:
    """The size of a clip's media, which time and disk are estimated from; of a row of an array file 1."""
    if sample.media is None or sample.row is not None:
        return 1
    files = sample.media.iterdir() if sample.media.is_dir() else [sample.media]
    try:
        return sum(file.stat().st_size for file in files)
    except OSError:
        return 1


def in_groups(items: Iterable[Item], size: int) -> Iterator[list[Item]]:
    """Consecutive items, `size` at a time."""
    waiting = iter(items)
    while group := list(islice(waiting, size)):
        yield group

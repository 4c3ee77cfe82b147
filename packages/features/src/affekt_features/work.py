"""What one worker does, wherever it runs: look, decode, prepare, encode, store."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import islice
from typing import Any, TypeVar

from affekt import AffektError, Clip, ComponentError, Missing, OptionsError, plugins
from affekt_datasets import Sample

from affekt_features.cached import CachedEncoder, cached
from affekt_features.contents import media_of, recipe_of, remember, remembered
from affekt_features.errors import StoreError
from affekt_features.job import Job, Outcome
from affekt_features.keys import describe
from affekt_features.relevance import reads_of, relevant
from affekt_features.store import FeatureStore

Item = TypeVar("Item")


@dataclass
class _Clip:
    """A clip on its way."""

    sample: Sample
    media: str = ""
    """Digest of what is decoded, and of what comes with it."""
    absent: list[str] = field(default_factory=list)
    """Slots without features so far."""
    computed: list[str] = field(default_factory=list)
    reused: list[str] = field(default_factory=list)
    keys: dict[str, str] = field(default_factory=dict)
    missing: dict[str, str] = field(default_factory=dict)
    error: str | None = None
    prepared: dict[tuple[str, ...], Clip] = field(default_factory=dict)
    """The slots of the preparers that ran → the clip after them; decoded once, under no preparer."""

    def outcome(self, corrupt: int, written: int) -> Outcome:
        return Outcome(
            id=self.sample.id,
            computed=tuple(self.computed),
            reused=tuple(self.reused),
            keys=self.keys,
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
        self.encoders: Mapping[str, CachedEncoder] = {
            slot: cached(one, self.store, "float16" if slot in job.half else "float32") for slot, one in made.items()
        }
        self.reads = {slot: reads_of(encoder) for slot, encoder in made.items()}
        self.chains = {
            slot: relevant([(name, self.preparers[name]) for name in job.preparers_of(slot)], reads)
            for slot, reads in self.reads.items()
        }
        """Slot of an encoder → the slots of the preparers that its features depend on."""
        faces = [slot for slot, encoder in self.encoders.items() if encoder.modality == "face"]
        if blind := [slot for slot in faces if not self.chains[slot] and "faces" in self.reads[slot]]:
            raise OptionsError(f'"{blind[0]}" looks at faces, and nothing finds them', hint="--prepare face-track")

    @cached_property
    def _described(self) -> Mapping[str, dict[str, Any]]:
        return {slot: describe(preparer) for slot, preparer in self.preparers.items()}

    def recipe(self, slot: str) -> dict[str, Any]:
        """All that an encoder's features depend on beside the clip."""
        chain = [self._described[name] for name in self.chains[slot]]
        return {"component": self.encoders[slot].described, "prepare": chain, "decode": dict(self.job.decode)}

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
        for slot in self.encoders:
            self._encode(slot, [one for one in waiting if slot in one.absent and one.error is None])
        totals = (self.store.found_corrupt - corrupt, self.store.written - written)
        # What a batch found and wrote is told once, with its first clip.
        return [one.outcome(*(totals if one is batch[0] else (0, 0))) for one in batch]

    def _look(self, one: _Clip) -> None:
        """What is already there, read and verified."""
        try:
            one.media = media_of(one.sample, self.job.decode)
        except StoreError:
            raise
        except AffektError as error:
            one.error = error.message
            return
        for slot, encoder in self.encoders.items():
            known = remembered(self.store, self._recipe_of(one, slot), encoder.modality)
            if known is None or not self._reuse(one, slot, known):
                one.absent.append(slot)

    def _reuse(self, one: _Clip, slot: str, known: str) -> bool:
        """Whether the store has the features of these contents, which are then the clip's."""
        for key in self.encoders[slot].keys(known):
            found = self.store.get(key) if self.job.verify else self.store.header(key)
            if found is not None:
                one.reused.append(slot)
                one.keys[slot] = key
                if isinstance(found, Missing):
                    one.missing[slot] = found.reason
                return True
        return False

    def _recipe_of(self, one: _Clip, slot: str) -> str:
        return recipe_of(one.media, [self._described[name] for name in self.chains[slot]], self.reads[slot])

    def _decode(self, one: _Clip) -> None:
        try:
            one.prepared[()] = one.sample.clip(**self.job.decode)
        except AffektError as error:
            one.error = error.message

    def _prepare(self, chain: tuple[str, ...], waiting: Sequence[_Clip]) -> None:
        """Runs what has not run on these clips yet, for whichever encoder it was."""
        for length in range(1, len(chain) + 1):
            before, own = chain[: length - 1], chain[:length]
            group = [one for one in waiting if one.error is None and own not in one.prepared]
            for one, clip in _each(own[-1], self.preparers[own[-1]].prepare, group, before):
                one.prepared[own] = clip

    def _encode(self, slot: str, waiting: Sequence[_Clip]) -> None:
        encoder, chain = self.encoders[slot], self.chains[slot]
        self._prepare(chain, waiting)
        prepared = [one for one in waiting if one.error is None]
        known = {id(one): encoder.contents(one.prepared[chain]) for one in prepared}
        # Another recipe may have led to the same contents.
        wanted = [one for one in prepared if not self._reuse(one, slot, known[id(one)])]
        for one, found in _each(slot, encoder.encode, wanted, chain):
            key = encoder.keys(known[id(one)])[0]
            twin = any(other.keys.get(slot) == key for other in wanted)
            (one.reused if twin else one.computed).append(slot)
            one.keys[slot] = key
            if isinstance(found, Missing):
                one.missing[slot] = found.reason
        for one in prepared:
            if one.error is None:
                remember(self.store, self._recipe_of(one, slot), encoder.modality, known[id(one)])


def _each(
    slot: str, call: Callable[[Sequence[Any]], list[Any]], group: Sequence[_Clip], chain: tuple[str, ...]
) -> Iterator[tuple[_Clip, Any]]:
    """The result of each clip after these preparers.

    Where a batch fails, its clips are tried one by one, and those that fail say why.
    """
    if not group:
        return
    try:
        results = call([one.prepared[chain] for one in group])
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
            yield from _each(slot, call, [one], chain)
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

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
        encoders = {slot: use.create("encoder", registry) for slot, use in job.encoders.items()}
        self.encoders: Mapping[str, CachedEncoder] = {
            slot: cached(encoder, self.store, "float16" if slot in job.half else "float32")
            for slot, encoder in encoders.items()
        }
        self.reads = {slot: reads_of(encoder) for slot, encoder in encoders.items()}
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
        for state in batch:
            self._look(state)
        waiting = [state for state in batch if state.absent and state.error is None]
        for state in waiting:
            self._decode(state)
        for slot in self.encoders:
            self._encode(slot, [state for state in waiting if slot in state.absent and state.error is None])
        totals = (self.store.found_corrupt - corrupt, self.store.written - written)
        # What a batch found and wrote is told once, with its first clip.
        return [state.outcome(*(totals if state is batch[0] else (0, 0))) for state in batch]

    def _look(self, state: _Clip) -> None:
        """What is already there, read and verified."""
        try:
            state.media = media_of(state.sample, self.job.decode)
        except StoreError:
            raise
        except AffektError as error:
            state.error = error.message
            return
        for slot, encoder in self.encoders.items():
            contents = remembered(self.store, self._recipe_of(state, slot), encoder.modality)
            if contents is None or not self._reuse(state, slot, contents):
                state.absent.append(slot)

    def _reuse(self, state: _Clip, slot: str, contents: str) -> bool:
        """Whether the store has the features of these contents, which are then the clip's."""
        for key in self.encoders[slot].keys(contents):
            stored = self.store.get(key) if self.job.verify else self.store.header(key)
            if stored is not None:
                state.reused.append(slot)
                state.keys[slot] = key
                if isinstance(stored, Missing):
                    state.missing[slot] = stored.reason
                return True
        return False

    def _recipe_of(self, state: _Clip, slot: str) -> str:
        return recipe_of(state.media, [self._described[name] for name in self.chains[slot]], self.reads[slot])

    def _decode(self, state: _Clip) -> None:
        try:
            state.prepared[()] = state.sample.clip(**self.job.decode)
        except AffektError as error:
            state.error = error.message

    def _prepare(self, chain: tuple[str, ...], waiting: Sequence[_Clip]) -> None:
        """Runs what has not run on these clips yet, for whichever encoder it was."""
        for length in range(1, len(chain) + 1):
            before, own = chain[: length - 1], chain[:length]
            group = [state for state in waiting if state.error is None and own not in state.prepared]
            for state, clip in _each(own[-1], self.preparers[own[-1]].prepare, group, before):
                state.prepared[own] = clip

    def _encode(self, slot: str, waiting: Sequence[_Clip]) -> None:
        encoder, chain = self.encoders[slot], self.chains[slot]
        self._prepare(chain, waiting)
        prepared = [state for state in waiting if state.error is None]
        contents = {id(state): encoder.contents(state.prepared[chain]) for state in prepared}
        # Another recipe may have led to the same contents.
        wanted = [state for state in prepared if not self._reuse(state, slot, contents[id(state)])]
        for state, result in _each(slot, encoder.encode, wanted, chain):
            key = encoder.keys(contents[id(state)])[0]
            twin = any(other.keys.get(slot) == key for other in wanted)
            (state.reused if twin else state.computed).append(slot)
            state.keys[slot] = key
            if isinstance(result, Missing):
                state.missing[slot] = result.reason
        for state in prepared:
            if state.error is None:
                remember(self.store, self._recipe_of(state, slot), encoder.modality, contents[id(state)])


def _each(
    slot: str, call: Callable[[Sequence[Any]], list[Any]], group: Sequence[_Clip], chain: tuple[str, ...]
) -> Iterator[tuple[_Clip, Any]]:
    """The result of each clip after these preparers.

    Where a batch fails, its clips are tried one by one, and those that fail say why.
    """
    if not group:
        return
    try:
        results = call([state.prepared[chain] for state in group])
        if len(results) != len(group):
            raise ComponentError(f'"{slot}" returned {len(results)} results for {len(group)} clips')
    except StoreError:
        raise
    except Exception as error:
        if len(group) == 1:
            reason = error.message if isinstance(error, AffektError) else f"{type(error).__name__}: {error}"
            group[0].error = f"{slot}: {reason}"
            return
        for state in group:
            yield from _each(slot, call, [state], chain)
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

"""The evidence of clips before anything is concluded: they are prepared, encoded and fused as one batch.

Preparers that need nothing of one another run side by side, and so do encoders, on as many threads as there are
processors: networks leave Python's lock while they compute. What comes out does not depend on who was first.
"""

import os
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import fields, replace
from functools import partial
from typing import Any, TypeVar

from affekt.calling import OnProgress, call
from affekt.data import Clip
from affekt.devices import device_of
from affekt.evidence import Evidence, Features, FusedSequence, Missing
from affekt.roles import Encoder, Fuser, Preparer

Result = TypeVar("Result")


def gather(
    preparers: Mapping[str, Preparer],
    encoders: Mapping[str, Encoder],
    fuser: Fuser | None,
    clips: Sequence[Clip],
    on_progress: OnProgress,
) -> list[Evidence]:
    """The evidence of each clip, in order."""
    for group in groups(preparers):
        prepared = _call_all({slot: preparers[slot] for slot in group}, "prepare", clips, (Clip,), on_progress)
        clips = [joined(clip, after) for clip, *after in zip(clips, *prepared.values(), strict=True)]
    encoded = _call_all(encoders, "encode", clips, (Features, Missing), on_progress)
    rows = zip(*encoded.values(), strict=True) if encoded else [()] * len(clips)
    evidence = [
        _evidence(clip, dict(zip(encoders, row, strict=True)), encoders) for clip, row in zip(clips, rows, strict=True)
    ]
    if fuser is not None:
        on_progress("fuser")
        fused = call("fuser", fuser, "fuse", evidence, (FusedSequence,))
        evidence = [replace(each, fused=tokens) for each, tokens in zip(evidence, fused, strict=True)]
    return evidence


def _call_all(
    components: Mapping[str, Any], method: str, batch: Sequence[Any], kinds: tuple[type, ...], on_progress: OnProgress
) -> dict[str, list[Any]]:
    """Calls the same method of several components side by side; see `calling`."""

    def begin(slot: str) -> list[Any]:
        on_progress(slot)
        return call(slot, components[slot], method, batch, kinds)

    results = side_by_side([partial(begin, slot) for slot in components], components.values())
    return dict(zip(components, results, strict=True))


def _evidence(clip: Clip, encoded: Mapping[str, Features | Missing], encoders: Mapping[str, Encoder]) -> Evidence:
    """The evidence of one clip; features whose encoder does not say so get it as their source."""
    features = {slot: each for slot, each in encoded.items() if isinstance(each, Features)}
    return Evidence(
        clip=clip,
        features={slot: replace(each, source=each.source or repr(encoders[slot])) for slot, each in features.items()},
        missing={slot: each.reason for slot, each in encoded.items() if isinstance(each, Missing)},
    )


def side_by_side(calls: Sequence[Callable[[], Result]], components: Iterable[Any]) -> list[Result]:
    """What the calls return, in their order; of several errors the first.

    Components that compute on a GPU run one after another: side by side they would share its memory.

    Args:
        components: whose calls they are.
    """
    threads = min(len(calls), processors())
    if threads < 2 or any(device_of(component) not in (None, "cpu") for component in components):
        return [call() for call in calls]
    with ThreadPoolExecutor(threads, thread_name_prefix="affekt") as executor:
        futures = [executor.submit(call) for call in calls]
        try:
            return [future.result() for future in futures]
        finally:
            executor.shutdown(cancel_futures=True)


def processors() -> int:
    """How many processors this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def groups(preparers: Mapping[str, Any]) -> list[list[str]]:
    """The slots of preparers in their order; those of one group neither read nor fill what another of them fills.

    A preparer says what it reads and fills in two tuples of fields of a clip, `reads` and `fills`. One that does not is
    alone in its group.
    """
    ordered: list[list[str]] = []
    everything = {field.name for field in fields(Clip)}
    read: set[str] = set()
    filled: set[str] = set()
    for slot, preparer in preparers.items():
        stated = (getattr(preparer, which, None) for which in ("reads", "fills"))
        reads, fills = (everything if names is None else set(names) for names in stated)
        if not ordered or filled & (reads | fills) or read & fills:
            ordered.append([])
            read, filled = set(), set()
        ordered[-1].append(slot)
        read |= reads
        filled |= fills
    return ordered


def joined(before: Clip, after: Sequence[Clip]) -> Clip:
    """A clip with all that several preparers, each given `before`, have filled in."""
    if len(after) == 1:
        return after[0]
    changed: dict[str, Any] = {}
    notes, missing = list(before.notes), dict(before.missing)
    for clip in after:
        notes += clip.notes[len(before.notes) :]
        for modality in before.missing.keys() - clip.missing.keys():
            missing.pop(modality, None)
        missing |= {modality: why for modality, why in clip.missing.items() if before.missing.get(modality) != why}
        for field in fields(Clip):
            if getattr(clip, field.name) is not getattr(before, field.name):
                changed[field.name] = getattr(clip, field.name)
    return replace(before, **{**changed, "notes": tuple(notes), "missing": missing})

"""Preparers and encoders that do not need one another run side by side, on as many threads as there are processors.

Networks leave Python's lock while they compute, so a face is found while words are heard. What comes out does not
depend on who was first. Components that compute on a GPU run one after another: side by side they would share its
memory.
"""

import os
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import fields, replace
from typing import Any, TypeVar

from affekt.data import Clip
from affekt.devices import device_of

Result = TypeVar("Result")


def side_by_side(calls: Sequence[Callable[[], Result]], components: Iterable[Any]) -> list[Result]:
    """What the calls return, in their order; of several errors the first.

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
    read: set[str] = set()
    filled: set[str] = set()
    for slot, preparer in preparers.items():
        reads, fills = getattr(preparer, "reads", None), getattr(preparer, "fills", None)
        if reads is None or fills is None or not ordered or filled & {*reads, *fills} or read & {*fills}:
            ordered.append([])
            read, filled = set(), set()
        ordered[-1].append(slot)
        # Nobody joins the group of one that does not say what it needs.
        everything = {field.name for field in fields(Clip)}
        read |= everything if reads is None else {*reads}
        filled |= everything if fills is None else {*fills}
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

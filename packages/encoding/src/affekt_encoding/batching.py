"""Which clips share a batch, and what happens when a batch does not fit into memory."""

from collections.abc import Callable, Sequence
from typing import TypeVar

import torch
from affekt import ComponentError

Item = TypeVar("Item")
Result = TypeVar("Result")

_CPU_SIGNS = ("not enough memory", "can't allocate memory", "cannot allocate memory", "out of memory")
"""How torch's allocators on Windows, Linux and other devices word it in a plain RuntimeError."""


def in_batches(
    items: Sequence[Item],
    run: Callable[[list[Item]], Sequence[Result]],
    *,
    length: Callable[[Item], int],
    most: int,
    padding: float = 0.0,
) -> list[Result]:
    """The results of all items in their order; items of like length are run together.

    The longest run first, so memory that does not suffice shows at once. A batch that does not fit is halved, and no
    later batch of this call is larger than its halves.

    Args:
        run: one result an item.
        length: of an item, in whatever unit memory grows with.
        most: items in a batch.
        padding: the share of a batch that may be padding. 0 lets only equal lengths share a batch: right where
            padding changes the result.

    Raises:
        ComponentError: a single item does not fit into memory.
    """
    lengths = [length(item) for item in items]
    results: dict[int, Result] = {}
    waiting = buckets(lengths, most, padding)[::-1]
    while waiting:
        batch = waiting.pop()
        if len(batch) > most:
            waiting += [batch[most:], batch[:most]]
            continue
        outputs = _run([items[index] for index in batch], run)
        if outputs is not None:
            results.update(zip(batch, outputs, strict=True))
        elif len(batch) > 1:
            most = len(batch) // 2
            waiting.append(batch)
        else:
            raise ComponentError(
                f"memory does not suffice for a single item of length {lengths[batch[0]]}",
                hint="a shorter window, another device, or dtype: float16",
            )
    return [results[index] for index in range(len(items))]


def buckets(lengths: Sequence[int], most: int, padding: float = 0.0) -> list[list[int]]:
    """Indices in groups of at most `most`, longest first, each with at most this share of padding."""
    groups: list[list[int]] = []
    for index in sorted(range(len(lengths)), key=lambda index: -lengths[index]):
        if groups and len(groups[-1]) < most and _wasted([lengths[i] for i in groups[-1]], lengths[index]) <= padding:
            groups[-1].append(index)
        else:
            groups.append([index])
    return groups


def _wasted(group: list[int], shorter: int) -> float:
    room = group[0] * (len(group) + 1)
    return 1 - (sum(group) + shorter) / room if room else 0.0


def is_out_of_memory(error: BaseException) -> bool:
    """True for torch's own error, and for the plain RuntimeError that its CPU allocator raises."""
    if isinstance(error, torch.OutOfMemoryError | MemoryError):
        return True
    return isinstance(error, RuntimeError) and any(sign in str(error).lower() for sign in _CPU_SIGNS)


def _run(batch: list[Item], run: Callable[[list[Item]], Sequence[Result]]) -> Sequence[Result] | None:
    """None where memory ran out. The error is gone by then: its traceback would keep the tensors alive."""
    try:
        return run(batch)
    except (RuntimeError, MemoryError) as error:
        if not is_out_of_memory(error):
            raise
    if torch.cuda.is_available():
        torch.cuda.empty_cache()
    return None

"""Arithmetic of stretches of time, each from one second to another, in order and apart from each other."""

from bisect import bisect_right
from collections.abc import Iterable, Mapping

Span = tuple[float, float]
Spans = tuple[Span, ...]


def joined(spans: Iterable[Span], seam: float = 0.0) -> Spans:
    """The stretches in order of time; those that are no further apart than the seam are one."""
    merged: list[Span] = []
    for start, end in sorted(spans):
        if merged and start - merged[-1][1] <= seam:
            merged[-1] = merged[-1][0], max(merged[-1][1], end)
        else:
            merged.append((start, end))
    return tuple(merged)


def total(spans: Iterable[Span]) -> float:
    """Seconds of all of them."""
    return sum(end - start for start, end in spans)


def shared(left: Iterable[Span], right: Spans) -> float:
    """Seconds that are in both; those on the right are `joined`."""
    seconds = 0.0
    for start, end in left:
        at = max(0, bisect_right(right, (start, float("inf"))) - 1)
        while at < len(right) and right[at][0] < end:
            seconds += max(0.0, min(end, right[at][1]) - max(start, right[at][0]))
            at += 1
    return seconds


def gap(span: Span, spans: Spans) -> float:
    """Seconds from a stretch to the nearest of the others, which are `joined`; infinite where there are none."""
    at = bisect_right(spans, (span[0], float("inf")))
    near = spans[max(0, at - 1) : at + 1]
    return min((max(start - span[1], span[0] - end, 0.0) for start, end in near), default=float("inf"))


def divided(owners: Mapping[str, Spans]) -> tuple[dict[str, float], float]:
    """Seconds that belong to each owner alone, and to several at once."""
    edges = sorted(
        edge for name, spans in owners.items() for a, b in spans if a < b for edge in ((a, 1, name), (b, -1, name))
    )
    alone, several = dict.fromkeys(owners, 0.0), 0.0
    open_now: list[str] = []
    before = 0.0
    for at, step, name in edges:
        if len(open_now) == 1:
            alone[open_now[0]] += at - before
        elif open_now:
            several += at - before
        if step > 0:
            open_now.append(name)
        else:
            open_now.remove(name)
        before = at
    return alone, several

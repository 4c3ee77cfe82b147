"""How the feeling runs through the clip: stretches in which one emotion leads."""

from dataclasses import dataclass

import numpy as np
from jaxtyping import Bool, Float64

from affekt_heads.emotions import EMOTIONS
from affekt_heads.moments import Spans

SHORTEST = 1.5
"""Seconds a lead must last to be told as a change; shorter ones belong to what is around them."""


@dataclass(frozen=True, kw_only=True)
class Stretch:
    """One emotion in the lead."""

    start: float
    end: float
    emotion: str
    share: float
    """The emotion's mean probability over the stretch."""


def stretches_of(
    spans: Spans, posterior: Float64[np.ndarray, "moment emotion"], observed: Bool[np.ndarray, "moment"]
) -> list[Stretch]:
    """The leading emotions in order. Stretches shorter than `SHORTEST` are given to their likelier neighbour."""
    moments = np.flatnonzero(observed).tolist()
    runs: list[list[int]] = []
    for moment in moments:
        leads = runs and posterior[runs[-1][0]].argmax() == posterior[moment].argmax()
        runs[-1].append(moment) if leads else runs.append([moment])
    leaders = [int(posterior[run[0]].argmax()) for run in runs]
    while len(runs) > 1:
        lengths = [spans[run[-1], 1] - spans[run[0], 0] for run in runs]
        shortest = int(np.argmin(lengths))
        if lengths[shortest] >= SHORTEST:
            break
        beside = [index for index in (shortest - 1, shortest + 1) if 0 <= index < len(runs)]
        heir = max(beside, key=lambda index: posterior[runs[shortest], leaders[index]].mean())
        runs[heir] = sorted(runs[heir] + runs[shortest])
        del runs[shortest], leaders[shortest]
        _join_equal(runs, leaders)
    return [
        Stretch(
            start=float(spans[run[0], 0]),
            end=float(spans[run[-1], 1]),
            emotion=EMOTIONS[leader],
            share=float(posterior[run, leader].mean()),
        )
        for run, leader in zip(runs, leaders, strict=True)
    ]


def _join_equal(runs: list[list[int]], leaders: list[int]) -> None:
    """Makes one run of neighbours with the same leader."""
    for index in range(len(runs) - 1, 0, -1):
        if leaders[index] == leaders[index - 1]:
            runs[index - 1] += runs.pop(index)
            del leaders[index]

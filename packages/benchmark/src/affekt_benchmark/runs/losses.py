"""What a figure is not about, counted by reason: clips left out, answers that failed, and what answers lacked."""

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from affekt_datasets import LeftOut, by_reason

from affekt_benchmark.runs.running import Answer

_NUMBER = re.compile(r"\d+(?:\.\d+)?")


def counted(left_out: Sequence[LeftOut], answers: Sequence[Answer], out_of_reach: Mapping[str, int]) -> dict[str, Any]:
    """The losses of a run, for its result.

    Args:
        left_out: clips of the test set that were not given to the system.
        answers: of the clips that were.
        out_of_reach: label that the system has no emotion for → clips, which count as answered wrongly.
    """
    predictions = [answer.prediction for answer in answers if answer.prediction is not None]
    slots = {slot for answer in answers if answer.prediction is not None for slot in answer.missing}
    return {
        "left_out": by_reason(left_out),
        "left_out_clips": [
            {"id": entry.sample.id, "reason": entry.reason, "detail": entry.detail} for entry in left_out
        ],
        "failed": _most(answer.reason for answer in answers if answer.prediction is None),
        "out_of_reach": dict(out_of_reach),
        "abstained": _most(_kind(prediction.abstained) for prediction in predictions
                           if prediction.abstained is not None),
        "missing": {
            slot: _most(_kind(answer.missing[slot]) for answer in answers
                        if answer.prediction is not None and slot in answer.missing)
            for slot in sorted(slots)
        },
    }  # fmt: skip


def lines(losses: Mapping[str, Any]) -> list[str]:
    """The losses in words, for the console and the report; what was lost nowhere is not mentioned."""
    sentences = []
    if losses["left_out"]:
        sentences.append(f"Left out of the test set: {_listed(losses['left_out'])}.")
    if losses["failed"]:
        sentences.append(f"Not answered, and not counted: {_listed(losses['failed'])}.")
    if losses["out_of_reach"]:
        sentences.append(
            f"Counted as wrong, because the system has no emotion for the label: {_listed(losses['out_of_reach'])}."
        )
    if losses["abstained"]:
        sentences.append(f"Abstained, where the best-scored emotion counts: {_listed(losses['abstained'])}.")
    sentences += [f"Answered without {slot}: {_listed(reasons)}." for slot, reasons in losses["missing"].items()]
    return sentences


def _listed(counts: Mapping[str, int]) -> str:
    return ", ".join(f"{reason} ({count})" for reason, count in counts.items())


def _kind(reason: str) -> str:
    """A reason without its numbers, so that "lasts 0.02 s" and "lasts 0.03 s" are one."""
    return _NUMBER.sub("…", reason)


def _most(reasons: Iterable[str]) -> dict[str, int]:
    return dict(Counter(reasons).most_common())

"""Time and memory of a run, measured on a few of its own steps before it starts."""

import time
from dataclasses import dataclass

import psutil  # type: ignore[import-untyped]
import torch

from affekt_training.processes import local_rank
from affekt_training.stage import Prepared

STEPS = 3
"""Batches that are timed, the longest first, then from the middle of the run."""


@dataclass(frozen=True, kw_only=True)
class Estimate:
    """What a run will cost."""

    steps: int
    seconds: float
    """The seconds of training alone."""
    gibibytes: float
    """Most memory of this process on CPU, or of the first GPU."""
    trained: int
    """Parameters that are trained."""
    frozen: int

    def __str__(self) -> str:
        minutes = self.seconds / 60
        return (
            f"{self.steps} steps, about {minutes:.0f} min and {self.gibibytes:.1f} GiB; "
            f"{self.trained:,} parameters trained, {self.frozen:,} frozen"
        )


def estimate(prepared: Prepared) -> Estimate:
    """Runs forward and backward on a few batches; weights, gradients and random numbers are left as they were."""
    own, config, run = prepared.joined, prepared.config, prepared.draws()
    state = torch.get_rng_state()
    starts = _starts(prepared)
    device = f"cuda:{local_rank()}" if torch.cuda.is_available() else "cpu"
    own.to(device).train()
    times = []
    for begin in starts:
        start = time.monotonic()  # reading features, and computing those that are live, is part of a step
        items = [run[index] for index in range(begin, min(begin + config.batch, len(run)))]
        own(**_moved(prepared.collate(items), device))["loss"].backward()
        own.zero_grad(set_to_none=True)
        times.append(time.monotonic() - start)
    torch.set_rng_state(state)
    parameters = list(own.parameters())
    typical = sum(times[1:]) / len(times[1:]) if len(times) > 1 else times[0]
    return Estimate(
        steps=prepared.steps,
        seconds=typical * prepared.steps * config.accumulate,
        gibibytes=_peak() / 2**30,
        trained=sum(parameter.numel() for parameter in parameters if parameter.requires_grad),
        frozen=sum(parameter.numel() for parameter in parameters if not parameter.requires_grad),
    )


def _starts(prepared: Prepared) -> list[int]:
    """Where the longest batch begins, which warms up and needs most memory, then two usual ones."""
    batch, order = prepared.config.batch, prepared.order
    longest = max(range(len(order)), key=lambda index: len(prepared.training[order[index]]))
    middle = [len(order) * part // STEPS for part in range(1, STEPS)]
    return [index // batch * batch for index in (longest, *middle)]


def _moved(batch: dict[str, object], device: str) -> dict[str, object]:
    def to(value: object) -> object:
        if isinstance(value, torch.Tensor):
            return value.to(device)
        return {key: to(each) for key, each in value.items()} if isinstance(value, dict) else value

    return {key: to(value) for key, value in batch.items()}


def _peak() -> float:
    if torch.cuda.is_available():
        return float(torch.cuda.max_memory_allocated())
    return float(psutil.Process().memory_info().rss)

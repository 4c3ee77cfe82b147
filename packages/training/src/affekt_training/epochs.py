"""A small training by epochs that goes on where it was stopped: optimiser, schedule, log and state."""

import json
import math
import time
from collections.abc import Mapping
from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn

LEAST = 0.02
"""What is left of the rate at the end, as a share."""


class Epochs:
    """AdamW whose rate rises linearly, then falls along a cosine; `state.pt` and a line of `log.jsonl` an epoch."""

    def __init__(
        self,
        network: nn.Module,
        trained: Mapping[str, Tensor],
        out: Path,
        *,
        epochs: int,
        steps: int,
        rate: float,
        weight_decay: float,
        warmup: float,
        device: str = "cpu",
    ) -> None:
        """Takes up the state that lies in the folder, if there is one.

        Args:
            trained: the parameters that move, by name.
            steps: of an epoch.
            warmup: the share of all steps in which the rate rises.
        """
        out.mkdir(parents=True, exist_ok=True)
        self.trained, self.out, self.epochs, self.first = trained, out, epochs, 0
        self._moved = list(trained.values())
        self._losses: list[float] = []
        self._started = time.monotonic()
        self._optimizer = torch.optim.AdamW(self._moved, lr=rate, weight_decay=weight_decay)
        total = epochs * steps
        self._schedule = torch.optim.lr_scheduler.LambdaLR(self._optimizer, lambda step: _rate(step / total, warmup))
        if (state := out / "state.pt").is_file():
            kept = torch.load(state, weights_only=True, map_location=device)
            self.first = kept["epoch"]
            network.load_state_dict(kept["network"], strict=False)
            self._optimizer.load_state_dict(kept["optimizer"])
            self._schedule.load_state_dict(kept["schedule"])

    def begin(self, seed: int) -> None:
        """Starts the clock of an epoch, and its random numbers."""
        torch.manual_seed(seed)
        self._losses, self._started = [], time.monotonic()

    def step(self, loss: Tensor) -> None:
        """Moves the parameters down one loss."""
        self._optimizer.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        nn.utils.clip_grad_norm_(self._moved, 1.0)
        self._optimizer.step()
        self._schedule.step()
        self._losses.append(loss.item())

    def log(self, epoch: int, **more: object) -> None:
        """Writes a line about the epoch that ends."""
        line = {
            "epoch": epoch,
            "loss": round(float(np.mean(self._losses)), 4),
            "minutes": round((time.monotonic() - self._started) / 60, 2),
            **more,
        }
        with (self.out / "log.jsonl").open("a", encoding="utf-8") as file:
            file.write(json.dumps(line) + "\n")

    def keep(self, epoch: int) -> None:
        """Writes the state from which a run goes on."""
        states = {"optimizer": self._optimizer.state_dict(), "schedule": self._schedule.state_dict()}
        partial = self.out / "state.partial"
        torch.save({"epoch": epoch, "network": dict(self.trained), **states}, partial)
        partial.replace(self.out / "state.pt")


def _rate(progress: float, warmup: float) -> float:
    if progress < warmup:
        return progress / warmup
    return LEAST + (1 - LEAST) * 0.5 * (1 + math.cos(math.pi * (progress - warmup) / (1 - warmup)))

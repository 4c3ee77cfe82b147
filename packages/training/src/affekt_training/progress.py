"""A progress bar for the Trainer: steps, losses and the time that is left."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn, TimeRemainingColumn
from transformers import TrainerCallback, TrainerControl, TrainerState, TrainingArguments


class Bar(TrainerCallback):
    """A progress bar of rich that follows a training."""

    def __init__(self, progress: Progress, task: TaskID) -> None:
        self.progress, self.task = progress, task

    def on_step_end(self, args: TrainingArguments, state: TrainerState, control: TrainerControl, **kwargs: Any) -> None:
        """Moves the bar by a step."""
        self.progress.update(self.task, completed=state.global_step)

    def on_log(
        self, args: TrainingArguments, state: TrainerState, control: TrainerControl, logs: Any = None, **kwargs: Any
    ) -> None:
        """Shows the latest losses beside the bar."""
        losses = [f"{name} {logs[name]:.3f}" for name in ("loss", "eval_loss") if name in (logs or {})]
        if losses:
            self.progress.update(self.task, losses=", ".join(losses))


@contextmanager
def shown(console: Console, steps: int) -> Iterator[Bar]:
    """The bar, while training runs."""
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TextColumn("{task.fields[losses]}"))
    with Progress(*columns, TimeRemainingColumn(), console=console) as progress:
        yield Bar(progress, progress.add_task("training", total=steps, losses=""))

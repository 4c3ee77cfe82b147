"""The most memory that a run holds, the processes that decode for it included."""

import os
import threading
from types import TracebackType
from typing import Self

import psutil  # type: ignore[import-untyped]

INTERVAL = 0.1
"""Seconds between two looks."""


class PeakMemory:
    """Watches this process and its children from a thread while it is entered."""

    bytes: int = 0
    """Resident memory at most, summed over the processes; what they share counts for each."""

    def __enter__(self) -> Self:
        self._done, self._process = threading.Event(), psutil.Process(os.getpid())
        self._look()
        self._thread = threading.Thread(target=self._watch, daemon=True)
        self._thread.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._done.set()
        self._thread.join()
        self._look()

    def _watch(self) -> None:
        while not self._done.wait(INTERVAL):
            self._look()

    def _look(self) -> None:
        held = 0
        for process in [self._process, *self._process.children(recursive=True)]:
            try:
                held += int(process.memory_info().rss)
            except psutil.Error:  # it has just ended
                continue
        self.bytes = max(self.bytes, held)

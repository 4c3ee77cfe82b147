"""Wakes the requests that wait for a job, whichever thread notices that it has changed."""

import asyncio
import threading
from contextlib import suppress


class Changes:
    """Says to everybody who waits that the table of jobs was written to."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._waiting: set[asyncio.Future[None]] = set()

    def happened(self) -> None:
        """Wakes everybody; from any thread."""
        with self._lock:
            waiting, self._waiting = self._waiting, set()
        for future in waiting:
            with suppress(RuntimeError):  # the loop has ended
                future.get_loop().call_soon_threadsafe(_wake, future)

    def expect(self) -> "asyncio.Future[None]":
        """A future that is done at the next change; what changes after this call is not missed."""
        future = asyncio.get_running_loop().create_future()
        with self._lock:
            self._waiting.add(future)
        return future

    async def wait(self, future: "asyncio.Future[None]", seconds: float) -> bool:
        """Whether the change came within so many seconds."""
        try:
            return bool((await asyncio.wait({future}, timeout=seconds))[0])
        finally:
            self.forget(future)

    def forget(self, future: "asyncio.Future[None]") -> None:
        """Expects it no longer."""
        with self._lock:
            self._waiting.discard(future)


def _wake(future: "asyncio.Future[None]") -> None:
    if not future.done():
        future.set_result(None)

"""The worker processes of a server: started, watched, started again, and what they dropped queued again."""

import json
import os
import secrets
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from contextlib import suppress

from affekt_studio.changes import Changes
from affekt_studio.config import REDIS_VARIABLE, StudioConfig
from affekt_studio.stores import Store, open_store

READY = b"ready\n"
"""What a worker says once it has loaded its pipeline."""
PATIENCE = 1.0
"""Seconds between the starts of a worker that keeps dying."""


class Pool:
    """The workers of one server."""

    def __init__(self, config: StudioConfig, store: Store) -> None:
        self.config, self.store = config, store
        self._processes: dict[int, subprocess.Popen[bytes]] = {}
        self._ready: dict[int, bool] = {}
        self._closed = threading.Event()
        self.changes = Changes()
        """Happen whenever a worker has written to the table, or this pool has."""
        self.restarts = 0

    @property
    def ready(self) -> int:
        """Workers that have loaded their pipeline."""
        return sum(self._ready.values())

    @property
    def pids(self) -> list[int]:
        """Process numbers of the workers that run."""
        return [process.pid for process in list(self._processes.values()) if process.poll() is None]

    def start(self) -> None:
        """Starts the workers, and what keeps the folder in order."""
        for index in range(self.config.workers):
            threading.Thread(target=self._watch, args=(index,), daemon=True).start()
        threading.Thread(target=self._tidy, daemon=True).start()

    def wake(self) -> None:
        """Says that there is work."""
        for process in list(self._processes.values()):
            with suppress(OSError, ValueError):
                assert process.stdin is not None
                process.stdin.write(b"\n")
                process.stdin.flush()

    def close(self) -> None:
        """Ends the workers; their jobs are queued again."""
        self._closed.set()
        for process in list(self._processes.values()):
            process.kill()
            process.wait()

    def _watch(self, index: int) -> None:
        while not self._closed.is_set():
            began = time.monotonic()
            name = f"{index}-{secrets.token_hex(4)}"
            process = subprocess.Popen(
                [sys.executable, "-m", "affekt_studio.worker", json.dumps(self.config.to_json()), name],
                stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=os.environ | {REDIS_VARIABLE: self.config.redis},
            )  # fmt: skip
            self._processes[index] = process
            if self._closed.is_set():
                process.kill()
            assert process.stdout is not None
            self._ready[index] = process.stdout.readline() == READY
            while process.stdout.readline():
                self.changes.happened()
            process.wait()
            self._ready[index] = False
            with suppress(Exception):  # the table may be closed, where the server ends
                self._take_back(name)
            self.restarts += not self._closed.is_set()
            self._closed.wait(max(0.0, PATIENCE - (time.monotonic() - began)))

    def _tidy(self) -> None:
        """Queues again what nobody renews, removes what has expired, and folders that no job has."""
        while not self._closed.wait(min(1.0, self.config.lease_seconds / 4)):
            with suppress(Exception):
                self._take_back(None)
                for job in self.store.expired():
                    self.store.remove(job)
                    self.changes.happened()
                    shutil.rmtree(self.store.folder_of(job), ignore_errors=True)
                remove_orphans(self.store)

    def _take_back(self, worker: str | None) -> None:
        """Queues again what this worker held, or what nobody renews."""
        if self.store.release(worker):
            self.changes.happened()
            self.wake()


def work(config: StudioConfig, on_ready: Callable[[], None]) -> None:
    """Runs workers without a server until the process is interrupted or told to end.

    Raises:
        QueueUnreachable: no Redis answers.
    """
    over = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: over.set())
    pool = Pool(config, open_store(config))
    pool.start()
    on_ready()
    over.wait()
    pool.close()


def remove_orphans(store: Store, older: float = 3600.0) -> None:
    """Removes folders of jobs that are in no table: of uploads that a kill cut off, and of jobs that were removed."""
    folder = store.folder / "jobs"
    ids = store.ids()
    for path in folder.iterdir() if folder.is_dir() else ():
        if path.name not in ids and time.time() - path.stat().st_mtime > older:
            shutil.rmtree(path, ignore_errors=True)

"""A worker process: claims jobs, does them with pipelines that it keeps loaded, and ends with the server.

    python -m affekt_studio.worker CONFIG NAME

A byte on standard input says that there may be work; its end says that the server is gone. "ready" is written on
standard output once the first pipeline is loaded. What libraries print goes to standard error.
"""

import errno
import json
import os
import shutil
import signal
import sys
import threading
import time
from collections import OrderedDict
from collections.abc import Mapping
from contextlib import suppress
from typing import Any

import numpy as np
from affekt import AffektError, AudioSignal, Clip, Pipeline

from affekt_studio import pipelines, tasks
from affekt_studio.config import StudioConfig
from affekt_studio.errors import error_body
from affekt_studio.jobs import Job, JobStore

MOST_LOADED = 2
"""Pipelines that one worker keeps."""
IDLE_SECONDS = 0.5
STEP_SECONDS = 0.25
"""Steps that follow each other faster than this are not all reported."""


class Lost(Exception):
    """The job was removed, or another worker has it."""


class Worker:
    """Does one job after the other."""

    def __init__(self, config: StudioConfig, name: str) -> None:
        self.config, self.name = config, name
        self.store = JobStore(config.folder, kept_seconds=config.limits.kept_seconds, attempts=config.attempts)
        self.work = threading.Event()
        self._loaded: OrderedDict[str, Pipeline] = OrderedDict()

    def warm(self) -> None:
        """Loads what the first pipeline needs for sound, so that the first job does not wait for it."""
        noise = np.random.default_rng(0).normal(0, 0.1, 16_000).astype(np.float32)
        with suppress(AffektError):  # a job that needs it says what is wrong
            self.pipeline(None, {}).run([Clip(id="warm", audio=AudioSignal(samples=noise, sample_rate=16_000))])

    def run(self) -> None:
        """Works until the process is ended."""
        while True:
            self.work.clear()
            while (job := self.store.claim(self.name, self.config.lease_seconds)) is not None:
                self.do(job)
            self.work.wait(IDLE_SECONDS)

    def do(self, job: Job) -> None:
        """One attempt at a job. Its outcome counts only where this attempt still holds the job."""
        folder = self.store.folder_of(job.id)
        own = folder / f"attempt-{job.attempt}"
        held, over = threading.Event(), threading.Event()
        held.set()
        keeper = threading.Thread(target=self._keep, args=(job, held, over), daemon=True)
        keeper.start()
        try:
            pipeline = self.pipeline(job.request.get("pipeline"), job.request.get("settings") or {})
            media = next(iter(sorted(folder.glob("media*"))), None)
            task = tasks.Task(
                request=job.request, pipeline=pipeline, media=media, folder=own,
                media_seconds=self.config.limits.media_seconds, on_event=self._reporter(job, held),
            )  # fmt: skip
            outcome = tasks.run(job.kind, task)
            counted = self.store.finish(job, "done", outcome | {"folder": own.name})
        except Lost:
            counted = False
        except Exception as error:
            counted = self.store.finish(job, "failed", self._failure(error, job))
        finally:
            over.set()
            keeper.join()
        if not counted:
            shutil.rmtree(own, ignore_errors=True)

    def pipeline(self, name: str | None, changes: Mapping[str, Any]) -> Pipeline:
        """The pipeline, loaded once; the one that was not used for longest makes room."""
        key = json.dumps([name or next(iter(self.config.pipelines)), dict(changes)], sort_keys=True)
        if key not in self._loaded:
            self._loaded[key] = pipelines.read(self.config, name, changes).build()
            while len(self._loaded) > MOST_LOADED:
                self._loaded.popitem(last=False)[1].close()
        self._loaded.move_to_end(key)
        return self._loaded[key]

    def _keep(self, job: Job, held: threading.Event, over: threading.Event) -> None:
        while not over.wait(self.config.lease_seconds / 4):
            if not self.store.renew(job, self.config.lease_seconds):
                held.clear()
                return

    def _reporter(self, job: Job, held: threading.Event) -> Any:
        last = 0.0

        def on_event(kind: str, data: Mapping[str, Any]) -> None:
            nonlocal last
            if not held.is_set():
                raise Lost
            if kind == "step" and time.monotonic() - last < STEP_SECONDS:
                return
            last = time.monotonic()
            if not self.store.report(job, kind, data):
                raise Lost

        return on_event

    def _failure(self, error: Exception, job: Job) -> dict[str, Any]:
        """The error as the session reads it: its own name for the file in place of the path."""
        if isinstance(error, OSError) and error.errno in (errno.ENOSPC, errno.EDQUOT):
            return error_body("DiskFull", "there was no room for the result", "again later")
        if not isinstance(error, AffektError):
            print(f"job {job.id}: {type(error).__name__}", file=sys.stderr)  # its message may hold content
            return error_body("InternalError", f"the worker raised {type(error).__name__}", "affekt doctor")
        media = next(iter(sorted(self.store.folder_of(job.id).glob("media*"))), None)
        texts = [error.message, error.hint or ""]
        for path in filter(None, (media, self.store.folder_of(job.id), self.config.folder)):
            texts = [text.replace(str(path), str(job.request.get("name", ""))) for text in texts]
        return error_body(type(error).__name__, texts[0], texts[1] or None)


def main(config: StudioConfig, name: str) -> None:
    """The process: listens to the server, loads, works."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the server's, which then closes our standard input
    # What is printed must not reach the server: the descriptor itself is turned to standard error.
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)
    worker = Worker(config, name)

    def listen() -> None:
        while os.read(0, 1024):
            worker.work.set()
        os._exit(0)

    threading.Thread(target=listen, daemon=True).start()
    if config.warm:
        worker.warm()
    print("ready", file=answers, flush=True)
    worker.run()


if __name__ == "__main__":
    main(StudioConfig.from_json(json.loads(sys.argv[1])), sys.argv[2])

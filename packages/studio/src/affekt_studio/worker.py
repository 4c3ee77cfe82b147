"""A worker process: claims jobs, does them with pipelines that it keeps loaded, and ends with the server.

    python -m affekt_studio.worker CONFIG NAME

A byte on standard input says that there may be work; its end says that the server is gone. "ready" is written on
standard output once the first pipeline is loaded, and then an empty line whenever a job has changed. What libraries
print goes to standard error.
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
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
from affekt import AffektError, AudioSignal, Clip, Pipeline, VideoFrames
from affekt_recordings import Analysis

from affekt_studio import pipelines, tasks
from affekt_studio.config import StudioConfig
from affekt_studio.errors import error_body
from affekt_studio.jobs import Job
from affekt_studio.pool import READY
from affekt_studio.results import WINDOWS, read_windows
from affekt_studio.stores import open_store

MOST_LOADED = 2
"""Pipelines that one worker keeps."""
IDLE_SECONDS = 0.5
STEP_SECONDS = 0.25
"""Steps that follow each other faster than this are not all reported."""


class Lost(Exception):
    """The job was removed, or another worker has it."""


@dataclass(kw_only=True)
class Attempt:
    """A job that this worker holds; a thread renews its lease until it is over."""

    job: Job
    held: threading.Event = field(default_factory=threading.Event)
    over: threading.Event = field(default_factory=threading.Event)
    keeper: threading.Thread = field(default_factory=threading.Thread)


class Worker:
    """Does one job after the other."""

    def __init__(self, config: StudioConfig, name: str, on_change: Callable[[], None] = lambda: None) -> None:
        """Opens the table.

        Args:
            on_change: called when this worker has written to it.
        """
        self.config, self.name, self.on_change = config, name, on_change
        self.store = open_store(config, through_power_cuts=False)
        self.work = threading.Event()
        self._loaded: OrderedDict[str, Pipeline] = OrderedDict()
        self._next: Attempt | None = None
        """A job that was claimed and does not belong to the batch before it."""

    def warm(self) -> None:
        """Loads what the first pipeline needs for sound and pictures, so that the first job does not wait for it."""
        noise = np.random.default_rng(0)
        sound = AudioSignal(samples=noise.normal(0, 0.1, 16_000).astype(np.float32), sample_rate=16_000)
        pictures = VideoFrames(frames=noise.integers(0, 255, (4, 120, 160, 3), dtype=np.uint8), fps=4.0)
        with suppress(AffektError):  # a job that needs it says what is wrong
            self.pipeline(None, {}).run([Clip(id="warm", audio=sound, video=pictures)])

    def run(self) -> None:
        """Works until the process is ended."""
        while True:
            self.work.clear()
            while attempts := self.take():
                self.do(attempts)
            self.work.wait(IDLE_SECONDS)

    def take(self) -> list["Attempt"]:
        """The next job, with the analyses behind it that wait for the same pipeline, up to `config.batch`."""
        first, self._next = self._next or self._claim(), None
        if first is None:
            return []
        taken = [first]
        while first.job.kind == "analysis" and len(taken) < self.config.batch and (other := self._claim()):
            if other.job.kind != "analysis" or self._key(other.job) != self._key(first.job):
                self._next = other
                break
            taken.append(other)
        return taken

    def do(self, attempts: Sequence["Attempt"]) -> None:
        """Does jobs; several analyses go through their pipeline together where they can."""
        analyses: Mapping[str, Analysis] = {}
        if len(attempts) > 1:
            with suppress(Exception):  # whose fault it is, is seen when each is done by itself
                together = [self._task(attempt) for attempt in attempts]
                analyses = tasks.analyze_together(together[0].pipeline, together)
        for attempt in attempts:
            self._do_one(attempt, analyses.get(attempt.job.id))

    def _do_one(self, attempt: "Attempt", analysis: Analysis | None) -> None:
        """One attempt at a job. Its outcome counts only where this attempt still holds the job."""
        job = attempt.job
        own = self.store.folder_of(job.id) / f"attempt-{job.attempt}"
        try:
            outcome = tasks.run(job.kind, replace(self._task(attempt), analysis=analysis or self._kept(job)))
            counted = self.store.finish(job, "done", outcome | {"folder": own.name})
        except Lost:
            counted = False
        except Exception as error:
            counted = self.store.finish(job, "failed", self._failure(error, job))
        finally:
            self.on_change()
            attempt.over.set()
            attempt.keeper.join()
        if not counted:
            shutil.rmtree(own, ignore_errors=True)

    def _task(self, attempt: "Attempt") -> tasks.Task:
        job = attempt.job
        folder = self.store.folder_of(job.id)
        return tasks.Task(
            id=job.id, request=job.request,
            pipeline=self.pipeline(job.request.get("pipeline"), job.request.get("settings") or {}),
            media=next(iter(sorted(folder.glob("media*"))), None), folder=folder / f"attempt-{job.attempt}",
            media_seconds=self.config.limits.media_seconds, on_event=self._reporter(job, attempt.held),
        )  # fmt: skip

    def _kept(self, job: Job) -> Analysis | None:
        """The analysis that this job answers, where it is done and has not been removed."""
        if job.kind != "reply":
            return None
        with suppress(KeyError, FileNotFoundError):
            answered = self.store.get(job.request["of"])
            if answered.state == "done" and answered.outcome is not None:
                folder = self.store.folder_of(answered.id) / str(answered.outcome["folder"])
                return read_windows(folder / WINDOWS, job.request["name"])
        return None

    def _claim(self) -> "Attempt | None":
        job = self.store.claim(self.name, self.config.lease_seconds)
        if job is None:
            return None
        self.on_change()
        attempt = Attempt(job=job)
        attempt.held.set()
        attempt.keeper = threading.Thread(target=self._keep, args=(attempt,), daemon=True)
        attempt.keeper.start()
        return attempt

    def _key(self, job: Job) -> str:
        return _pipeline_key(self.config, job.request.get("pipeline"), job.request.get("settings") or {})

    def pipeline(self, name: str | None, changes: Mapping[str, Any]) -> Pipeline:
        """The pipeline, loaded once; the one that was not used for longest makes room."""
        key = _pipeline_key(self.config, name, changes)
        if key not in self._loaded:
            self._loaded[key] = pipelines.read(self.config, name, changes).build()
            while len(self._loaded) > MOST_LOADED:
                self._loaded.popitem(last=False)[1].close()
        self._loaded.move_to_end(key)
        return self._loaded[key]

    def _keep(self, attempt: "Attempt") -> None:
        while not attempt.over.wait(self.config.lease_seconds / 4):
            if not self.store.renew(attempt.job, self.config.lease_seconds):
                attempt.held.clear()
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
            self.on_change()

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


def _pipeline_key(config: StudioConfig, name: str | None, changes: Mapping[str, Any]) -> str:
    return json.dumps([name or next(iter(config.pipelines)), dict(changes)], sort_keys=True)


def main(config: StudioConfig, name: str) -> None:
    """The process: listens to the server, loads, works."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the server's, which then closes our standard input
    # What is printed must not reach the server: the descriptor itself is turned to standard error.
    answers = os.dup(1)
    os.dup2(2, 1)
    worker = Worker(config, name, on_change=lambda: _say(answers, b"\n"))

    def listen() -> None:
        while os.read(0, 1024):
            worker.work.set()
        os._exit(0)

    threading.Thread(target=listen, daemon=True).start()
    if config.warm:
        worker.warm()
    _say(answers, READY)
    worker.run()


def _say(answers: int, line: bytes) -> None:
    with suppress(BrokenPipeError):  # the server is gone, and this process ends
        os.write(answers, line)


if __name__ == "__main__":
    main(StudioConfig.from_json(json.loads(sys.argv[1])), sys.argv[2])

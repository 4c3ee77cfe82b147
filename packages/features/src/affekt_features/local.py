"""Extraction on this machine: in this process, or in several that read clips from a pipe and answer with outcomes.

A worker that crashes costs the clip it worked on: it is reported, and another worker goes on. Workers end when the
pipe closes, so nothing outlives a killed parent.
"""

import queue
import subprocess
import sys
import threading
from collections.abc import Iterator, Sequence
from contextlib import suppress
from typing import IO

from affekt_datasets import Sample

from affekt_features.errors import StoreError, StoreFull
from affekt_features.job import Job, Outcome, sample_from_json, sample_to_json
from affekt_features.work import Work, in_groups, media_bytes

_FATAL = "!"
"""Begins a worker's last line, when the store itself fails."""


def run(job: Job, samples: Sequence[Sample], workers: int = 1) -> Iterator[Outcome]:
    """One outcome a clip, as they come; in the order of the clips with one worker.

    Raises:
        StoreError: the store cannot be read or written.
    """
    if workers <= 1:
        work = Work(job)
        for group in in_groups(samples, job.batch_size):
            yield from work.do(group)
        return
    crew = _Crew(job, samples, workers)
    try:
        yield from crew.outcomes()
    finally:
        crew.stop()


class _Crew:
    """Worker processes, each with a thread that feeds it and listens to it."""

    def __init__(self, job: Job, samples: Sequence[Sample], workers: int) -> None:
        self.job = job
        self.waiting: queue.SimpleQueue[list[Sample]] = queue.SimpleQueue()
        for group in in_groups(samples, job.batch_size):
            self.waiting.put(group)
        self.done: queue.SimpleQueue[Outcome | StoreError | BaseException | None] = queue.SimpleQueue()
        self.processes: set[subprocess.Popen[str]] = set()
        self.stopping = False
        self.threads = [threading.Thread(target=self._feed, daemon=True) for _ in range(workers)]
        for thread in self.threads:
            thread.start()

    def outcomes(self) -> Iterator[Outcome]:
        running = len(self.threads)
        while running:
            received = self.done.get()
            if isinstance(received, BaseException):
                raise received
            if received is None:
                running -= 1
            else:
                yield received

    def stop(self) -> None:
        self.stopping = True
        for process in list(self.processes):
            process.kill()  # the store does not mind
        for thread in self.threads:
            thread.join(timeout=10)

    def _feed(self) -> None:
        try:
            process = None
            while not self.stopping:
                try:
                    group = self.waiting.get_nowait()
                except queue.Empty:
                    break
                process = process or self._start()
                if not self._give(process, group):
                    process = None
            if process is not None:
                self._end(process)
        except BaseException as error:
            self.done.put(error)
        finally:
            self.done.put(None)

    def _give(self, process: "subprocess.Popen[str]", group: list[Sample]) -> bool:
        """Hands a batch over and passes on what comes back; False where the worker died of it."""
        reported = 0
        with suppress(BrokenPipeError):
            _stdin(process).write("".join(sample_to_json(sample) + "\n" for sample in group) + "\n")
            _stdin(process).flush()
        for line in process.stdout or ():
            if line.startswith(_FATAL):
                raise _fatal(line)
            self.done.put(Outcome.from_json(line))
            reported += 1
            if reported == len(group):
                return True
        code = self._end(process)
        why = f"the worker was killed by signal {-code}" if code < 0 else f"the worker ended with code {code}"
        for sample in group[reported:] if not self.stopping else ():
            self.done.put(Outcome(id=sample.id, error=why, media=media_bytes(sample)))
        return False

    def _start(self) -> "subprocess.Popen[str]":
        process = subprocess.Popen(
            [sys.executable, "-m", "affekt_features.local"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        self.processes.add(process)
        with suppress(BrokenPipeError):
            _stdin(process).write(self.job.to_json() + "\n")
        return process

    def _end(self, process: "subprocess.Popen[str]") -> int:
        with suppress(BrokenPipeError):
            _stdin(process).close()
        code = process.wait()
        self.processes.discard(process)
        return code


def _stdin(process: "subprocess.Popen[str]") -> IO[str]:
    assert process.stdin is not None
    return process.stdin


def _fatal(line: str) -> StoreError:
    kind, _, message = line[len(_FATAL) :].strip().partition(" ")
    message, _, hint = message.replace("\\n", "\n").partition("\nTry: ")
    return (StoreFull if kind == "StoreFull" else StoreError)(message, hint=hint or None)


def serve(given: IO[str], answers: IO[str]) -> None:
    """A worker's life: a job, then batches of clips, each ended by an empty line."""
    work = Work(Job.from_json(given.readline()))
    group: list[Sample] = []
    for line in given:
        if line.strip():
            group.append(sample_from_json(line))
            continue
        try:
            for outcome in work.do(group):
                answers.write(outcome.to_json() + "\n")
        except StoreError as error:
            answers.write(f"{_FATAL}{type(error).__name__} {str(error)!s}".replace("\n", "\\n") + "\n")
            answers.flush()
            return
        answers.flush()
        group = []


if __name__ == "__main__":
    import os

    # What components print must not reach the pipe.
    pipe = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)
    with suppress(BrokenPipeError, KeyboardInterrupt):  # the parent is gone, or going: nobody listens any more
        serve(sys.stdin, pipe)
        pipe.flush()
    os._exit(0)

"""A live stream judged every second, in a process of its own that a broken picture may crash.

    python -m affekt_studio.live CONFIG PIPELINE      # messages in on standard input, lines of JSON out

A message is a letter, the time in seconds, a length and that many bytes: P is sound (16 kHz mono PCM), J a JPEG, E the
end. While a window is judged the stream goes on; the next answer is for the newest window, and what was skipped is
counted.
"""

import json
import os
import struct
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import replace
from typing import Any, BinaryIO, Self

from affekt import AffektError, DataError, Pipeline

from affekt_studio import pipelines
from affekt_studio.config import StudioConfig
from affekt_studio.errors import error_body
from affekt_studio.live_window import LiveWindow

HEAD = struct.Struct("<cdI")
MOST_BYTES = 2 << 20
STEP = 1.0
"""Seconds of the stream between two answers."""


def read_message(stream: BinaryIO) -> tuple[bytes, float, bytes] | None:
    """(letter, time, content) of the next message; None at the end."""
    head = stream.read(HEAD.size)
    if len(head) < HEAD.size:
        return None
    letter, at, length = HEAD.unpack(head)
    data = stream.read(length)
    return None if len(data) < length else (letter, at, data)


class Judge:
    """Judges the newest window of a stream whenever a second of it has passed."""

    def __init__(self, pipeline: Pipeline, emit: Callable[[Mapping[str, Any]], None]) -> None:
        self.pipeline, self.emit = pipeline, emit
        self.window = LiveWindow()
        self._changed = threading.Condition()
        self._over = False
        self._now = self._arrived = 0.0

    def listen(self, stream: BinaryIO) -> None:
        """Reads messages until the stream ends."""
        while (message := read_message(stream)) is not None and message[0] != b"E":
            letter, at, data = message
            with self._changed:
                try:
                    self.window.add_sound(data) if letter == b"P" else self.window.add_picture(data, at)
                except DataError as error:
                    self.emit({"type": "error"} | error_body(type(error).__name__, error.message, error.hint))
                    continue
                self._now = self.window.heard or at
                self._arrived = time.monotonic()
                self._changed.notify()
        with self._changed:
            self._over = True
            self._changed.notify()

    def run(self) -> None:
        """Answers until the stream ends; then says how it kept up."""
        last, answers, skipped, delays = 0.0, 0, 0, list[float]()
        while True:
            with self._changed:
                while not self._over and self._now < last + STEP:
                    self._changed.wait()
                if self._now < last + STEP:
                    break
                clip, at, arrived = self.window.clip(), self._now, self._arrived
            assert clip is not None
            skipped += max(0, int((at - last) / STEP) - 1) if last else 0
            last = at
            try:
                felt = self.pipeline.run([clip])[0]
            except AffektError as error:
                body = error_body(type(error).__name__, error.message, error.hint)
                self.emit({"type": "error", "at": round(at, 2)} | body)
                continue
            delay = time.monotonic() - arrived
            answers += 1
            delays.append(delay)
            self.emit({
                "type": "answer", "at": round(at, 2), "from": round(clip.start, 2),
                "label": None if felt.abstained else felt.label, "abstained": felt.abstained,
                "scores": {name: round(score, 4) for name, score in felt.scores.items()},
                "clues": [clue.text for clue in felt.clues], "delay": round(delay, 3), "skipped": skipped,
            })  # fmt: skip
        ordered = sorted(delays)
        self.emit({
            "type": "end", "seconds": round(self._now, 2), "answers": answers, "skipped": skipped,
            "median_delay": round(ordered[len(ordered) // 2], 3) if ordered else None,
            "longest_delay": round(ordered[-1], 3) if ordered else None,
        })  # fmt: skip


class LiveProcess:
    """A process that judges one stream. Killed when the `with` block is left."""

    def __init__(
        self, config: StudioConfig, pipeline: str | None, settings: Mapping[str, Any], *, with_words: bool = False
    ) -> None:
        self.config, self.asked = config, json.dumps([pipeline, dict(settings), with_words])

    def __enter__(self) -> Self:
        command = [sys.executable, "-m", "affekt_studio.live", json.dumps(self.config.to_json()), self.asked]
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        return self

    def __exit__(self, *_: object) -> None:
        self.process.kill()
        self.process.wait()

    def send(self, letter: bytes, at: float, data: bytes = b"") -> None:
        """Sends a message; waits while the process does not read."""
        assert self.process.stdin is not None
        with suppress(BrokenPipeError):
            self.process.stdin.write(HEAD.pack(letter, at, len(data)) + data)
            self.process.stdin.flush()

    def answers(self) -> Iterator[dict[str, Any]]:
        """What it says: "ready" first, "end" last; where it dies, an error."""
        assert self.process.stdout is not None
        for line in self.process.stdout:
            answer: dict[str, Any] = json.loads(line)
            yield answer
            if answer["type"] == "end":
                return
        yield {"type": "error"} | error_body("WorkerDied", "the process that judged the stream has died", "again")


def pipeline_for(config: StudioConfig, name: str | None, settings: Mapping[str, Any], with_words: bool) -> Pipeline:
    """The pipeline that judges a stream, as it keeps up with time.

    It has no transcriber, unless words are asked for, and a reasoner that can score the labels alone writes nothing.
    """
    spec = pipelines.read(config, name, settings)
    if "transcript" in spec.prepare and not with_words:
        spec = spec.swap(transcript=None)
    pipeline = spec.swap(speaker=None).build()
    reasoner: Any = pipeline.reasoner
    if "task" not in getattr(type(reasoner), "model_fields", {}):
        return pipeline
    return replace(pipeline, reasoner=reasoner.model_copy(update={"task": None}))


def main(config: StudioConfig, name: str | None, settings: Mapping[str, Any], with_words: bool) -> None:
    """Runs the process of one stream."""
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)  # what libraries print must not be among the answers
    lock = threading.Lock()

    def emit(answer: Mapping[str, Any]) -> None:
        with lock, suppress(BrokenPipeError):
            print(json.dumps(answer), file=answers, flush=True)

    try:
        judge = Judge(pipeline_for(config, name, settings, with_words), emit)
    except AffektError as error:
        emit({"type": "error"} | error_body(type(error).__name__, error.message, error.hint))
        return
    _warm(judge.pipeline)
    emit({"type": "ready"})
    threading.Thread(target=judge.listen, args=(sys.stdin.buffer,), daemon=True).start()
    judge.run()


def _warm(pipeline: Pipeline) -> None:
    """Loads what the first answer would wait for."""
    import numpy as np

    noise = (np.random.default_rng(0).normal(0, 2000, 32_000)).astype("<i2")
    window = LiveWindow()
    window.add_sound(noise.tobytes())
    clip = window.clip()
    with suppress(AffektError):
        pipeline.run([clip] if clip else [])


if __name__ == "__main__":
    main(StudioConfig.from_json(json.loads(sys.argv[1])), *json.loads(sys.argv[2]))

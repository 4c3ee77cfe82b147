"""What `affekt live` does: sends a stream to the judging process as time goes by, and prints its answers."""

import io
import json
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import typer
from affekt import AffektError

from affekt_studio.config import StudioConfig
from affekt_studio.live import LiveProcess
from affekt_studio.live_window import RATE

PIECE = 0.1
"""Seconds of sound that are sent at a time."""
Message = tuple[float, bytes, bytes]
"""(when, letter, content)."""


def run(source: str, pipeline: str, *, with_words: bool, as_json: bool) -> None:
    """Judges the stream and prints an answer a line, then how it kept up."""
    with tempfile.TemporaryDirectory() as folder:
        config = StudioConfig(folder=Path(folder), pipelines={"live": pipeline})
        messages = from_pipe() if source == "-" else iter(from_file(source))
        with LiveProcess(config, "live", {}, with_words=with_words) as process:
            answers = process.answers()
            show(next(answers), as_json)
            threading.Thread(target=play, args=(process, messages, source != "-"), daemon=True).start()
            for answer in answers:
                show(answer, as_json)


def play(process: LiveProcess, messages: Iterator[Message], in_real_time: bool) -> None:
    """Sends messages, each at its time."""
    began = time.monotonic()
    for at, letter, data in messages:
        if in_real_time:
            time.sleep(max(0.0, began + at - time.monotonic()))
        process.send(letter, at, data)
    process.send(b"E", 0.0)


def from_pipe() -> Iterator[Message]:
    """Sound from standard input as it comes."""
    at = 0.0
    while data := sys.stdin.buffer.read(round(PIECE * RATE) * 2):
        at += len(data) / 2 / RATE
        yield at, b"P", data[: len(data) // 2 * 2]


def from_file(path: str) -> list[Message]:
    """Sound and pictures of a recording, as a microphone and a camera would give them."""
    import affekt_media
    import numpy as np
    from PIL import Image

    clip = affekt_media.load(path, sample_rate=RATE)
    messages: list[Message] = []
    if clip.audio is not None:
        samples = (np.clip(clip.audio.samples, -1, 1) * 32767).astype("<i2")
        step = round(PIECE * RATE)
        for start in range(0, len(samples), step):
            piece = samples[start : start + step]
            messages.append(((start + len(piece)) / RATE, b"P", piece.tobytes()))
    if clip.video is not None:
        for at, frame in zip(clip.video.at(), clip.video.frames, strict=True):
            encoded = io.BytesIO()
            Image.fromarray(frame).save(encoded, "JPEG", quality=85)
            messages.append((float(at), b"J", encoded.getvalue()))
    return sorted(messages, key=lambda message: message[0])


def show(answer: dict[str, Any], as_json: bool) -> None:
    """Shows one answer.

    Raises:
        AffektError: it is an error.
    """
    if as_json:
        typer.echo(json.dumps(answer))
    elif answer["type"] == "answer":
        score = f" {answer['scores'][answer['label']]:.0%}" if answer["label"] else ""
        felt = answer["label"] or f"nothing claimed: {answer['abstained']}"
        typer.echo(f"{answer['at']:7.1f} s  {felt}{score}  ({answer['delay']:.2f} s late)")
    elif answer["type"] == "end":
        asked = answer["answers"] + answer["skipped"]
        share = answer["skipped"] / asked if asked else 0
        late = f"median delay {answer['median_delay']} s, longest {answer['longest_delay']} s"
        typer.echo(f"{answer['seconds']:.1f} s, {answer['answers']} answers, {share:.0%} skipped; {late}", err=True)
    elif answer["type"] == "error" and "at" not in answer:
        raise AffektError(answer["error"]["message"], hint=answer["error"]["try"])

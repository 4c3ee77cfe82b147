"""Starts the decoding child, keeps a watch on the clock, and turns its end into an error that says what happened."""

import json
import os
import signal
import struct
import sys
import tempfile
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from typing import Any, BinaryIO, Self

from affekt.errors import MediaError

from affekt_media.errors import BY_KIND, DecoderCrashed, DecodingTimedOut
from affekt_media.request import Request
from affekt_media.starting import Process, start, start_anew
from affekt_media.wire import Kind, receive_header, receive_into

_PIPE_BYTES = 1 << 20
_F_SETPIPE_SZ = 1031
_MOST_JSON = 16 << 20
_CPU_SIGNAL = getattr(signal, "SIGXCPU", None)
_DAMAGE_HINT = "re-encoding the file with another program; it is damaged, or made to break decoders"
_REPORT_HINT = "pip install --upgrade av numpy soxr; if that does not help, please report this message"


class Child:
    """A decoding process and its end of the pipe. Killed and reaped when the `with` block is left, however it is."""

    def __init__(self, request: Request, *, command: Sequence[str] = ()) -> None:
        self._request = request
        self._command = command
        self._late = False

    def __enter__(self) -> Self:
        self._stderr = tempfile.TemporaryFile()
        self._process, parent = self._started()
        _widen(self.pipe)
        by_signal = parent != os.getpid() or threading.current_thread() is threading.main_thread()
        own = {"parent": parent, "parent_signal": by_signal}
        assert self._process.stdin is not None
        with suppress(BrokenPipeError):  # it died at once; the first read says so
            self._process.stdin.write(json.dumps(self._request.to_json() | own).encode() + b"\n")
            self._process.stdin.flush()  # and stays open: its end tells the child that we are gone
        return self

    def __exit__(self, *_: object) -> None:
        self._process.kill()
        for pipe in (self._process.stdin, self._process.stdout):
            if pipe is not None:
                with suppress(BrokenPipeError):
                    pipe.close()
        self._process.wait()
        self._stderr.close()

    @property
    def pid(self) -> int:
        """The id of the process."""
        return self._process.pid

    @property
    def pipe(self) -> BinaryIO:
        assert self._process.stdout is not None
        return self._process.stdout  # type: ignore[return-value]

    @contextmanager
    def patience(self) -> Iterator[None]:
        """Kill the child if the block takes longer than `Limits.seconds_to_decode`."""
        timer = threading.Timer(self._request.limits.seconds_to_decode, self._give_up)
        timer.daemon = True
        timer.start()
        try:
            yield
        finally:
            timer.cancel()

    @contextmanager
    def understood(self) -> Iterator[None]:
        """Turn what a message lacks, or has of the wrong kind, into an error of the child."""
        try:
            yield
        except MediaError:
            raise
        except (LookupError, TypeError, ValueError, AttributeError) as error:
            raise self._crashed(f"it sent a message that cannot be understood ({error!r})") from error

    def next_header(self) -> tuple[Kind, int]:
        """Kind and length of the next message.

        Raises:
            MediaError: the child refused the file, took too long or died.
        """
        try:
            header = receive_header(self.pipe)
        except (ValueError, struct.error) as error:
            raise self._crashed("it sent what is no message") from error
        if header is None:
            raise self._ended()
        if header[0] is Kind.REFUSAL:
            raise self._refused(self.json(header[1]))
        return header

    def fill(self, buffer: Any) -> None:
        """Read exactly as many bytes as the buffer holds."""
        if not receive_into(self.pipe, buffer):
            raise self._ended()

    def json(self, length: int) -> dict[str, Any]:
        """The body of a JSON message."""
        if length > _MOST_JSON:
            raise self._crashed(f"it announced {length:,} bytes of text")
        body = bytearray(length)
        self.fill(body)
        try:
            parsed = json.loads(body)
        except ValueError as error:
            raise self._crashed("it sent text that is no JSON") from error
        if not isinstance(parsed, dict):
            raise self._crashed("it sent JSON that is no object")
        return parsed

    def strange(self, what: str) -> MediaError:
        """The error for a message that breaks the protocol: the child is broken, or has been taken over by its file."""
        return self._crashed(what)

    def _started(self) -> tuple[Process, int]:
        if self._command:
            return start_anew(self._command, self._stderr), os.getpid()
        return start(self._stderr)

    def _give_up(self) -> None:
        self._late = True
        self._process.kill()

    def _refused(self, body: dict[str, Any]) -> MediaError:
        kind = BY_KIND.get(str(body.get("kind")), MediaError)
        return kind(f"{self._where}: {body.get('message')}", hint=str(body.get("hint")))

    def _ended(self) -> MediaError:
        code = self._process.wait()
        limits = self._request.limits
        if self._late or (_CPU_SIGNAL is not None and code == -_CPU_SIGNAL):
            return DecodingTimedOut(
                f"{self._where}: decoding took longer than the {limits.seconds_to_decode:g} s that "
                "Limits.seconds_to_decode allows, and was stopped",
                hint=f"a smaller copy, or Limits(seconds_to_decode={limits.seconds_to_decode * 4:g})",
            )
        if code < 0:
            return self._crashed(f"it was ended by {_signal_name(-code)}")
        return self._crashed(f"it ended with code {code}{self._last_words()}", hint=_REPORT_HINT)

    def _crashed(self, what: str, *, hint: str = _DAMAGE_HINT) -> DecoderCrashed:
        return DecoderCrashed(f"{self._where}: the decoding process failed: {what}. Nothing else is harmed", hint=hint)

    def _last_words(self) -> str:
        self._stderr.seek(0)
        lines = self._stderr.read(1 << 16).decode("utf-8", "replace").strip().splitlines()
        return f": {lines[-1][:500]}" if lines else ""

    @property
    def _where(self) -> str:
        return f'"{self._request.path}"'


def _widen(pipe: BinaryIO) -> None:
    if sys.platform == "linux":
        import fcntl

        with suppress(OSError):  # a wider pipe is only faster
            fcntl.fcntl(pipe, _F_SETPIPE_SZ, _PIPE_BYTES)


def _signal_name(number: int) -> str:
    try:
        return signal.Signals(number).name
    except ValueError:
        return f"signal {number}"

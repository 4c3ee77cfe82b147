"""Starts decoders: forked from a process that holds PyAV already on Linux, and a new interpreter each elsewhere."""

import os
import signal
import socket
import struct
import subprocess
import sys
import threading
from collections.abc import Sequence
from contextlib import suppress
from itertools import count
from pathlib import Path
from typing import IO, Protocol

_PACKET = struct.Struct("<qq")


class Process(Protocol):
    """The part of `subprocess.Popen` that a decoder needs."""

    stdin: IO[bytes] | None
    stdout: IO[bytes] | None
    pid: int

    def kill(self) -> None: ...

    def wait(self) -> int:
        """The code it ended with; −N where signal N ended it."""
        ...


def start(stderr: IO[bytes]) -> tuple[Process, int]:
    """A decoder that waits for its request, and the number of its parent."""
    forker = _running()
    if forker is not None and (forked := forker.start(stderr)) is not None:
        return forked, forker.pid
    return start_anew([sys.executable, "-P", "-m", "affekt_media.decoder"], stderr), os.getpid()


def start_anew(command: Sequence[str], stderr: IO[bytes]) -> Process:
    """A decoder in a new interpreter."""
    return subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=stderr, env=_environment()
    )  # fmt: skip


class Forked:
    """A decoder whose parent is the forker."""

    def __init__(self, forker: "Forker", pid: int, stdin: int, stdout: int) -> None:
        self.stdin: IO[bytes] | None = os.fdopen(stdin, "wb")
        self.stdout: IO[bytes] | None = os.fdopen(stdout, "rb")
        self.pid = pid
        self._forker = forker
        self._code: int | None = None

    def kill(self) -> None:
        if self._code is None:  # so it has not been waited for, and the number is still its own
            with suppress(ProcessLookupError):
                os.kill(self.pid, signal.SIGKILL)

    def wait(self) -> int:
        if self._code is None:
            self._code = self._forker.wait(self.pid)
        return self._code


class Forker:
    """The process `affekt_media.decoder.forker`, and our end of the socket to it. Several threads may use it."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._numbers = count()
        self._channel, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        with theirs:
            module = [sys.executable, "-P", "-m", "affekt_media.decoder.forker"]
            self._process = subprocess.Popen(
                [*module, str(theirs.fileno()), str(os.getpid())],
                stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
                pass_fds=[theirs.fileno()], env=_environment(),
            )  # fmt: skip

    @property
    def pid(self) -> int:
        """The id of the process."""
        return self._process.pid

    def alive(self) -> bool:
        """Whether it can be asked."""
        return self._process.poll() is None

    def start(self, stderr: IO[bytes]) -> Forked | None:
        """A new decoder; None when the forker is gone."""
        (their_in, our_in), (our_out, their_out) = os.pipe(), os.pipe()
        try:
            pid = self._ask(0, [their_in, their_out, stderr.fileno()])
        except BaseException:
            os.close(our_in)
            os.close(our_out)
            raise
        finally:
            os.close(their_in)
            os.close(their_out)
        if pid is None:
            os.close(our_in)
            os.close(our_out)
            return None
        return Forked(self, pid, our_in, our_out)

    def wait(self, pid: int) -> int:
        """The code with which a decoder ended; it died with the forker where that is gone."""
        code = self._ask(pid, [])
        return -signal.SIGKILL if code is None else code

    def close(self) -> None:
        """End it, and every decoder it started."""
        self._channel.close()
        self._process.kill()
        self._process.wait()

    def _ask(self, pid: int, streams: list[int]) -> int | None:
        with self._lock:
            number = next(self._numbers)
            try:
                socket.send_fds(self._channel, [_PACKET.pack(number, pid)], streams)
                while answer := self._channel.recv(_PACKET.size):
                    about, value = _PACKET.unpack(answer)
                    if about == number:  # else of a question whose asker was interrupted
                        return int(value)
            except OSError:
                pass
            return None


_lock = threading.Lock()
_forker: Forker | None = None


def _running() -> Forker | None:
    global _forker
    if sys.platform != "linux":  # macOS: its libraries do not survive a fork; Windows: there is none
        return None
    with _lock:
        if _forker is None or not _forker.alive():
            _forker = Forker()
        return _forker


def _forget() -> None:
    # In a forked copy of the caller: the forker is not its child.
    global _forker, _lock
    _forker, _lock = None, threading.Lock()


def _close() -> None:
    if _forker is not None:
        _forker.close()


def _environment() -> dict[str, str]:
    # The child must find this package wherever the caller found it, and must not start a thread a core for algebra.
    location = str(Path(__file__).resolve().parents[1])
    paths = [location, *filter(None, [os.environ.get("PYTHONPATH")])]
    alone = {"OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1", "MALLOC_ARENA_MAX": "2"}
    return os.environ | alone | {"PYTHONPATH": os.pathsep.join(paths)}


if sys.platform == "linux":
    import atexit

    os.register_at_fork(after_in_child=_forget)
    atexit.register(_close)

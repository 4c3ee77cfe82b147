"""One process of the other interpreter: started, spoken to, and ended with everything it started."""

import json
import os
import socket
import subprocess
import sys
import threading
import time
import weakref
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import IO, Any

from affekt_isolation.wire import Channel, Message

_FOLDER = Path(__file__).parent
_BOOT = """
import sys, types
package = types.ModuleType("affekt_isolation")
package.__path__ = [sys.argv[1]]
sys.modules["affekt_isolation"] = package
from affekt_isolation import supervisor
supervisor.main()
"""
"""Only this package is borrowed: the folder around it holds the parent's other libraries."""
_KEPT = 1 << 16


class Process:
    """Ends with the `with` of its owner, with `end`, when it is no longer referred to, and at exit."""

    def __init__(self, python: str, memory: int | None) -> None:
        """Starts it.

        Raises:
            OSError: there is no such interpreter, or it may not be run.
        """
        self.owner = os.getpid()
        wire, far_wire = socket.socketpair()
        self._life, far_life = socket.socketpair()
        settings = json.dumps({"parent": self.owner, "memory": memory})
        try:
            popen = subprocess.Popen(
                [python, "-P", "-c", _BOOT, str(_FOLDER), str(far_wire.fileno()), str(far_life.fileno()), settings],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                pass_fds=(far_wire.fileno(), far_life.fileno()),
                env=_environment(python),
            )
        except BaseException:
            wire.close()
            self._life.close()
            raise
        finally:
            far_wire.close()
            far_life.close()
        assert popen.stdout is not None
        self.log = Log(popen.stdout)
        self.channel = Channel(wire, self._life)
        self.end = weakref.finalize(self, _end, self.owner, popen, wire, self._life, self.log)
        """Ends it, at most once."""

    def exchange(self, message: Message, buffers: Sequence[Any], seconds: float) -> tuple[Message, list[bytearray]]:
        """Sends a message and waits for the reply.

        Raises:
            wire.Ended, wire.Late: the process is gone, or too slow.
            ValueError: the reply is no message.
        """
        deadline = time.monotonic() + seconds
        self.channel.send(message, buffers, deadline)
        return self.channel.receive(deadline)

    def kill(self) -> None:
        """Ends it at once: a process that hangs gets no time to tidy up."""
        with suppress(OSError):
            self._life.shutdown(socket.SHUT_RDWR)
        self.end()

    def ending(self) -> dict[str, Any]:
        """How it ended, as the supervisor tells it: {"code": …} or {"memory": …}; empty where it cannot tell."""
        self._life.settimeout(5)
        answer = b""
        with suppress(OSError):
            while not answer.endswith(b"\n") and (more := self._life.recv(4096)):
                answer += more
        return dict(json.loads(answer)) if answer.endswith(b"\n") else {}


class Log:
    """The last 64 KiB of what a process prints, kept in memory by a thread that reads all of it."""

    def __init__(self, pipe: IO[bytes]) -> None:
        self._kept = bytearray()
        self._thread = threading.Thread(target=_drain, args=(pipe, self._kept), name="affekt-worker-log", daemon=True)
        self._thread.start()

    @property
    def text(self) -> str:
        """What is kept."""
        return bytes(self._kept)[-_KEPT:].decode("utf-8", "replace")

    def finish(self) -> None:
        """Waits for the last words of a process that has ended."""
        self._thread.join(1)


def _drain(pipe: IO[bytes], kept: bytearray) -> None:
    with pipe:
        while block := os.read(pipe.fileno(), _KEPT):
            kept += block
            if len(kept) > 2 * _KEPT:
                del kept[:-_KEPT]


def _end(owner: int, popen: subprocess.Popen[bytes], wire: socket.socket, life: socket.socket, log: Log) -> None:
    if os.getpid() != owner:
        return  # a fork of the parent must not end what is not its own
    wire.close()
    with suppress(OSError):
        life.send(b".")  # goodbye: the worker may tidy up, for a moment
    with suppress(subprocess.TimeoutExpired):
        popen.wait(3)
    life.close()
    try:
        popen.wait(7)
    except subprocess.TimeoutExpired:
        popen.kill()
        popen.wait()
    log.finish()


def _environment(python: str) -> dict[str, str]:
    # PYTHONPATH and PYTHONHOME speak of this interpreter's libraries; another one must not see them.
    foreign = {"PYTHONHOME", "PYTHONPATH", "VIRTUAL_ENV", "__PYVENV_LAUNCHER__"}
    same = os.path.abspath(python) == os.path.abspath(sys.executable)
    return {key: value for key, value in os.environ.items() if same or key not in foreign}

"""Stands between parent and worker, runs no code of a plugin, and ends with everything below it.

The other interpreter forks at once: the child becomes the worker, in a session of its own; this side waits until the
worker ends, the parent is gone or lets go, or the worker and what it started hold more memory than they may. Then all
descendants are killed, also those that left the session (on Linux orphans are handed to this process), and one line of
JSON tells the parent how it ended. Standard library only.
"""

import json
import os
import select
import signal
import socket
import sys
import time
from contextlib import suppress
from pathlib import Path
from typing import Any

_PR_SET_PDEATHSIG = 1
_PR_SET_CHILD_SUBREAPER = 36
_LOOK = 0.5
"""Seconds between looks at the memory and at the parent."""
_GRACE = 1.0
"""Seconds that a worker has to end by itself once the parent has said goodbye."""


def main() -> None:
    """Runs in the other interpreter: `python -c … FOLDER WIRE LIFE SETTINGS`; see `process` for who calls it."""
    wire, life, settings = int(sys.argv[2]), int(sys.argv[3]), json.loads(sys.argv[4])
    _prctl(_PR_SET_CHILD_SUBREAPER, 1)
    wake, waker = os.pipe()
    os.set_blocking(waker, False)
    signal.signal(signal.SIGCHLD, lambda *_: None)
    signal.set_wakeup_fd(waker)
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the terminal sends it to us too; what it means the parent decides
    supervisor = os.getpid()
    worker = os.fork()
    if worker:
        os.close(wire)
        _silence()
        _supervise(worker, socket.socket(fileno=life), wake, settings)
    signal.set_wakeup_fd(-1)
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    for descriptor in (life, wake, waker):
        os.close(descriptor)
    os.setsid()
    _prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != supervisor:
        os._exit(0)
    from affekt_isolation import serving

    serving.main(socket.socket(fileno=wire), settings)


def _silence() -> None:
    nowhere = os.open(os.devnull, os.O_RDWR)
    for descriptor in (0, 1, 2):
        os.dup2(nowhere, descriptor)


def _prctl(option: int, value: int) -> None:
    if sys.platform == "linux":
        import ctypes

        ctypes.CDLL(None).prctl(option, value, 0, 0, 0)


def _supervise(worker: int, life: socket.socket, wake: int, settings: dict[str, Any]) -> None:
    end = _watch(worker, life, wake, settings)
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(worker, signal.SIGKILL)
    _end_all(worker, end)
    with suppress(OSError):
        life.sendall(json.dumps(end).encode() + b"\n")
    os._exit(0)


def _watch(worker: int, life: socket.socket, wake: int, settings: dict[str, Any]) -> dict[str, Any]:
    """Waits; {"code": exit status, negative for a signal}, {"memory": bytes held} or {}."""
    parent, allowed, deadline = settings["parent"], settings["memory"], None
    poller = select.poll()
    poller.register(life, select.POLLIN)
    poller.register(wake, select.POLLIN)
    while deadline is None or time.monotonic() < deadline:
        ready = dict(poller.poll(_LOOK * 1000))
        if wake in ready:
            os.read(wake, 4096)
        if (code := _reap(worker)) is not None:
            return {"code": code}
        if life.fileno() in ready:
            if not life.recv(1):  # the parent is gone, or will not wait
                return {}
            deadline = time.monotonic() + _GRACE
        if os.getppid() != parent:
            return {}
        if allowed and (held := _memory(worker)) > allowed:
            return {"memory": held}
    return {}


def _reap(worker: int) -> int | None:
    """Takes leave of all children that ended; the worker's exit status if it is among them."""
    code = None
    with suppress(ChildProcessError):
        while (ended := os.waitpid(-1, os.WNOHANG))[0]:
            if ended[0] == worker:
                code = os.waitstatus_to_exitcode(ended[1])
    return code


def _end_all(worker: int, end: dict[str, Any]) -> None:
    """Kills until no child is left: those of a killed child come to us and are next."""
    deadline = time.monotonic() + 5
    while time.monotonic() < deadline:
        for child in _children(os.getpid()) or {worker}:
            with suppress(ProcessLookupError, PermissionError):
                os.kill(child, signal.SIGKILL)
        try:
            while (ended := os.waitpid(-1, os.WNOHANG))[0]:
                if ended[0] == worker:
                    end.setdefault("code", os.waitstatus_to_exitcode(ended[1]))
        except ChildProcessError:
            return
        time.sleep(0.005)


def _children(pid: int) -> set[int]:
    children: set[int] = set()
    for listed in Path(f"/proc/{pid}/task").glob("*/children"):
        with suppress(OSError):
            children.update(map(int, listed.read_text().split()))
    return children


def _memory(pid: int) -> int:
    """Bytes of a process and its descendants that no file backs; what several share counts once."""
    held = 0
    with suppress(OSError):
        for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
            if line.startswith(("Pss_Anon:", "Pss_Shmem:")):
                held += int(line.split()[1]) * 1024
    return held + sum(_memory(child) for child in _children(pid))

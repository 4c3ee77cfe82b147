"""Holds the decoding process back: memory, processor time, files; and ends it when its parent does."""

import os
import select
import signal
import sys
import threading
import time
from pathlib import Path

from affekt_media.limits import Limits
from affekt_media.wire import Refusal

try:
    import resource
except ImportError:  # Windows: the caller's watch on the clock remains
    resource = None  # type: ignore[assignment]

_MEBIBYTE = 1 << 20
_NEAR = 128 * _MEBIBYTE
_PR_SET_PDEATHSIG = 1


def confine(limits: Limits) -> None:
    """Bound the address space, forbid core dumps and large files."""
    if resource is None:
        return
    _limit("RLIMIT_CORE", 0)
    _limit("RLIMIT_FSIZE", _MEBIBYTE)  # standard error is the only file it may write
    _limit("RLIMIT_NOFILE", 64)
    if sys.platform != "darwin":  # whose kernel accepts the limit and then refuses threads
        _limit("RLIMIT_AS", limits.memory_bytes)


def allow_processor_time(seconds: float) -> None:
    """Allows processor time from now on, for each window of a long file; SIGXCPU ends the process beyond."""
    if resource is not None:
        _, hard = resource.getrlimit(resource.RLIMIT_CPU)
        soft = int(time.process_time() + seconds) + 1
        resource.setrlimit(resource.RLIMIT_CPU, (soft if hard < 0 else min(soft, hard), hard))


def memory_is_short() -> bool:
    """Whether this process came so near its limit that what just failed most likely failed for want of memory.

    FFmpeg does not always say so: a decoder that gets no memory may call its data invalid.
    """
    try:
        status = Path("/proc/self/status").read_text()
    except OSError:
        return False
    peak = next((int(line.split()[1]) * 1024 for line in status.splitlines() if line.startswith("VmPeak:")), 0)
    soft, _ = resource.getrlimit(resource.RLIMIT_AS)
    return soft != resource.RLIM_INFINITY and peak > soft - _NEAR


def out_of_memory(limits: Limits) -> Refusal:
    """What to say when the bound on memory was met."""
    return Refusal(
        "too_big",
        f"decoding needs more than the {limits.memory_bytes / _MEBIBYTE:,.0f} MiB that Limits.memory_bytes allows",
        "a larger Limits(memory_bytes=…), if the file is to be trusted",
    )


def follow(parent: int, *, by_signal: bool) -> None:
    """End this process when its parent ends.

    The kernel's own signal is the surest way, but it goes by the thread that started us, so `by_signal` is set
    only where that was the parent's main thread. The watch on standard input and on the parent's number serves
    elsewhere.
    """
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the terminal sends it to us too; what it means the parent decides
    if by_signal and sys.platform == "linux":
        import ctypes

        ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
    if hasattr(os, "getppid") and os.name == "posix" and os.getppid() != parent:
        os._exit(3)
    threading.Thread(target=_watch, args=(parent,), daemon=True).start()


def _watch(parent: int) -> None:
    # Another child of the parent may hold the other end of standard input open, hence the look at the number too.
    descriptor = sys.stdin.fileno()
    while True:
        if os.name == "posix":
            readable, _, _ = select.select([descriptor], [], [], 1.0)
            if os.getppid() != parent:
                os._exit(3)
            if not readable:
                continue
        if not os.read(descriptor, 1):
            os._exit(3)


def _limit(name: str, value: int) -> None:
    which = getattr(resource, name)
    _, hard = resource.getrlimit(which)
    value = value if hard == resource.RLIM_INFINITY else min(value, hard)
    resource.setrlimit(which, (value, value))

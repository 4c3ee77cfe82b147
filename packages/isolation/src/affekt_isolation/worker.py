"""The handle of a component in another interpreter: starts its process on first use, anew after a crash."""

import os
import signal
import threading
from contextlib import suppress
from typing import Any

import affekt
from affekt import AffektError
from pydantic import ByteSize

from affekt_isolation.errors import IsolationError, WorkerCrashed, WorkerFailed, WorkerTimedOut, WorkerTraceback
from affekt_isolation.packing import pack, unpack
from affekt_isolation.process import Process
from affekt_isolation.wire import Ended, Late, Message

_LAST_WORDS = 4000
_START = 120.0
"""Seconds that starting may take however short a call must be: frameworks are imported meanwhile."""


class Worker:
    """One component and, while it is in use, its process. Calls from several threads wait for each other."""

    def __init__(
        self, first: Message, where: str, *, python: str, timeout: float = 600.0, memory: int | None = None
    ) -> None:
        """`first` is what a process is asked as soon as it runs, such as to make its component."""
        self._first, self._where = first, f"{where} in {python}"
        self._python, self._timeout, self._memory = python, timeout, memory
        self._lock = threading.Lock()
        self._process: Process | None = None
        self._made: Message = {}
        self._log = ""

    def call(self, method: str, *arguments: Any) -> Any:
        """Calls the component's method over there.

        Raises:
            WorkerFailed, WorkerCrashed, WorkerTimedOut: see there.
            AffektError: the component raised an error of affekt's own tree.
            DataError: an argument, or what came back, may not cross.
        """
        tree, buffers = pack(list(arguments))
        with self._lock:
            process = self._running()
            message: Message = {"do": "call", "method": method, "arguments": tree}
            reply, payload = self._exchange(process, method, message, buffers, self._timeout)
        if "error" in reply:
            raise self._failed(method, reply["error"])
        try:
            return unpack(reply["value"], payload)
        except AffektError:
            raise
        except Exception as error:
            raise WorkerCrashed(f"{self._where}: {method} sent what cannot be understood: {error!r}") from error

    def made(self) -> Message:
        """What the worker answered first; of a component its distribution, version, target, modality, options, pid."""
        with self._lock:
            self._running()
            return self._made

    @property
    def is_running(self) -> bool:
        """Whether there is a process now."""
        return self._process is not None and self._process.end.alive

    @property
    def log(self) -> str:
        """The last 64 KiB that the process, or the one before it, printed."""
        return self._process.log.text if self._process is not None else self._log

    def close(self) -> None:
        """Ends the process; the next call would start another."""
        with self._lock:
            self._drop()

    def _drop(self, *, kill: bool = False) -> None:
        process, self._process = self._process, None
        if process is not None:
            (process.kill if kill else process.end)()
            self._log = process.log.text

    def _running(self) -> Process:
        if self._process is not None and self._process.owner != os.getpid():
            self._process = None  # this is a fork: the process belongs to the other one
        if self._process is None:
            self._process = self._start()
        return self._process

    def _start(self) -> Process:
        if os.name != "posix":
            raise IsolationError(
                f"{self._where}: another interpreter needs Linux", hint="Linux, or leave out `python:`"
            )
        try:
            self._process = process = Process(self._python, self._memory)
        except OSError as error:
            raise IsolationError(
                f"{self._where}: the interpreter cannot be run: {error}", hint="the path of a Python executable"
            ) from error
        try:
            reply, _ = self._exchange(process, "starting", self._first, (), max(self._timeout, _START))
            if "error" in reply:
                raise self._failed("starting", reply["error"])
        except BaseException:
            self._drop(kill=True)
            raise
        self._made = reply["made"]
        return process

    def _exchange(
        self, process: Process, doing: str, message: Message, buffers: Any, seconds: float
    ) -> tuple[Message, list[bytearray]]:
        """A whole exchange, or none: a process that broke off in the middle is ended."""
        try:
            return process.exchange(message, buffers, seconds)
        except Late as error:
            self._drop(kill=True)
            raise WorkerTimedOut(
                f"{self._where}: {doing} took longer than {seconds:g} s and was stopped{self._last_words()}",
                hint=f"timeout: {seconds * 4:g}, next to the interpreter's path",
            ) from error
        except Ended as error:
            ending = process.ending()
            self._drop(kill=True)
            raise self._crashed(doing, ending) from error
        except ValueError as error:
            self._drop(kill=True)
            raise WorkerCrashed(f"{self._where}: {doing} broke the wire: {error}") from error
        except BaseException:
            self._drop(kill=True)
            raise

    def _crashed(self, doing: str, ending: dict[str, Any]) -> WorkerCrashed:
        code, how = ending.get("code"), "without a word"
        hint = "the same call without `python:`, or a debugger; the next call starts it anew"
        if "memory" in ending:
            allowed = ByteSize(self._memory or 0).human_readable()
            held = ByteSize(ending["memory"]).human_readable()
            how, hint = f"held {held} where {allowed} is allowed", "a larger `memory:`, or smaller batches"
        elif code is not None:
            how = f"ended by {_signal_name(-code)}" if code < 0 else f"ended with code {code}"
        error = WorkerCrashed(f"{self._where}: {doing} lost its process: {how}{self._last_words()}", hint=hint)
        return error

    def _last_words(self) -> str:
        words = self._log[-_LAST_WORDS:].strip()
        return f". It last printed:\n{words}" if words else ""

    def _failed(self, doing: str, raised: dict[str, Any]) -> AffektError:
        kind = next((error_class for name in raised["kinds"] if (error_class := _own(name)) is not None), None)
        if kind is not None:
            error = kind(raised["message"], hint=raised["hint"])
            error.add_note(f"raised by {self._where}")
        else:
            error = WorkerFailed(
                f"{self._where}: {doing} raised {raised['name']}: {raised['message']}",
                hint=raised["hint"] or "affekt doctor",
            )
        error.__cause__ = WorkerTraceback(raised["traceback"])
        return error


def _own(name: str) -> type[AffektError] | None:
    """An error class of core's, by name."""
    error_class = getattr(affekt, name, None)
    return error_class if isinstance(error_class, type) and issubclass(error_class, AffektError) else None


def _signal_name(number: int) -> str:
    with suppress(ValueError):
        return signal.Signals(number).name
    return f"signal {number}"

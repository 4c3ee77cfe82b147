"""The worker's side: makes one component in the other interpreter and answers calls until the parent hangs up.

What this interpreter must have is affekt-core of the same series and the plugin; this file and its neighbours come
from the parent's installation. The component prints wherever it likes: standard output and error lead to the log.
"""

import faulthandler
import os
import signal
import socket
import sys
import traceback
from contextlib import suppress
from typing import Any

from affekt_isolation.wire import Channel, Ended, Message

CORE = "affekt-core>=0.1,<0.2"


def main(sock: socket.socket, settings: dict[str, Any]) -> None:
    """Answers until the socket ends."""
    os.set_inheritable(sock.fileno(), False)
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    faulthandler.enable()
    for stream in (sys.stdout, sys.stderr):
        stream.reconfigure(errors="backslashreplace", line_buffering=True)  # type: ignore[union-attr]
    _limit(settings["memory"])
    channel, own, server = Channel(sock), os.getpid(), Server()
    with suppress(Ended):
        while True:
            message, buffers = channel.receive()
            reply, payload = server.answer(message, buffers)
            if os.getpid() != own:
                os._exit(0)  # the component forked, and this is the copy
            channel.send(reply, payload)
    sys.exit(0)


def _limit(memory: int | None) -> None:
    """Allocations fail beyond, which most libraries report; the supervisor's watch counts what children hold too."""
    import resource

    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    if memory and sys.platform == "linux":
        resource.setrlimit(resource.RLIMIT_DATA, (memory, memory))


class Server:
    """Holds the component."""

    def __init__(self) -> None:
        self._component: Any = None

    def answer(self, message: Message, buffers: list[bytearray]) -> tuple[Message, list[Any]]:
        """The reply to one message; whatever is raised becomes a reply too."""
        try:
            if message["do"] == "make":
                return self._make(message), []
            if message["do"] == "list":
                return {"made": _listed()}, []
            from affekt_isolation.packing import pack, unpack

            method = getattr(self._component, message["method"])
            tree, payload = pack(method(*unpack(message["arguments"], buffers)))
            return {"value": tree}, payload
        except BaseException as error:  # SystemExit and KeyboardInterrupt of a component end nobody
            return {"error": describe(error)}, []

    def _make(self, message: Message) -> Message:
        _check_core()
        import affekt

        registry = affekt.plugins()
        announced = registry.find(message["role"], message["name"])
        self._component = registry.create(message["role"], message["name"], **message["options"])
        return {
            "made": {
                "distribution": announced.distribution,
                "version": announced.version,
                "target": announced.info.target,
                "weights": list(announced.info.weights),
                "modality": getattr(self._component, "modality", None),
                "options": self._component.model_dump(mode="json", fallback=repr),
                "python": sys.version.split()[0],
                "pid": os.getpid(),
            }
        }


def _listed() -> Message:
    _check_core()
    import affekt

    registry = affekt.plugins()
    return {
        "components": [
            {"info": vars(announced.info), "distribution": announced.distribution, "version": announced.version}
            for announced in registry.components.values()
        ],
        "failures": [
            {"plugin": failure.plugin, "distribution": failure.distribution, **describe(failure.error)}
            for failure in registry.failures
        ],
    }


def _check_core() -> None:
    try:
        from affekt.requirements import unmet
    except ImportError as error:
        raise ImportError(f"this interpreter lacks {error.name}; it needs {CORE} and the plugin") from error
    for problem in unmet([CORE]):
        raise ImportError(f"{problem}, in this interpreter")


def describe(error: BaseException) -> dict[str, Any]:
    """An exception as plain data: its classes by name, nearest first, what it says, and its traceback."""
    lines = traceback.format_exception(error)
    return {
        "kinds": [kind.__name__ for kind in type(error).__mro__ if kind.__module__ != "builtins"],
        "name": type(error).__name__,
        "message": str(getattr(error, "message", error)),
        "hint": getattr(error, "hint", None) if isinstance(getattr(error, "hint", None), str) else None,
        "traceback": "".join(lines)[-100_000:],
    }

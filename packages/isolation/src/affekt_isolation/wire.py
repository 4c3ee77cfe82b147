"""What parent and worker write to each other over one socket: a header, JSON, then raw bytes. Nothing is unpickled.

A message is a fixed header (magic, bytes of JSON, bytes that follow), a JSON object, and the buffers whose sizes its
key "sizes" lists. Standard library only: the other interpreter reads this before it knows that affekt is there.
"""

import json
import select
import socket
import struct
import time
from collections.abc import Sequence
from typing import Any

HEADER = struct.Struct("<4sIQ")
MAGIC = b"aFi1"
MOST_JSON = 64 << 20
MOST_BYTES = 64 << 30
_CHUNK = 1 << 20

Message = dict[str, Any]


class Ended(Exception):
    """The other side is gone."""


class Late(Exception):
    """The deadline has passed."""


class Channel:
    """One end of the socket. `alarm` is a second socket on which anything that arrives means that the other is gone."""

    def __init__(self, sock: socket.socket, alarm: socket.socket | None = None) -> None:
        sock.setblocking(False)
        self._sock = sock
        self._poll = {event: self._poller(event, alarm) for event in (select.POLLIN, select.POLLOUT)}

    def _poller(self, event: int, alarm: socket.socket | None) -> "select.poll":
        poller = select.poll()
        poller.register(self._sock, event)
        if alarm is not None:
            poller.register(alarm, select.POLLIN)
        return poller

    def _wait(self, event: int, deadline: float | None) -> None:
        left = None if deadline is None else max(0.0, deadline - time.monotonic()) * 1000
        ready = dict(self._poll[event].poll(left))
        if not ready:
            raise Late
        if self._sock.fileno() not in ready:  # all that was sent has been read: only the alarm is left
            raise Ended

    def send(self, message: Message, buffers: Sequence[Any] = (), deadline: float | None = None) -> None:
        """Writes a message and its buffers.

        Raises:
            Ended, Late: see there.
        """
        views = [memoryview(buffer).cast("B") for buffer in buffers]
        text = json.dumps({**message, "sizes": [view.nbytes for view in views]}).encode()
        head = HEADER.pack(MAGIC, len(text), sum(view.nbytes for view in views))
        for view in (memoryview(head + text), *views):
            self._send(view, deadline)

    def _send(self, view: memoryview, deadline: float | None) -> None:
        sent = 0
        while sent < view.nbytes:
            self._wait(select.POLLOUT, deadline)
            try:
                sent += self._sock.send(view[sent : sent + _CHUNK])
            except BlockingIOError:
                continue
            except OSError as error:
                raise Ended from error

    def receive(self, deadline: float | None = None) -> tuple[Message, list[bytearray]]:
        """The next message and its buffers.

        Raises:
            Ended, Late: see there.
            ValueError: what arrived is no message.
        """
        magic, length, total = HEADER.unpack(self._fill(HEADER.size, deadline))
        if magic != MAGIC or length > MOST_JSON or total > MOST_BYTES:
            raise ValueError(f"not a message: {magic!r}, {length:,} and {total:,} bytes")
        message = json.loads(self._fill(length, deadline))
        sizes = message.get("sizes") if isinstance(message, dict) else None
        if not isinstance(sizes, list) or not all(type(size) is int and size >= 0 for size in sizes):
            raise ValueError("not a message: no sizes")
        if sum(sizes) != total:
            raise ValueError(f"not a message: {total:,} bytes announced, {sum(sizes):,} listed")
        return message, [self._fill(size, deadline) for size in sizes]

    def _fill(self, size: int, deadline: float | None) -> bytearray:
        buffer = bytearray(size)
        view, filled = memoryview(buffer), 0
        while filled < size:
            self._wait(select.POLLIN, deadline)
            try:
                count = self._sock.recv_into(view[filled : filled + _CHUNK])
            except BlockingIOError:
                continue
            except OSError as error:
                raise Ended from error
            if not count:
                raise Ended
            filled += count
        return buffer

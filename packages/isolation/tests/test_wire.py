"""What parent and worker write to each other: whole messages, and nothing that is none is believed."""

import json
import socket
import time

import pytest
from affekt_isolation.wire import HEADER, MAGIC, MOST_BYTES, MOST_JSON, Channel, Ended, Late


@pytest.fixture
def ends():
    left, right = socket.socketpair()
    with left, right:
        yield left, Channel(right)


def message(sizes, magic=MAGIC, length=None, total=None):
    text = json.dumps({"sizes": sizes}).encode()
    return HEADER.pack(magic, len(text) if length is None else length, total or 0) + text


def test_a_message_arrives_with_its_buffers(ends):
    sender, receiver = Channel(ends[0]), ends[1]
    sender.send({"do": "call"}, [b"abc", memoryview(b"\0\1")])
    told, buffers = receiver.receive(time.monotonic() + 5)
    assert told == {"do": "call", "sizes": [3, 2]}
    assert buffers == [b"abc", b"\0\1"]


@pytest.mark.parametrize(
    ("sent", "why"),
    [
        (message([], magic=b"HTTP"), "b'HTTP'"),
        (message([], length=MOST_JSON + 1), f"{MOST_JSON + 1:,}"),
        (message([], total=MOST_BYTES + 1), f"{MOST_BYTES + 1:,}"),
        (message("none"), "no sizes"),
        (message([-1]), "no sizes"),
        (message([True], total=1), "no sizes"),
        (message([3], total=4), "4 bytes announced, 3 listed"),
    ],
)
def test_what_is_no_message_is_refused(ends, sent, why):
    ends[0].sendall(sent)
    with pytest.raises(ValueError, match=why):
        ends[1].receive(time.monotonic() + 5)


def test_half_a_message_is_late_while_its_sender_lives_and_then_an_end(ends):
    ends[0].sendall(message([], length=100))
    with pytest.raises(Late):
        ends[1].receive(time.monotonic() + 0.05)
    ends[0].close()
    with pytest.raises(Ended):
        ends[1].receive(time.monotonic() + 5)

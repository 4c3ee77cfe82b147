"""Runs one request. The last message is DONE or REFUSAL; anything else at the end of the pipe is a crash."""

import json
import os
import sys
from typing import BinaryIO

from affekt_media.decoder import confinement
from affekt_media.limits import Limits
from affekt_media.wire import Kind, Refusal, send, send_json


def main() -> None:
    """Serve the request on standard input; write messages to what was standard output."""
    request = json.loads(sys.stdin.buffer.readline())
    limits = Limits(**request["limits"])
    # Messages get a descriptor of their own: a library that prints must not break the protocol.
    pipe = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    confinement.follow(request["parent"], by_signal=request["parent_signal"])

    from affekt_media.decoder import session  # PyAV loads before the limit on memory holds

    confinement.confine(limits)
    try:
        session.run(request, limits, pipe)
        send(pipe, Kind.DONE)
    except Refusal as refusal:
        _refuse(pipe, refusal)
    except Exception as error:
        if not isinstance(error, MemoryError) and not confinement.memory_is_short():
            raise  # a mistake of ours: the caller is told that the decoder crashed, and this message
        _refuse(pipe, confinement.out_of_memory(limits))
    pipe.flush()
    os._exit(0)  # nothing is left to tidy, and a damaged file can crash the libraries as they close it


def _refuse(pipe: BinaryIO, refusal: Refusal) -> None:
    send_json(pipe, Kind.REFUSAL, {"kind": refusal.kind, "message": refusal.message, "hint": refusal.hint})


if __name__ == "__main__":
    main()

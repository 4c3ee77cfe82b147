"""Runs one request. The last message is DONE or REFUSAL; anything else at the end of the pipe is a crash."""

import json
import os
import sys

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

    from affekt_media.decoder import session  # PyAV and NumPy load before the limits on memory hold

    confinement.confine(limits)
    try:
        session.run(request, limits, pipe)
        send(pipe, Kind.DONE)
    except Refusal as refusal:
        _refuse(pipe, refusal)
    except MemoryError:
        _refuse(pipe, confinement.out_of_memory(limits))
    pipe.flush()
    os._exit(0)  # nothing is left to tidy, and a damaged file can crash the libraries as they close it


def _refuse(pipe: object, refusal: Refusal) -> None:
    send_json(pipe, Kind.REFUSAL, {"kind": refusal.kind, "message": refusal.message, "hint": refusal.hint})  # type: ignore[arg-type]


if __name__ == "__main__":
    main()

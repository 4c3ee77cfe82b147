"""Holds PyAV in memory and forks a decoder for each file: `python -m affekt_media.decoder.forker FD PARENT`.

A request is one packet on the socket FD: a number of the caller's choice, a process to wait for or 0 to start one, and
then its three standard streams. The answer is the number again, and the process started or the code it ended with.
"""

import os
import signal
import socket
import struct
import sys
import traceback

from affekt_media.decoder import __main__ as decoder
from affekt_media.decoder import sending, session  # noqa: F401  PyAV, NumPy and soxr, which make a start slow

PACKET = struct.Struct("<qq")
_PATIENCE = 1.0
"""Seconds between two looks at whether the caller is still there."""


def main() -> None:
    """Serve until the caller ends or closes the socket."""
    channel, parent = socket.socket(fileno=int(sys.argv[1])), int(sys.argv[2])
    channel.settimeout(_PATIENCE)
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the terminal sends it to us too; what it means the caller decides
    while os.getppid() == parent:
        try:
            packet, streams, _, _ = socket.recv_fds(channel, PACKET.size, 3)
        except TimeoutError:
            continue
        except ConnectionError:
            return
        if not packet:
            return
        number, pid = PACKET.unpack(packet)
        answer = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) if pid else _fork(channel, streams)
        channel.send(PACKET.pack(number, answer))


def _fork(channel: socket.socket, streams: list[int]) -> int:
    pid = os.fork()
    if pid == 0:
        try:
            channel.close()
            for standard, stream in enumerate(streams):
                os.dup2(stream, standard)
                os.close(stream)
            decoder.main()
        except BaseException:
            traceback.print_exc()
            sys.stderr.flush()
        finally:
            os._exit(1)
    for stream in streams:
        os.close(stream)
    return pid


if __name__ == "__main__":
    main()

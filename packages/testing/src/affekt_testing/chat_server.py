"""A server on this machine that answers as an OpenAI-compatible endpoint does, or as a broken one does."""

import json
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

Answer = str | float | tuple[int, Any]
"""The text of a reply; seconds of silence before one; or an HTTP status with a body, HTML where it is a text."""


class ChatServer(ThreadingHTTPServer):
    """A loopback endpoint for chat completions, whose answers a test chooses."""

    daemon_threads = True

    answer: Callable[[dict[str, Any]], Answer]
    """What is answered to the body of a request; "hello" unless a test says otherwise."""
    asked: list[dict[str, Any]]
    """The bodies of all requests so far."""
    keys: list[str | None]
    """The header `Authorization` of each."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Completions)
        self.answer = lambda asked: "hello"
        self.asked = []
        self.keys = []

    @property
    def url(self) -> str:
        """The base URL that a client takes."""
        return f"http://127.0.0.1:{self.server_address[1]}/v1"

    def endpoint(self, **more: Any) -> dict[str, Any]:
        """The options of affekt-openai's endpoint that reach this server, without a second try."""
        return {"model": "tiny-vision", "base_url": self.url, "retries": 0, "timeout": 5, **more}


class _Completions(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: ChatServer

    def do_POST(self) -> None:
        asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self.server.asked.append(asked)
        self.server.keys.append(self.headers["Authorization"])
        answer = self.server.answer(asked)
        if isinstance(answer, float):
            time.sleep(answer)
            answer = "too late"
        status, body = answer if isinstance(answer, tuple) else (200, _completion(asked["model"], answer))
        kind = "text/html" if isinstance(body, str) else "application/json"
        data = (body if isinstance(body, str) else json.dumps(body)).encode()
        try:
            self.send_response(status)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)
        except OSError:
            pass  # the client has gone

    def log_message(self, format: str, *arguments: Any) -> None:
        """Nothing: requests are in `asked`."""


def _completion(model: str, text: str) -> dict[str, Any]:
    message = {"role": "assistant", "content": text}
    choices = [{"index": 0, "finish_reason": "stop", "message": message}]
    return {"id": "1", "object": "chat.completion", "created": 0, "model": model, "choices": choices}


@contextmanager
def serving() -> Iterator[ChatServer]:
    """A server that answers until the block ends."""
    with ChatServer() as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
        thread.start()
        yield server
        server.shutdown()
        thread.join()

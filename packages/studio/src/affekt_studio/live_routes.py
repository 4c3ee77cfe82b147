"""`/v1/live`: a WebSocket that takes sound and pictures and gives an answer every second.

The client sends {"type": "start", "pipeline": null, "settings": {}, "words": false} and waits for {"type": "ready"}.
Then each binary message is one letter and its content: P and 16 kHz mono PCM, or J and a JPEG. {"type": "stop"} ends
the stream; the last message says how it kept up. A stream sees nothing of other sessions and is not kept.
"""

import asyncio
import json
import time

from affekt import AffektError
from fastapi import APIRouter, WebSocket, WebSocketDisconnect

from affekt_studio import pipelines
from affekt_studio.errors import BadRequest, QueueFull, error_body
from affekt_studio.live import MOST_BYTES, LiveProcess
from affekt_studio.studio import studio_of

router = APIRouter()
MOST_STREAMS = 1
"""The most streams at a time: each has a process of its own, and should keep up with time."""
_streams: set[int] = set()


@router.websocket("/v1/live")
async def live(socket: WebSocket) -> None:
    """Serves one stream."""
    await socket.accept()
    studio, own = studio_of(socket), id(socket)
    try:
        if len(_streams) >= MOST_STREAMS:
            raise QueueFull(f"{MOST_STREAMS} stream is judged at a time", hint="again when it has ended")
        _streams.add(own)
        asked = await socket.receive_json()
        if not isinstance(asked, dict) or asked.get("type") != "start":
            raise BadRequest("the first message should start the stream", hint='{"type": "start"}')
        settings = asked.get("settings") or {}
        pipelines.read(studio.config, asked.get("pipeline"), settings)
        process = LiveProcess(studio.config, asked.get("pipeline"), settings, with_words=asked.get("words") is True)
        await _judge(socket, process)
    except AffektError as error:
        await socket.send_json({"type": "error"} | error_body(type(error).__name__, error.message, error.hint))
        await socket.close(1008)
    except (ValueError, KeyError):
        await socket.close(1003)
    except WebSocketDisconnect:
        pass
    finally:
        _streams.discard(own)


async def _judge(socket: WebSocket, process: LiveProcess) -> None:
    with process:
        answers = process.answers()
        first = await asyncio.to_thread(next, answers)
        await socket.send_json(first)
        if first["type"] != "ready":
            return
        taking_in = asyncio.create_task(_take_in(socket, process))
        try:
            while (answer := await asyncio.to_thread(next, answers, None)) is not None:
                await socket.send_json(answer)
            await socket.close()
        finally:
            taking_in.cancel()


async def _take_in(socket: WebSocket, process: LiveProcess) -> None:
    """Passes on what the client sends, until it stops or goes."""
    began = time.monotonic()
    try:
        while (message := await socket.receive())["type"] == "websocket.receive":
            data = message.get("bytes")
            if data and len(data) <= MOST_BYTES and data[:1] in (b"P", b"J"):
                await asyncio.to_thread(process.send, data[:1], time.monotonic() - began, data[1:])
            elif data or json.loads(message.get("text") or "{}").get("type") == "stop":
                break
    except (ValueError, RuntimeError, AttributeError):
        pass
    await asyncio.to_thread(process.send, b"E", 0.0)

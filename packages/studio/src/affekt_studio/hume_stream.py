"""Hume's v0 stream: a WebSocket whose every message is a recording or a text, answered before the next one is read.

What is sent goes through the queue as a job of this session and is removed once it is answered. A picture or a sound is
judged by itself: the context of earlier messages, `stream_window_ms`, is refused. Nothing is fetched from an address.
"""

import asyncio
import base64
import binascii
import io
import json
from typing import Any

from affekt import AffektError
from fastapi import APIRouter, WebSocket, WebSocketDisconnect

from affekt_studio import hume_predictions
from affekt_studio.errors import BadRequest, NotFinished
from affekt_studio.hume_routes import KIND, PREDICTIONS, models_of
from affekt_studio.jobs import new_id
from affekt_studio.studio import Media, Studio, session_of, studio_of

router = APIRouter()
LONGEST = 600.0
"""Seconds until an answer is given up."""


@router.websocket("/v0/stream/models")
async def stream(socket: WebSocket) -> None:
    """One connection of Hume's client."""
    await socket.accept()
    studio, session, name = studio_of(socket), session_of(socket), new_id()
    try:
        while True:
            asked: dict[str, Any] = {}
            try:
                asked = _payload(await socket.receive_text())
                answer = await _answer(studio, session, asked)
            except AffektError as error:
                answer = {"error": f"{error.message} Try: {error.hint}", "code": type(error).__name__}
            if asked.get("job_details"):
                answer["job_details"] = {"job_id": name}
            if asked.get("payload_id") is not None:
                answer["payload_id"] = asked["payload_id"]
            await socket.send_json(answer)
    except (WebSocketDisconnect, KeyError):  # a KeyError is how Starlette meets bytes where a text should be
        pass


def _payload(text: str) -> dict[str, Any]:
    try:
        asked = json.loads(text)
    except (ValueError, RecursionError):
        asked = None
    if not isinstance(asked, dict):
        raise BadRequest("a message should be a JSON object", hint='{"data": "…", "models": {"prosody": {}}}')
    return asked


async def _answer(studio: Studio, session: str, asked: dict[str, Any]) -> dict[str, Any]:
    data = asked.get("data")
    if data is None:
        return {}  # it asks for the job's name, or forgets a context that is not kept
    if not isinstance(data, str) or not data:
        raise BadRequest("data should be a text, or a file as base64", hint="raw_text for a text")
    if asked.get("stream_window_ms"):
        raise BadRequest("stream_window_ms is not supported", hint="sending the whole sound that should be judged")
    fields: dict[str, Any] = {"name": "payload", "pipeline": None, "models": models_of(asked)}
    media = None
    if asked.get("raw_text"):
        if fields["models"] != ["language"] or len(data) > studio.config.limits.text_characters:
            most = studio.config.limits.text_characters
            raise BadRequest(f"a text is for the model language, and has up to {most} characters", hint="a shorter one")
        fields["text"] = data
    else:
        try:
            content = base64.b64decode(data, validate=True)
        except (binascii.Error, ValueError) as error:
            raise BadRequest("data is neither base64 nor marked as raw_text", hint='"raw_text": true') from error
        media = Media(io.BytesIO(content), "payload")
    job = await asyncio.to_thread(studio.submit, session, KIND, fields, media)
    try:
        ended = await studio.ended(job.id, session, LONGEST)
        if ended.state == "failed":
            failure = (ended.outcome or {})["error"]
            raise BadRequest(failure["message"], hint=failure["try"])
        if ended.state != "done":
            raise NotFinished(f"not done after {LONGEST:.0f} s", hint="a shorter recording")
        text = (studio.folder_of_result(ended) / PREDICTIONS).read_text(encoding="utf-8")
    finally:
        studio.remove(job)
    return hume_predictions.as_message(json.loads(text))

"""Bounds a request's body while it arrives: its size, and the time without a byte."""

import asyncio

from starlette.datastructures import Headers
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from affekt_studio.config import Limits
from affekt_studio.errors import StudioError, UploadCutOff, UploadTimedOut, UploadTooLarge


class BodyLimits:
    """Middleware. What is too large by its own header is refused before a byte of it is read."""

    def __init__(self, app: ASGIApp, limits: Limits) -> None:
        self.app, self.limits = app, limits

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        length = headers.get("content-length", "")
        if length in ("", "0") and "transfer-encoding" not in headers:
            await self.app(scope, receive, send)  # without a body; what comes then is the end of the connection
            return
        if length.isdecimal() and int(length) > self.limits.upload_bytes:
            await self._refuse(self._too_large(int(length)), scope, receive, send)
            return
        arrived, finished = 0, False

        async def receive_bounded() -> Message:
            nonlocal arrived, finished
            if finished:
                return await receive()
            try:
                message = await asyncio.wait_for(receive(), self.limits.upload_stall_seconds)
            except TimeoutError as error:
                stalled = f"nothing of the upload came for {self.limits.upload_stall_seconds:g} s"
                raise UploadTimedOut(stalled, hint="a faster connection, or a smaller file") from error
            if message["type"] == "http.disconnect":
                raise UploadCutOff(f"the upload ended after {arrived} bytes", hint="uploading it again")
            arrived += len(message.get("body", b""))
            finished = not message.get("more_body", False)
            if arrived > self.limits.upload_bytes:
                raise self._too_large(arrived)
            return message

        await self.app(scope, receive_bounded, send)

    def _too_large(self, size: int) -> UploadTooLarge:
        most = self.limits.upload_bytes
        return UploadTooLarge(f"the upload holds {size} bytes; up to {most} are taken", hint="a shorter recording")

    async def _refuse(self, error: StudioError, scope: Scope, receive: Receive, send: Send) -> None:
        headers = {"Connection": "close"}
        await JSONResponse(error.body(), status_code=error.status_code, headers=headers)(scope, receive, send)

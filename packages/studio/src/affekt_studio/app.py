"""The application: routes behind the guard, errors as JSON, and a server that is this machine's alone."""

import errno
import logging
import secrets
import socket
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

import uvicorn
from affekt import AffektError
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from affekt_studio import analyses, catalogue, hume_routes, hume_stream, live_routes, openai_routes, pages
from affekt_studio.body_limits import BodyLimits
from affekt_studio.config import StudioConfig
from affekt_studio.errors import BadRequest, QueueUnreachable, StudioError, error_body
from affekt_studio.examples import mount_examples
from affekt_studio.metrics import Metrics
from affekt_studio.pool import Pool
from affekt_studio.reviews import mount_reviews
from affekt_studio.security import Access, Guard
from affekt_studio.stores import open_store
from affekt_studio.studio import Studio, disk_full

LOOPBACK = "127.0.0.1"
DESCRIPTION = """What is felt in recordings, and why. Emotions are inferred by a machine and may be wrong.

People whose recordings are analysed must be told. Recordings and results are kept for a limited time, for the session
that uploaded them alone, and are removed on request."""

log = logging.getLogger("affekt_studio")


def make_app(studio: Studio) -> FastAPI:
    """The application of one studio. Its workers start and end with it."""

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        studio.pool.start()
        try:
            yield
        finally:
            studio.pool.close()

    app = FastAPI(
        title="affekt studio", version="1", description=DESCRIPTION, lifespan=lifespan,
        docs_url=None, redoc_url=None,  # these pages fetch their scripts from elsewhere
        openapi_url="/openapi.json",
        # Its spans would hold the names of jobs and go wherever the environment says; see decision 0281.
        telemetry={"auto_configure": False, "tracing": False, "metrics": False, "logs": False},
    )  # fmt: skip
    app.state.studio = studio
    for module in (analyses, catalogue, openai_routes, hume_routes, hume_stream, live_routes, pages):
        app.include_router(module.router)
    mount_reviews(app, studio.config.reviews, studio.access.port)
    mount_examples(app, studio.config.examples, studio.access)
    app.add_exception_handler(StudioError, _on_http_error)
    app.add_exception_handler(HTTPException, _on_http_error)
    app.add_exception_handler(RequestValidationError, _on_invalid)
    app.add_exception_handler(AffektError, _on_affekt_error)
    if studio.config.redis:
        from redis.exceptions import RedisError

        app.add_exception_handler(RedisError, _on_lost_queue)
    app.add_exception_handler(Exception, _on_crash)
    app.add_middleware(BodyLimits, limits=studio.config.limits)
    app.add_middleware(Guard, access=studio.access)
    app.add_middleware(Measured, metrics=studio.metrics)
    return app


def _answer(request: Request, status: int, body: dict[str, Any], headers: Any = None) -> JSONResponse:
    if request.url.path.startswith(openai_routes.PREFIX):
        body = openai_routes.error_of(body)
    return JSONResponse(body, status_code=status, headers=headers)


async def _on_http_error(request: Request, error: Any) -> JSONResponse:
    if isinstance(cause := error.__cause__, OSError) and cause.errno in (errno.ENOSPC, errno.EDQUOT):
        error = disk_full()  # while the form was read
    if isinstance(error, StudioError):
        return _answer(request, error.status_code, error.body(), error.headers)
    body = error_body("NotFound" if error.status_code == 404 else "BadRequest", str(error.detail), "/openapi.json")
    return _answer(request, error.status_code, body, error.headers)


async def _on_invalid(request: Request, error: Any) -> JSONResponse:
    problems = "; ".join(f"{'.'.join(map(str, problem['loc'][1:]))}: {problem['msg']}" for problem in error.errors())
    return _answer(request, 422, error_body("BadRequest", problems, "/openapi.json"))


async def _on_affekt_error(request: Request, error: Any) -> JSONResponse:
    return _answer(request, BadRequest.status_code, error_body(type(error).__name__, error.message, error.hint))


async def _on_lost_queue(request: Request, error: Any) -> JSONResponse:
    lost = QueueUnreachable(f"Redis does not answer: {type(error).__name__}", hint="again in a minute", retry_after=60)
    return await _on_http_error(request, lost)


async def _on_crash(request: Request, error: Any) -> JSONResponse:
    return _answer(request, 500, error_body("InternalError", f"the server raised {type(error).__name__}", "again"))


class Measured:
    """Middleware that counts and times requests by route, and writes a line a request without its content."""

    def __init__(self, app: ASGIApp, metrics: Metrics) -> None:
        self.app, self.metrics = app, metrics

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        began, status = time.perf_counter(), 0

        async def send_counted(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        try:
            await self.app(scope, receive, send_counted)
        finally:
            route = getattr(scope.get("route"), "path", "none")
            seconds = time.perf_counter() - began
            self.metrics.requests.labels(scope["method"], route, str(status)).inc()
            self.metrics.seconds.labels(scope["method"], route).observe(seconds)
            log.info("%s %s %d %.0f ms", scope["method"], route, status, seconds * 1000)


def make_studio(config: StudioConfig, access: Access) -> Studio:
    """A studio over the folder of its configuration; its workers are not started yet."""
    store = open_store(config)
    return Studio(config=config, access=access, store=store, pool=Pool(config, store))


def serve(
    config: StudioConfig,
    *,
    host: str = LOOPBACK,
    port: int = 0,
    token: str | None = None,
    hosts: tuple[str, ...] = (),
    framed_by: tuple[str, ...] = (),
    on_ready: Callable[[str], None] = print,
) -> None:
    """Serves until it is interrupted.

    Args:
        port: 0 takes a free one.
        token: None makes a fresh one; "" lets everybody in.
        hosts: names that the page is reached by beside loopback's.
        framed_by: origins whose pages may show the studio in a frame.
        on_ready: called with the address, which holds the token.

    Raises:
        StudioError: the port cannot be used.
    """
    token = secrets.token_urlsafe(24) if token is None else token
    listening = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET)
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listening.bind((host, port))
    except OSError as error:
        raise BadRequest(f"port {port} cannot be used: {error}", hint="--port 0 takes a free one") from error
    access = Access(token=token, port=listening.getsockname()[1], hosts=hosts, framed_by=framed_by)
    app = make_app(make_studio(config, access))
    server = uvicorn.Server(
        uvicorn.Config(app, log_level="warning", access_log=False, timeout_graceful_shutdown=3, server_header=False)
    )
    on_ready(f"http://{host}:{access.port}/" + (f"?token={token}" if token else ""))
    server.run(sockets=[listening])

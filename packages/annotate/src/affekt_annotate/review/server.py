"""Serves the page to this machine alone. Every request needs the token; clips are known by name, never by path.

Refused: other host names (DNS rebinding), requests that another site's page makes, names that are no clip's.
"""

import hmac
import json
import secrets
import socket
from collections.abc import Awaitable, Callable
from importlib import resources
from pathlib import Path
from typing import Any

import uvicorn
from affekt import DataError
from starlette.applications import Starlette
from starlette.middleware.base import BaseHTTPMiddleware
from starlette.requests import Request
from starlette.responses import FileResponse, JSONResponse, PlainTextResponse, RedirectResponse, Response
from starlette.routing import Route

from affekt_annotate.annotation import Annotation
from affekt_annotate.review.decisions import Decision, Decisions

LOOPBACK = "127.0.0.1"
LARGEST = 20_000
"""Bytes of a decision."""
HEADERS = {
    "Content-Security-Policy": "default-src 'none'; script-src 'self'; style-src 'self'; media-src 'self'; "
    "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-store",
    "Cross-Origin-Resource-Policy": "same-origin",
}


def make_app(decisions: Decisions, token: str, port: int) -> Starlette:
    """The application for one folder.

    Args:
        token: that the address holds; the browser then keeps it as a cookie of this port.
    """
    cookie = f"affekt-review-{port}"
    hosts = {f"{LOOPBACK}:{port}", f"localhost:{port}"}
    media = _media(decisions.out)
    page = resources.files("affekt_annotate.review").joinpath("page")

    async def guard(request: Request, go_on: Callable[[Request], Awaitable[Response]]) -> Response:
        given = request.query_params.get("token") or request.cookies.get(cookie) or ""
        origin = request.headers.get("origin")
        if request.headers.get("host") not in hosts:
            response: Response = PlainTextResponse("another host", status_code=421)
        elif request.headers.get("sec-fetch-site") == "cross-site" or (
            origin is not None and origin.removeprefix("http://") not in hosts
        ):
            response = PlainTextResponse("another site", status_code=403)
        elif not hmac.compare_digest(given.encode(), token.encode()):
            response = PlainTextResponse("no token, or another one", status_code=403)
        else:
            response = await go_on(request)
        response.headers.update(HEADERS)
        return response

    async def index(request: Request) -> Response:
        if "token" in request.query_params:
            entered = RedirectResponse("/", status_code=303)
            entered.set_cookie(cookie, token, httponly=True, samesite="strict")
            return entered
        return Response(page.joinpath("review.html").read_bytes(), media_type="text/html")

    async def script(_: Request) -> Response:
        return Response(page.joinpath("review.js").read_bytes(), media_type="text/javascript")

    async def style(_: Request) -> Response:
        return Response(page.joinpath("review.css").read_bytes(), media_type="text/css")

    async def items(_: Request) -> Response:
        own = decisions.valid()
        return JSONResponse(
            [_summary(annotation, own, name in media) for name, annotation in decisions.annotations.items()]
        )

    async def item(request: Request) -> Response:
        annotation = decisions.annotations.get(request.path_params["name"])
        return (
            JSONResponse(_plain(annotation, decisions))
            if annotation
            else PlainTextResponse("no such clip", status_code=404)
        )

    async def clip(request: Request) -> Response:
        path = media.get(request.path_params["name"])
        return FileResponse(path) if path else PlainTextResponse("no such clip", status_code=404)

    async def decide(request: Request) -> Response:
        body = await request.body()
        try:
            if len(body) > LARGEST or request.headers.get("content-type") != "application/json":
                raise DataError("a decision is a short JSON object")
            posted = json.loads(body)
            decision = decisions.add(
                item=str(posted["item"]), sentence=int(posted["sentence"]), action=str(posted["action"]),
                by=str(posted["by"]), text=str(posted.get("text", "")), adjudicates=posted.get("adjudicates") is True,
            )  # fmt: skip
        except (DataError, ValueError, KeyError, TypeError) as error:
            return PlainTextResponse(str(error), status_code=400)
        return JSONResponse(_decided(decision))

    async def agreement(_: Request) -> Response:
        return JSONResponse(decisions.agreement())

    app = Starlette(
        routes=[
            Route("/", index),
            Route("/review.js", script),
            Route("/review.css", style),
            Route("/items", items),
            Route("/items/{name}", item),
            Route("/media/{name}", clip),
            Route("/decisions", decide, methods=["POST"]),
            Route("/agreement", agreement),
        ]
    )
    app.add_middleware(BaseHTTPMiddleware, dispatch=guard)
    return app


def serve(out: Path, *, port: int = 0, token: str = "", on_ready: Callable[[str], None] = print) -> None:
    """Serves until it is interrupted.

    Args:
        port: 0 takes a free one.
        token: a fresh one when it is empty.
        on_ready: called with the address, which holds the token.

    Raises:
        DataError: the folder holds no annotations, or the port is taken.
    """
    decisions, token = Decisions(out), token or secrets.token_urlsafe(24)
    listening = socket.socket()
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listening.bind((LOOPBACK, port))
    except OSError as error:
        raise DataError(f"port {port} cannot be used: {error}", hint="--port 0 takes a free one") from error
    own = listening.getsockname()[1]
    app = make_app(decisions, token, own)
    server = uvicorn.Server(uvicorn.Config(app, log_level="warning", access_log=False))
    on_ready(f"http://{LOOPBACK}:{own}/?token={token}")
    server.run(sockets=[listening])


def _media(out: Path) -> dict[str, Path]:
    folder = out / "video"
    return {path.stem: path.resolve() for path in sorted(folder.iterdir())} if folder.is_dir() else {}


def _summary(annotation: Annotation, own: Any, has_media: bool) -> dict[str, Any]:
    decided = sum((annotation.name, number) in own for number in range(len(annotation.blind.sentences)))
    disputed = sum(
        Decisions.disputed(own.get((annotation.name, number), {})) for number in range(len(annotation.blind.sentences))
    )
    return {
        "name": annotation.name, "emotion": annotation.emotion, "kept": annotation.kept,
        "sentences": len(annotation.blind.sentences), "decided": decided, "disputed": disputed, "media": has_media,
    }  # fmt: skip


def _plain(annotation: Annotation, decisions: Decisions) -> dict[str, Any]:
    own = decisions.valid()
    plain = annotation.model_dump(
        mode="json", include={"name", "duration", "emotion", "label_from", "findings", "difference"}
    )
    plain["filters"] = [item.reason for item in annotation.filters]
    plain["aware"] = annotation.aware.text
    plain["words"] = annotation.words.text
    plain["sentences"] = [
        sentence.model_dump(mode="json")
        | {"decisions": [_decided(decision) for decision in own.get((annotation.name, number), {}).values()]}
        for number, sentence in enumerate(annotation.blind.sentences)
    ]
    return plain


def _decided(decision: Decision) -> dict[str, Any]:
    return decision.model_dump(mode="json") | {"text": decision.text}

"""Who may ask: the host, the site, the token and the session of every request, before any route sees it.

The token opens the studio; the session says whose files are meant. A browser gets both as cookies when it opens the
address that holds the token. Programs send `Authorization: Bearer TOKEN`, and `X-Affekt-Session` where they share it.
"""

import hashlib
import hmac
import secrets
from collections.abc import MutableMapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any
from urllib.parse import urlsplit

from starlette.datastructures import MutableHeaders
from starlette.requests import HTTPConnection
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from affekt_studio.errors import error_body

OPEN = ("/healthz", "/readyz")
"""Answered without a token: they say nothing about anybody."""
ENTERED = "entered"
"""Marks a visit whose cookies were set within a frame: a browser that keeps none is told, and not sent around."""
SESSION_HEADER = "X-Affekt-Session"
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; media-src 'self' blob:; "
    "connect-src 'self'; base-uri 'none'; form-action 'none'"
)
HEADERS = {
    "Permissions-Policy": "camera=(self), microphone=(self), geolocation=()",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-store",
    "Cross-Origin-Resource-Policy": "same-origin",
}


@dataclass(frozen=True, kw_only=True)
class Access:
    """Who may use a studio."""

    token: str
    """"" lets everybody in who reaches the port: for a public page."""
    port: int
    hosts: tuple[str, ...] = ()
    """Names that the page is reached by beside loopback's; "*" takes any."""
    framed_by: tuple[str, ...] = ()
    """Origins whose pages may show the studio in a frame, such as "https://huggingface.co"."""

    def policy(self, rules: str = POLICY) -> str:
        """A Content-Security-Policy: the rules, and who may show the page in a frame."""
        ancestors = " ".join(self.framed_by) or "'none'"
        return f"{rules}; frame-ancestors {ancestors}"

    @property
    def headers(self) -> dict[str, str]:
        """The headers of every answer that does not set them itself."""
        return {"Content-Security-Policy": self.policy(), **HEADERS}

    @property
    def cookies(self) -> tuple[str, str]:
        """The cookies of token and session, named by port: browsers share cookies between the ports of a machine."""
        return f"affekt-studio-{self.port}", f"affekt-session-{self.port}"

    def is_own_host(self, host: str) -> bool:
        """Whether a request for this host is meant for this studio; other names may be DNS rebinding."""
        own = {f"127.0.0.1:{self.port}", f"localhost:{self.port}", f"[::1]:{self.port}"}
        return "*" in self.hosts or host in own or host in self.hosts or host.rpartition(":")[0] in self.hosts


def session_name(secret: str) -> str:
    """What a session is called in the table of jobs; its secret is not kept."""
    return hashlib.sha256(f"affekt-studio {secret}".encode()).hexdigest()[:32]


class Guard:
    """Middleware that refuses what is not allowed, and names the session of what is."""

    def __init__(self, app: ASGIApp, access: Access) -> None:
        self.app, self.access = app, access

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] not in ("http", "websocket"):
            await self.app(scope, receive, send)
            return
        request = HTTPConnection(scope)
        refusal = self._refusal(request)
        if refusal is not None:
            await self._refuse(refusal, scope, receive, send)
            return
        token_cookie, session_cookie = self.access.cookies
        given = request.headers.get(SESSION_HEADER) or request.cookies.get(session_cookie)
        if scope["type"] == "http" and scope["path"] == "/" and (not given or "token" in request.query_params):
            entered = RedirectResponse(
                f"/?{ENTERED}" if self.access.framed_by else "/", HTTPStatus.SEE_OTHER, self.access.headers
            )
            if self.access.token:
                self._set_cookie(entered, token_cookie, self.access.token)
            if not request.cookies.get(session_cookie):
                self._set_cookie(entered, session_cookie, secrets.token_urlsafe(24))
            await entered(scope, receive, send)
            return
        fresh = "" if given or self.access.token else secrets.token_urlsafe(24)
        state: MutableMapping[str, Any] = scope.setdefault("state", {})
        state["session"] = session_name(given or fresh or f"token {self.access.token}")

        async def send_guarded(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in self.access.headers.items():
                    headers.setdefault(name, value)
                if fresh:  # a program without a session learns the one that it got
                    headers[SESSION_HEADER] = fresh
            await send(message)

        await self.app(scope, receive, send_guarded)

    def _set_cookie(self, response: Response, name: str, value: str) -> None:
        """Sets a cookie that a visit from another site's link brings along, and no other request of that site.

        Within another site's page browsers keep cookies only apart for each such site (CHIPS), and over TLS.
        """
        flags: dict[str, Any] = {"httponly": True, "path": "/", "samesite": "lax"}
        if not self.access.framed_by:
            response.set_cookie(name, value, **flags)
            return
        response.set_cookie(name, value, **flags | {"samesite": "none", "secure": True})
        header, cookie = response.raw_headers[-1]
        response.raw_headers[-1] = (header, cookie + b"; Partitioned")  # Starlette writes it from Python 3.14 on

    def _refusal(self, request: HTTPConnection) -> tuple[HTTPStatus, str, str] | None:
        host, origin = request.headers.get("host", ""), request.headers.get("origin")
        if not self.access.is_own_host(host):
            return HTTPStatus.MISDIRECTED_REQUEST, "the request is for another host", "--host NAME when it is started"
        is_visit = request.scope["path"] == "/" and request.headers.get("sec-fetch-mode") == "navigate"
        is_foreign = request.headers.get("sec-fetch-site") in ("cross-site", "same-site")
        if (is_foreign and not (is_visit and request.scope.get("method") == "GET")) or (
            origin is not None and urlsplit(origin).netloc != host
        ):
            return HTTPStatus.FORBIDDEN, "the request comes from another site's page", "the page of the studio itself"
        if ENTERED in request.query_params and not request.cookies.get(self.access.cookies[1]):
            return HTTPStatus.FORBIDDEN, "the browser keeps no cookies of this page", "the page in a tab of its own"
        if request.scope["path"] in OPEN or not self.access.token:
            return None
        if not hmac.compare_digest(self._token(request).encode(), self.access.token.encode()):
            return HTTPStatus.FORBIDDEN, "no token, or another one", "the address that `affekt studio` printed"
        return None

    def _token(self, request: HTTPConnection) -> str:
        kind, _, bearer = request.headers.get("authorization", "").partition(" ")
        if kind.lower() == "bearer":
            return bearer.strip()
        if key := request.headers.get("x-hume-api-key"):
            return key
        if request.scope["path"] == "/" and (token := request.query_params.get("token")):
            return token
        return request.cookies.get(self.access.cookies[0], "")

    async def _refuse(self, refusal: tuple[HTTPStatus, str, str], scope: Scope, receive: Receive, send: Send) -> None:
        status, message, hint = refusal
        if scope["type"] == "websocket":
            await send({"type": "websocket.close", "code": 1008, "reason": message})
            return
        body = error_body("Forbidden", message, hint)
        await JSONResponse(body, status_code=status, headers=self.access.headers)(scope, receive, send)

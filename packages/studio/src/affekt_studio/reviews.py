"""Folders of annotations under `/review/NAME/`: the page of `affekt annotate review`, behind the studio's own guard."""

import secrets
from collections.abc import Mapping
from pathlib import Path

from fastapi import FastAPI
from starlette.types import ASGIApp, Receive, Scope, Send

PREFIX = "/review"


def mount_reviews(app: FastAPI, folders: Mapping[str, Path], port: int) -> None:
    """Adds the review page of each folder. Like the page by itself it answers under loopback's names alone.

    Raises:
        DataError: a folder holds no annotations.
    """
    for name, folder in folders.items():
        from affekt_annotate.review.decisions import Decisions
        from affekt_annotate.review.server import make_app

        token = secrets.token_urlsafe(24)
        app.mount(f"{PREFIX}/{name}", WithToken(make_app(Decisions(folder), token, port), port, token))


def describe(folders: Mapping[str, Path]) -> list[dict[str, str]]:
    """The reviews with their addresses; their folders are nobody's business."""
    return [{"name": name, "address": f"{PREFIX}/{name}/"} for name in folders]


class WithToken:
    """Opens the review page for requests that the studio's guard has let in, as its own cookie would."""

    def __init__(self, app: ASGIApp, port: int, token: str) -> None:
        self.app, self.cookie = app, f"affekt-review-{port}={token}".encode()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        headers = [(name, value) for name, value in scope.get("headers", ()) if name != b"cookie"]
        await self.app({**scope, "headers": [*headers, (b"cookie", self.cookie)]}, receive, send)

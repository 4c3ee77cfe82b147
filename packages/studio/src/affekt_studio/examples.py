"""Recordings that were analysed before, under `/examples/`: the reports that `affekt studio space --example` ships."""

from pathlib import Path

from fastapi import FastAPI
from starlette.responses import Response
from starlette.staticfiles import StaticFiles
from starlette.types import Scope

from affekt_studio.security import Access

PREFIX = "/examples"
POLICY = (
    "default-src 'none'; style-src 'unsafe-inline'; img-src data:; media-src 'self' data:; base-uri 'none'; "
    "form-action 'none'"
)
"""A report holds its own style and pictures, and no script."""


def mount_examples(app: FastAPI, folder: Path | None, access: Access) -> None:
    """Serves the folder, where there is one, to everybody whom the studio lets in."""
    if folder is not None:
        app.mount(PREFIX, Reports(folder, access.policy(POLICY)))


def describe(folder: Path | None) -> list[dict[str, str]]:
    """The examples with the addresses of their reports."""
    reports = sorted(folder.glob("*.html")) if folder is not None else []
    return [{"name": path.stem, "address": f"{PREFIX}/{path.name}"} for path in reports if path.stem != "index"]


class Reports(StaticFiles):
    """Files of one folder under a policy of their own."""

    def __init__(self, folder: Path, policy: str) -> None:
        super().__init__(directory=folder)
        self.policy = policy

    async def get_response(self, path: str, scope: Scope) -> Response:
        """The file, as Starlette finds it."""
        response: Response = await super().get_response(path, scope)
        response.headers["Content-Security-Policy"] = self.policy
        return response

"""The API from Python.

from affekt_studio import Client
with Client("http://127.0.0.1:7860", token) as client:
    analysis = client.analyze("clip.mp4")
    print(analysis["label"], analysis["rationale"])
"""

import json
import secrets
from collections.abc import Iterator, Mapping
from os import PathLike
from pathlib import Path
from typing import Any, Self

import httpx2
from affekt import AffektError

from affekt_studio.security import SESSION_HEADER

WAIT = 30
"""Seconds of one request that waits for the end of a job."""


class RequestRefused(AffektError):
    """The studio refused a request, or a job failed. `kind` is the error's name there, such as "UploadTooLarge"."""

    def __init__(self, message: str, *, hint: str | None = None, kind: str = "", status: int = 0) -> None:
        super().__init__(message, hint=hint)
        self.kind, self.status = kind, status


class Client:
    """A session of a studio. Ids are strings; jobs are dictionaries as the API gives them."""

    def __init__(self, address: str, token: str = "", *, session: str | None = None, timeout: float = 120) -> None:
        """Sends nothing yet.

        Args:
            address: "http://127.0.0.1:7860", without the token.
            session: whose files are meant; a fresh one by default. Keep `client.session` to come back to them.
        """
        self.session = session or secrets.token_urlsafe(24)
        headers = {SESSION_HEADER: self.session} | ({"Authorization": f"Bearer {token}"} if token else {})
        self._http = httpx2.Client(base_url=address, headers=headers, timeout=timeout)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Closes the connection; the session stays until it expires."""
        self._http.close()

    def analyze(
        self, path: str | PathLike[str], pipeline: str | None = None, settings: Mapping[str, Any] | None = None
    ) -> dict[str, Any]:
        """The result for a recording, once it is there: what `affekt analyze --json` prints.

        Raises:
            RequestRefused: the studio does not take it, or the analysis failed.
        """
        return self.result(self.submit(path, pipeline, settings)["id"])

    def submit(
        self, path: str | PathLike[str], pipeline: str | None = None, settings: Mapping[str, Any] | None = None
    ) -> dict[str, Any]:
        """Uploads a recording, and returns its job."""
        fields = {"settings": json.dumps(dict(settings or {}))} | ({"pipeline": pipeline} if pipeline else {})
        with Path(path).open("rb") as file:
            return self._json("POST", "/v1/analyses", files={"file": (Path(path).name, file)}, data=fields)

    def wait(self, id: str, kind: str = "analyses") -> dict[str, Any]:
        """The job once it is done.

        Raises:
            RequestRefused: it failed.
        """
        while True:
            job = self._json("GET", f"/v1/{kind}/{id}", params={"wait": WAIT})
            if job["state"] == "failed":
                error = job["error"]
                raise RequestRefused(error["message"], hint=error["try"], kind=error["kind"])
            if job["state"] == "done":
                return job

    def result(self, id: str) -> dict[str, Any]:
        """The result of an analysis, once it is there.

        Raises:
            RequestRefused: it failed.
        """
        while True:
            try:
                return self._json("GET", f"/v1/analyses/{id}/result", params={"wait": WAIT})
            except RequestRefused as error:
                if error.kind != "NotFinished":
                    raise
            self.wait(id)

    def events(self, id: str, after: int = 0) -> Iterator[tuple[str, dict[str, Any]]]:
        """(kind, data) of what happens to an analysis, until it ends."""
        headers = {"Last-Event-ID": str(after)}
        with self._http.stream("GET", f"/v1/analyses/{id}/events", headers=headers) as answer:
            if answer.is_error:
                answer.read()
                raise _refused(answer)
            kind = ""
            for line in answer.iter_lines():
                name, _, value = line.partition(": ")
                if name == "event":
                    kind = value
                elif name == "data":
                    yield kind, json.loads(value)

    def export(self, id: str, format: str) -> bytes:
        """The result in one of the formats of `formats()`."""
        self.wait(id)
        return self._get(f"/v1/analyses/{id}/exports/{format}").content

    def again(self, id: str, pipeline: str | None = None, settings: Mapping[str, Any] | None = None) -> dict[str, Any]:
        """The same recording through another pipeline: a new job."""
        return self._json(
            "POST", f"/v1/analyses/{id}/again", json={"pipeline": pipeline, "settings": dict(settings or {})}
        )

    def respond(self, id: str, text: str, **options: Any) -> bytes:
        """An answer aloud to a recording, as a wave file; `options` are those of the route, such as `emotion`."""
        job = self._json("POST", f"/v1/analyses/{id}/replies", json={"text": text, **options})
        self.wait(job["id"], "replies")
        return self._get(f"/v1/replies/{job['id']}/audio").content

    def analyses(self) -> list[dict[str, Any]]:
        """The analyses of this session, the newest first."""
        return self._rows("/v1/analyses")

    def remove(self, id: str) -> None:
        """Removes an analysis with its recording and results."""
        self._request("DELETE", f"/v1/analyses/{id}")

    def purge(self) -> None:
        """Removes everything of this session."""
        self._request("DELETE", "/v1/analyses")

    def pipelines(self) -> list[dict[str, Any]]:
        """The pipelines that are offered."""
        return self._rows("/v1/pipelines")

    def components(self) -> list[dict[str, Any]]:
        """The components that are installed there."""
        return self._rows("/v1/components")

    def formats(self) -> list[dict[str, Any]]:
        """The formats of `export`."""
        return self._rows("/v1/formats")

    def _get(self, path: str) -> httpx2.Response:
        return self._request("GET", path)

    def _json(self, method: str, path: str, **more: Any) -> dict[str, Any]:
        answer: dict[str, Any] = self._request(method, path, **more).json()
        return answer

    def _rows(self, path: str) -> list[dict[str, Any]]:
        rows: list[dict[str, Any]] = self._request("GET", path).json()
        return rows

    def _request(self, method: str, path: str, **more: Any) -> httpx2.Response:
        try:
            answer = self._http.request(method, path, **more)
        except httpx2.HTTPError as error:
            address = self._http.base_url
            raise RequestRefused(f"the studio at {address} does not answer: {error}", hint="affekt studio") from error
        if answer.is_error:
            raise _refused(answer)
        return answer


def _refused(answer: httpx2.Response) -> RequestRefused:
    try:
        error = answer.json()["error"]
    except (ValueError, KeyError):
        return RequestRefused(f"the studio answered {answer.status_code}", status=answer.status_code)
    return RequestRefused(error["message"], hint=error["try"], kind=error["kind"], status=answer.status_code)

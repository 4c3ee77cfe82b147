"""Why the studio refuses a request. Each error is an HTTP status and a JSON body with its kind, message and advice.

AffektError
└── StudioError (fastapi.HTTPException)
    ├── BadRequest          400  a field is missing or wrong
    ├── UploadCutOff        400  the body ended before it was whole
    ├── Forbidden           403  no token, another site, or a path that may not be read
    ├── NotFound            404  no such analysis of this session, or it has expired
    ├── UploadTimedOut      408  nothing came for too long
    ├── NotFinished         409  the result is asked for before it is there
    ├── UploadTooLarge      413  more bytes than are taken
    ├── MediaRefused        422  the file cannot be analysed: no media, too long, too big
    ├── TooManyRequests     429  the session asks too often, or has too much waiting
    ├── QueueFull           503  everybody together has too much waiting
    ├── QueueUnreachable    503  the Redis that holds the jobs does not answer
    └── DiskFull            507  there is no room for the upload
"""

from typing import Any

from affekt import AffektError
from starlette.exceptions import HTTPException


class StudioError(AffektError, HTTPException):
    """A request that is refused."""

    status_code = 400

    def __init__(self, message: str, *, hint: str | None = None, retry_after: int | None = None) -> None:
        AffektError.__init__(self, message, hint=hint)
        self.status_code = type(self).status_code  # HTTPException, next in line, takes the message for it
        self.detail = message
        self.headers = None if retry_after is None else {"Retry-After": str(retry_after)}

    def body(self) -> dict[str, Any]:
        """What the client reads."""
        return error_body(type(self).__name__, self.message, self.hint)


def error_body(kind: str, message: str, hint: str | None = None) -> dict[str, Any]:
    """The JSON of an error; the same form in answers, in jobs that failed and in events."""
    return {"error": {"kind": kind, "message": message, "try": hint}}


class BadRequest(StudioError):
    """A field is missing or wrong."""


class UploadCutOff(StudioError):
    """The body ended before it was whole."""


class Forbidden(StudioError):
    """The request has no token, comes from another site, or names a path that may not be read."""

    status_code = 403


class NotFound(StudioError):
    """This session has nothing of this name."""

    status_code = 404


class UploadTimedOut(StudioError):
    """Nothing of the body came for too long."""

    status_code = 408


class NotFinished(StudioError):
    """The job has no result yet, or failed."""

    status_code = 409


class UploadTooLarge(StudioError):
    """The body holds more bytes than are taken."""

    status_code = 413


class MediaRefused(StudioError):
    """The file cannot be analysed."""

    status_code = 422


class TooManyRequests(StudioError):
    """The session asks too often, or has too much waiting."""

    status_code = 429


class QueueFull(StudioError):
    """Everybody together has too much waiting."""

    status_code = 503


class QueueUnreachable(StudioError):
    """The Redis that holds the jobs does not answer."""

    status_code = 503


class DiskFull(StudioError):
    """There is no room for what should be kept."""

    status_code = 507

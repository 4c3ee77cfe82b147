"""The shapes of requests and answers, as OpenAPI shows them."""

from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field
from pydantic.config import JsonDict

from affekt_studio.jobs import Job, State

EXAMPLE: JsonDict = {
    "id": "3f1c9c0a5f0d4b6f9f1f0f6f7c0f2a11",
    "kind": "analysis",
    "state": "done",
    "name": "interview.mp4",
    "pipeline": "default",
    "settings": {},
    "attempt": 1,
    "created": 1796040000.0,
    "started": 1796040000.1,
    "ended": 1796040004.9,
    "expires": 1796043604.9,
    "outcome": {"label": "happy", "duration": 8.7, "abstained": None},
    "error": None,
}


class ErrorDetail(BaseModel):
    """What is wrong, and what to try."""

    model_config = ConfigDict(populate_by_name=True)

    kind: str
    message: str
    try_: str | None = Field(default=None, alias="try")


class ErrorAnswer(BaseModel):
    """The body of every refusal."""

    error: ErrorDetail


class JobAnswer(BaseModel):
    """A job of this session: an analysis, or an answer aloud. Times are seconds since 1970."""

    model_config = ConfigDict(json_schema_extra={"examples": [EXAMPLE]})

    id: str
    kind: str
    state: State
    name: str
    """The name of the recording, as it was uploaded."""
    pipeline: str | None
    settings: dict[str, Any]
    attempt: int
    created: float
    started: float | None
    ended: float | None
    expires: float | None
    """When the recording and the results are removed."""
    outcome: dict[str, Any] | None
    """What came of the job, in short; the result holds everything."""
    error: ErrorDetail | None


class Again(BaseModel):
    """The same recording through another pipeline."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"pipeline": "default", "settings": {"words": None}}]})

    pipeline: str | None = None
    settings: dict[str, Any] = Field(default_factory=dict)


class ReplyRequest(BaseModel):
    """An answer aloud to a recording."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"text": "I am glad to hear that.", "emotion": "happy", "attempts": 4}]}
    )

    text: str = Field(min_length=1)
    emotion: str | None = Field(default=None, max_length=40)
    """The emotion of the answer; None answers in the emotion that was recognised."""
    intensity: float = Field(default=0.6, ge=0, le=1)
    voice: str | None = Field(default=None, max_length=80)
    language: str = Field(default="en", pattern="^[a-z]{2}$")
    attempts: int = Field(default=0, ge=0, le=16)
    """How often the answer is listened to and adjusted until the emotion is heard; 0 for not at all."""
    consent: bool = False
    """The person whose voice it is has lent it for this; needed where a voice is named that somebody lent."""


class Health(BaseModel):
    """Whether the studio answers."""

    status: Literal["ok", "starting"]


REFUSALS: dict[int | str, dict[str, Any]] = {
    status: {"model": ErrorAnswer} for status in (400, 403, 404, 408, 409, 413, 421, 422, 429, 503, 507)
}


def answer_of(job: Job) -> JobAnswer:
    """A job as its session sees it."""
    outcome = dict(job.outcome or {})
    for own in ("folder", "file"):
        outcome.pop(own, None)
    error = outcome.pop("error", None)
    return JobAnswer(
        id=job.id, kind=job.kind, state=job.state, name=str(job.request.get("name", "")),
        pipeline=job.request.get("pipeline"), settings=dict(job.request.get("settings") or {}), attempt=job.attempt,
        created=job.created, started=job.started, ended=job.ended, expires=job.expires, outcome=outcome or None,
        error=None if error is None else ErrorDetail(**error),
    )  # fmt: skip

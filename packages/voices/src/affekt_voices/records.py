"""What a person agreed to when they lent their voice."""

import re
from datetime import UTC, datetime
from typing import Annotated, Self

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator

from affekt_voices.errors import ConsentError

NAME = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,38}[a-z0-9])?")
"""The form of a voice's name: it also names nothing on the disk, so that no name can lead out of the store."""
PURPOSE = re.compile(r"[a-z][a-z -]{0,39}")
LONGEST_NAME = 200
"""Characters of a person's name."""


def _aware(time: datetime) -> datetime:
    if time.tzinfo is None:
        raise ValueError("should carry its time zone")
    return time.astimezone(UTC)


Time = Annotated[datetime, AfterValidator(_aware)]


class ConsentRecord(BaseModel):
    """Who lent their voice, for what, until when, and how this was checked. Kept sealed."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: str = Field(pattern=r"^[0-9a-f]{32}$")
    """Random; names the folder, and stands in the manifest of what is spoken."""
    voice: str
    """The name by which it is asked for."""
    person: str = Field(min_length=1, max_length=LONGEST_NAME)
    purposes: tuple[str, ...] = Field(min_length=1)
    """What the voice may be used for: "replies"."""
    language: str
    """ISO 639-1, of the consent phrase."""
    given: Time
    expires: Time
    """From here on the voice is unusable, and it is deleted the next time the store is opened."""
    phrase: str
    """What was to be said."""
    heard: str
    """What the transcriber heard."""
    word_errors: float
    """Share of the phrase's words that were heard otherwise."""
    similarity: float
    """The similarity of the voice that said the phrase to the voice enrolled, cosine of GE2E embeddings."""
    encoder: str
    """Which network made the embedding."""
    seconds: float | None = None
    """Seconds of speech in the recordings, pauses left out."""
    embedding_sha256: str
    """Binds the record to the enrolled voice's embedding."""

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.expires <= self.given:
            raise ValueError(f"expires at {self.expires:%Y-%m-%d}, which is not after {self.given:%Y-%m-%d}")
        return self


def checked_name(name: str) -> str:
    """The name, if it is one.

    Raises:
        ConsentError: it holds other characters than lower-case letters, digits and inner hyphens, or is too long.
    """
    if not NAME.fullmatch(name):
        raise ConsentError(
            f'"{name[:60]}" is no name of a voice', hint="lower-case letters, digits and hyphens, at most 40: anna-2"
        )
    return name


def require(record: ConsentRecord, purpose: str, now: datetime) -> None:
    """Checks that a record allows a use at a time.

    Raises:
        ConsentError: it is not yet valid, has expired, or was given for other purposes.
    """
    if now < record.given:
        raise ConsentError(
            f'consent for "{record.voice}" begins at {record.given.isoformat()}', hint="set the machine's clock"
        )
    if now >= record.expires:
        raise ConsentError(
            f'consent for "{record.voice}" ended at {record.expires.isoformat()}', hint="ask the person again"
        )
    if purpose not in record.purposes:
        raise ConsentError(
            f'"{record.voice}" was not lent for "{purpose}"', hint=f"one of {', '.join(record.purposes)}"
        )

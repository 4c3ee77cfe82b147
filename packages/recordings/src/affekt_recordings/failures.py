"""What stands in the place of an analysis that failed, so that the other recordings of a run go on."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

from affekt import AffektError, ComponentError, DataError, MediaError

OF_ONE_RECORDING = (DataError, MediaError, ComponentError)
"""Errors after which the next recording may do better. All others, such as weights that are not there, end a run."""


@dataclass(frozen=True, kw_only=True)
class FailedAnalysis:
    """Why one of several recordings was not analysed. It stands in the place of its analysis or prediction."""

    source: str
    """The recording's name."""
    error: AffektError
    """What went wrong; raise it to end a run."""

    @classmethod
    def of(cls, source: str, error: AffektError) -> Self:
        """A failure whose error holds no clip; see `without_frames`."""
        return cls(source=source, error=without_frames(error))

    def to_dict(self) -> dict[str, Any]:
        """Plain data for JSON."""
        kind = type(self.error).__name__
        return {"source": self.source, "error": {"kind": kind, "message": self.error.message, "hint": self.error.hint}}

    def __repr__(self) -> str:
        return f"<FailedAnalysis of {Path(self.source).name}: {self.error.message}>"


def without_frames(error: AffektError) -> AffektError:
    """The error without tracebacks, whose frames would hold every clip that failed; its message says where it was."""
    link: BaseException | None = error
    while link is not None:
        link.__traceback__ = None
        link = link.__cause__ or link.__context__
    return error

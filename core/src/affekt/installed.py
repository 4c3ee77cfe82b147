"""What other distributions announce, read so that none of them can harm the rest: no metadata, a flood of output.

An error that a plugin raises may itself raise when it is printed; `said` never does.
"""

import sys
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stdout
from io import TextIOBase
from typing import Any, Protocol

MOST = 64_000
"""Characters that a plugin may print while it is loaded; the rest is dropped."""


class EntryPoint(Protocol):
    """The part of `importlib.metadata.EntryPoint` that is used, so that tests can make their own."""

    name: str

    @property
    def dist(self) -> Any: ...
    def load(self) -> Any: ...


def described(distribution: Any) -> tuple[str, str]:
    """Name and version of a distribution; "?" where its metadata do not tell."""
    told = []
    for field in ("name", "version"):
        try:
            told.append(str(getattr(distribution, field, None) or "?"))
        except Exception:
            told.append("?")
    return told[0], told[1]


def said(error: BaseException) -> str:
    """An error in words, also where its own `__str__` raises."""
    try:
        text = str(error)
    except Exception:
        text = "(it cannot be printed)"
    return f"{type(error).__name__}: {text}" if text else type(error).__name__


@contextmanager
def quietly() -> Iterator[None]:
    """Sends what is printed inside to standard error, and no more than `MOST` characters of it."""
    with redirect_stdout(_Trickle()):
        yield


class _Trickle(TextIOBase):
    left = MOST

    def writable(self) -> bool:
        return True

    def write(self, text: str) -> int:
        if self.left > 0:
            sys.stderr.write(text[: self.left])
            self.left -= len(text)
        return len(text)

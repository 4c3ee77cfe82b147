"""Announces how core starts components in other interpreters. Imported to list plugins: keep it free of frameworks."""

from collections.abc import Iterator

from affekt import hookimpl
from affekt.hooks import FunctionInfo


@hookimpl
def affekt_isolation() -> Iterator[FunctionInfo]:
    yield FunctionInfo(target="affekt_isolation.interpreter:stand_in")

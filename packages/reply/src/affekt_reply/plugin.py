"""Announces the function behind `affekt.respond`. Imported to list plugins: keep it free of frameworks."""

from collections.abc import Iterator

from affekt import hookimpl
from affekt.hooks import FunctionInfo


@hookimpl
def affekt_respond() -> Iterator[FunctionInfo]:
    yield FunctionInfo(target="affekt_reply.answering:respond")

"""Announces the functions behind `Pipeline.analyze` and `Pipeline.stream`. Imported to list plugins."""

from collections.abc import Iterator

from affekt import hookimpl
from affekt.hooks import FunctionInfo


@hookimpl
def affekt_analyze() -> Iterator[FunctionInfo]:
    yield FunctionInfo(target="affekt_recordings.analyzing:analyze")


@hookimpl
def affekt_stream() -> Iterator[FunctionInfo]:
    yield FunctionInfo(target="affekt_recordings.streaming:stream")

"""Announces how core reads recordings. Imported to list plugins: keep it free of frameworks."""

from collections.abc import Iterator

from affekt import hookimpl
from affekt.hooks import FunctionInfo


@hookimpl
def affekt_reader() -> Iterator[FunctionInfo]:
    yield FunctionInfo(target="affekt_media.reader:clips_of")

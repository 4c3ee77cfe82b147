"""Announces how an analysis draws itself in a notebook. Imported to list plugins: keep it free of frameworks."""

from collections.abc import Iterator

from affekt import hookimpl
from affekt.hooks import FunctionInfo


@hookimpl
def affekt_notebook() -> Iterator[FunctionInfo]:
    yield FunctionInfo(target="affekt_report.inline:notebook")

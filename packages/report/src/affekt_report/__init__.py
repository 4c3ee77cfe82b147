"""Analyses as self-contained HTML: no scripts, no requests, everything from outside escaped.

    affekt_report.write(felt, "report.html")     # or render(felt) -> str

`notebook` draws an analysis in Jupyter; core calls it. Start in `page`; the other modules each prepare one part.
"""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from affekt_report.inline import notebook
    from affekt_report.page import render, write

__all__ = ["notebook", "render", "write"]

_HOMES = {"notebook": "inline"}


def __getattr__(name: str) -> object:
    # On demand, because listing the plugins imports this package, too.
    from importlib import import_module

    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_HOMES.get(name, 'page')}"), name)

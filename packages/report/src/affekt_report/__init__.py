"""Analyses as self-contained HTML: no scripts, no requests, everything from outside escaped.

    affekt_report.write(felt, "report.html")     # or render(felt) -> str

`notebook` draws an analysis in Jupyter; core calls it. Start in `page`; the other modules each prepare one part.
"""

from affekt_report.inline import notebook
from affekt_report.page import render, write

__all__ = ["notebook", "render", "write"]

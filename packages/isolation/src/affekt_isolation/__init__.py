"""Runs a component in another interpreter: one with other versions of a library, or one that may crash.

    with isolate("encoder", "hubert", {"layer": 3}, python="old/bin/python", timeout=60, memory="4GB") as hubert:
        features = hubert.encode(clips)

Read `components` (what stands in a pipeline), `interpreter` (what a pipeline file says), `listing` (what there is over
there), `worker` (the handle), `process` (start, exchange, end), `wire` and `packing` (what crosses). Then the far side:
`supervisor` and `serving`, which the other interpreter runs from these very files, so that it needs nothing of affekt
but core and the plugin.
"""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from affekt_isolation.components import Isolated, isolate
    from affekt_isolation.errors import IsolationError, WorkerCrashed, WorkerFailed, WorkerTimedOut, WorkerTraceback
    from affekt_isolation.listing import registry_of

__all__ = [
    "Isolated",
    "IsolationError",
    "WorkerCrashed",
    "WorkerFailed",
    "WorkerTimedOut",
    "WorkerTraceback",
    "isolate",
    "registry_of",
]

_HOMES = {"Isolated": "components", "isolate": "components", "registry_of": "listing"}


def __getattr__(name: str) -> object:
    # On demand, because listing the plugins imports this package, too.
    from importlib import import_module

    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_HOMES.get(name, 'errors')}"), name)

"""A page and an HTTP API over one pool of workers.

Read in the order a request flows: `config` (limits), `security` (who may ask), `analyses` (the routes), `jobs` (the
queue), `pool` and `worker` (who computes), `results` (what is kept), `page/` (what a browser shows). `client` is the
Python client; `openai_routes` and `hume_routes` speak other APIs' dialects.
"""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from affekt_studio.client import Client

__all__ = ["Client"]


def __getattr__(name: str) -> object:
    from importlib import import_module  # importing the package starts no web framework

    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module("affekt_studio.client"), name)

"""Which components another interpreter has: its registry, rebuilt here from plain data."""

from dataclasses import fields
from typing import Any

from affekt import ComponentInfo, PluginFailed, Registry
from affekt.registry import Failure
from affekt.targets import Announced

from affekt_isolation.worker import Worker

_SECONDS = 120.0


def registry_of(python: str) -> Registry:
    """Components and failures; pipelines and weights stay over there, because their files do.

    Raises:
        IsolationError: the interpreter cannot be run, or lacks affekt-core.
    """
    worker = Worker({"do": "list"}, "plugins", python=python, timeout=_SECONDS)
    try:
        listing = worker.made()
    finally:
        worker.close()
    registry = Registry()
    field_names = {field.name for field in fields(ComponentInfo)}
    for entry in listing["components"]:
        info = ComponentInfo(**{key: _frozen(value) for key, value in entry["info"].items() if key in field_names})
        registry.components[info.role, info.name] = Announced(
            info=info, distribution=entry["distribution"], version=entry["version"]
        )
    for entry in listing["failures"]:
        error = PluginFailed(entry["message"], hint=entry["hint"])
        registry.failures.append(Failure(plugin=entry["plugin"], distribution=entry["distribution"], error=error))
    return registry


def _frozen(value: Any) -> Any:
    return tuple(value) if isinstance(value, list) else value

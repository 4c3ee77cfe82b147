"""Finds the installed plugins: entry points of the group `affekt`, loaded one at a time.

A plugin that fails is kept with its reason and stops nobody.
"""

from collections.abc import Iterable
from functools import cache
from importlib import metadata
from typing import Any, Protocol

from affekt.errors import AffektError, PluginFailed, described
from affekt.registry import Failure, Registry
from affekt.requirements import require_compatible
from affekt.targets import quietly

GROUP = "affekt"


class EntryPoint(Protocol):
    """The part of `importlib.metadata.EntryPoint` that is used, so that tests can make their own."""

    name: str

    @property
    def dist(self) -> Any: ...
    def load(self) -> Any: ...


def discover(points: Iterable[EntryPoint], core_version: str) -> Registry:
    """Loads entry points one by one and keeps what fails."""
    registry = Registry()
    for point in sorted(points, key=lambda point: (_name_and_version(point.dist), point.name)):
        distribution, version = _name_and_version(point.dist)
        try:
            require_compatible(distribution, getattr(point.dist, "requires", None) or (), core_version)
            with quietly():
                registry.add(point.name, distribution, version, point.load())
        except KeyboardInterrupt:
            raise
        except BaseException as error:
            if not isinstance(error, AffektError):
                wrapped = PluginFailed(
                    f'plugin "{point.name}" of {distribution} {version} raised {described(error)} when it was loaded',
                    hint=f"update or uninstall {distribution}; the other plugins work",
                )
                wrapped.__cause__ = error
                error = wrapped
            registry.failures.append(Failure(plugin=point.name, distribution=distribution, error=error))
    return registry


@cache
def plugins() -> Registry:
    """The installed plugins, discovered once."""
    return discover(metadata.entry_points(group=GROUP), metadata.version("affekt-core"))


def _name_and_version(distribution: Any) -> tuple[str, str]:
    """Name and version of a distribution; "?" where its metadata do not tell or are broken."""
    values = []
    for field in ("name", "version"):
        try:
            values.append(str(getattr(distribution, field, None) or "?"))
        except Exception:
            values.append("?")
    return values[0], values[1]

"""Finds the installed plugins: entry points of the group `affekt`, loaded one at a time.

A plugin that fails is kept with its reason and stops nobody.
"""

from collections.abc import Iterable
from functools import cache
from importlib import metadata

from affekt.errors import AffektError, PluginFailed
from affekt.installed import EntryPoint, described, quietly, said
from affekt.registry import Failure, Registry
from affekt.requirements import require_compatible

GROUP = "affekt"


def discover(points: Iterable[EntryPoint], core_version: str) -> Registry:
    """Loads entry points one by one and keeps what fails."""
    registry = Registry()
    for point in sorted(points, key=lambda p: (described(p.dist), p.name)):
        distribution, version = described(point.dist)
        try:
            require_compatible(distribution, getattr(point.dist, "requires", None) or (), core_version)
            with quietly():
                registry.add(point.name, distribution, version, point.load())
        except KeyboardInterrupt:
            raise
        except BaseException as error:
            if not isinstance(error, AffektError):
                wrapped = PluginFailed(
                    f'plugin "{point.name}" of {distribution} {version} raised {said(error)} when it was loaded',
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

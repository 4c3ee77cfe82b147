"""Which plugins are installed, what they announce, and what is wrong with the rest.

Entry points of the group `affekt` are loaded one at a time: a plugin that fails is kept with its reason and stops
nobody. Listing imports no component; `Registry.create` does.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from importlib import import_module, metadata
from itertools import islice
from typing import Any

import pluggy
from packaging.requirements import InvalidRequirement, Requirement
from packaging.utils import canonicalize_name
from packaging.version import Version

from affekt.component import Component
from affekt.errors import (
    AffektError,
    IncompatiblePlugin,
    NameTaken,
    PluginFailed,
)
from affekt.first_party import distributions_of
from affekt.hooks import ComponentInfo, Hooks, PipelineInfo, Role
from affekt.installed import EntryPoint, described, quietly, said
from affekt.lookup import component_not_found
from affekt.roles import ROLES

GROUP = "affekt"
MOST = 1000
"""What one hook of a plugin may announce; an endless generator must not hold up the list."""


@dataclass(frozen=True, kw_only=True)
class Announced:
    """Something announced, and by which distribution."""

    info: Any
    distribution: str
    version: str


@dataclass(frozen=True, kw_only=True)
class Failure:
    """A plugin, or one of its names, that cannot be used."""

    plugin: str
    distribution: str
    error: AffektError


@dataclass
class Registry:
    """What the installed plugins announce."""

    components: dict[tuple[str, str], Announced] = field(default_factory=dict)
    """(role, name) → who offers it."""
    pipelines: dict[str, Announced] = field(default_factory=dict)
    weights: dict[str, Announced] = field(default_factory=dict)
    failures: list[Failure] = field(default_factory=list)
    _taken: dict[tuple[str, str], NameTaken] = field(default_factory=dict)

    def find(self, role: Role, name: str) -> Announced:
        """Who offers this component.

        Raises:
            ComponentNotInstalled: a distribution of the project does that is not installed; the hint installs it.
            ComponentNotFound: nobody does; the message suggests the nearest name, or the role that has it.
            NameTaken: two distributions do.
        """
        if (role, name) in self._taken:
            raise self._taken[role, name]
        if found := self.components.get((role, name)):
            return found
        raise component_not_found([role], name, self)

    def named(self, name: str) -> dict[str, Announced]:
        """Role → who offers a component of this name: one may be, say, a preparer and an encoder.

        Raises:
            ComponentNotInstalled, ComponentNotFound: nobody does in any role.
        """
        if found := {role: entry for (role, known), entry in self.components.items() if known == name}:
            return found
        raise component_not_found(ROLES, name, self)

    def distributions(self) -> set[str]:
        """The canonical names of all distributions that announce something."""
        tables = (self.components, self.pipelines, self.weights)
        return {canonicalize_name(entry.distribution) for table in tables for entry in table.values()}

    def owners(self, components: Iterable[tuple[str, str]]) -> set[str | None]:
        """The distributions of these, given as (role, name), by their canonical names; None for what nobody offers."""
        return {self._owner(*component) for component in components}

    def _owner(self, role: str, name: str) -> str | None:
        if entry := self.components.get((role, name)):
            return canonicalize_name(entry.distribution)
        return next(iter(distributions_of(role, name)), None)

    def load(self, role: Role, name: str) -> type[Component]:
        """Imports the class of a component.

        Raises:
            PluginFailed: its module raises, or holds no such class, or the class lacks its role's method.
        """
        found = self.find(role, name)
        module, _, attribute = found.info.target.partition(":")
        where = f'{role} "{name}" of {found.distribution} {found.version} ({found.info.target})'
        try:
            with quietly():
                kind = getattr(import_module(module), attribute)
        except KeyboardInterrupt:
            raise
        except AffektError as error:
            raise PluginFailed(f"{where} cannot be imported: {error.message}", hint=error.hint) from error
        except BaseException as error:
            raise PluginFailed(f"{where} cannot be imported: {said(error)}", hint="affekt doctor") from error
        method = next(m for m in vars(ROLES[role]) if not m.startswith("_") and callable(getattr(ROLES[role], m)))
        if not (isinstance(kind, type) and issubclass(kind, Component) and callable(getattr(kind, method, None))):
            raise PluginFailed(f"{where} should be a Component with a method `{method}`", hint="see docs/roles.md")
        return kind

    def create(self, role: Role, name: str, **options: Any) -> Any:
        """Imports a component and makes it with these options.

        Raises:
            ComponentNotFound, NameTaken, PluginFailed: see `find` and `load`.
            OptionsError: the component refuses an option.
        """
        kind = self.load(role, name)
        try:
            return kind.create(**options)
        except (AffektError, KeyboardInterrupt):
            raise
        except BaseException as error:
            raise PluginFailed(
                f'{role} "{name}" of {self.find(role, name).distribution} raised {said(error)} when it was made',
                hint="affekt doctor",
            ) from error

    def add(self, plugin: str, distribution: str, version: str, module: Any) -> None:
        """Asks one plugin's module for what it announces, in a plugin manager of its own."""
        manager = pluggy.PluginManager(GROUP)
        manager.add_hookspecs(Hooks)
        manager.register(module, name=plugin)
        announced: dict[str, list[Any]] = {}
        for hook in ("affekt_components", "affekt_pipelines", "affekt_weights"):
            announced[hook] = [info for infos in getattr(manager.hook, hook)() for info in islice(infos, MOST + 1)]
            if len(announced[hook]) > MOST:
                raise PluginFailed(f"{plugin}: {hook} yields more than {MOST} entries")
        for hook, table, kind in self._tables():
            for info in announced[hook]:
                if kind is not None and not isinstance(info, kind):
                    raise PluginFailed(f"{plugin}: {hook} yields {info!r}, not {kind.__name__}")
                key = (info.role, info.name) if isinstance(info, ComponentInfo) else info.name
                entry = Announced(info=info, distribution=distribution, version=version)
                self._enter(table, key, entry, plugin)

    def _tables(self) -> Iterator[tuple[str, dict[Any, Announced], type | None]]:
        yield "affekt_components", self.components, ComponentInfo
        yield "affekt_pipelines", self.pipelines, PipelineInfo
        yield "affekt_weights", self.weights, None

    def _enter(self, table: dict[Any, Announced], key: Any, entry: Announced, plugin: str) -> None:
        if key not in table:
            table[key] = entry
            return
        first = table[key].distribution
        what = f'{key[0]} "{key[1]}"' if isinstance(key, tuple) else f'"{key}"'
        error = NameTaken(
            f"{what} is announced by both {first} and {entry.distribution}; neither is used",
            hint=f"pip uninstall {entry.distribution}, or {first}",
        )
        self.failures.append(Failure(plugin=plugin, distribution=entry.distribution, error=error))
        if isinstance(key, tuple):
            self._taken[key] = error


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


def require_compatible(distribution: str, requires: Iterable[str], core_version: str) -> None:
    """Checks a distribution's own requirement on affekt-core, before anything of it is imported.

    Raises:
        IncompatiblePlugin: it asks for another version. A development version counts as its release.
    """
    for line in requires:
        try:
            requirement = Requirement(line)
        except InvalidRequirement:
            continue
        if requirement.name != "affekt-core" or (requirement.marker and not requirement.marker.evaluate()):
            continue
        if not requirement.specifier.contains(Version(core_version).base_version, prereleases=True):
            raise IncompatiblePlugin(
                f"{distribution} asks for affekt-core{requirement.specifier}; found {core_version}",
                hint=f"pip install --upgrade {distribution} affekt-core",
            )


@cache
def plugins() -> Registry:
    """The installed plugins, discovered once."""
    return discover(metadata.entry_points(group=GROUP), metadata.version("affekt-core"))


def requirement_of(announced: Announced) -> str:
    """What a pipeline file writes under `requires` for a component's distribution."""
    release = Version(announced.version).release
    ceiling = f"{release[0]}.{release[1] + 1}" if release[0] == 0 and len(release) > 1 else str(release[0] + 1)
    return f"{announced.distribution}>={Version(announced.version).base_version},<{ceiling}"


def unmet(requirements: Iterable[str], installed: Mapping[str, str] | None = None) -> Iterator[str]:
    """Which requirements are not met here, each in a sentence."""
    for line in requirements:
        try:
            requirement = Requirement(line)
            version = (installed or {}).get(requirement.name) or metadata.version(requirement.name)
        except InvalidRequirement:
            yield f'"{line}" is not a requirement such as "affekt-whisper>=0.1,<0.2"'
        except metadata.PackageNotFoundError:
            yield f"{line} is not installed"
        else:
            if not requirement.specifier.contains(Version(version).base_version, prereleases=True):
                yield f"{line} is asked for, found {version}"


def not_installed(requirement: str) -> str | None:
    """The canonical name of what a requirement asks for, where it is not installed here at all."""
    try:
        name = Requirement(requirement).name
        metadata.version(name)
    except InvalidRequirement:
        return None
    except metadata.PackageNotFoundError:
        return canonicalize_name(name)
    return None

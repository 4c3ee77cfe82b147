"""What the installed plugins announce. Listing imports no component; `Registry.create` does.

`discovery` fills it; `announcements` asks one plugin's module; `requirements` compares versions.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any, Literal, overload

from packaging.utils import canonicalize_name

from affekt.announcements import announcements
from affekt.component import Component
from affekt.errors import AffektError, MissingDependency, PluginFailed, described
from affekt.lookup import component_not_found, distributions_of, name_taken, why_absent
from affekt.roles import ROLES, Encoder, Evaluator, Fuser, Preparer, Reasoner, Role, Speaker
from affekt.targets import Announced, component_class, imported


@dataclass(frozen=True, kw_only=True)
class Failure:
    """A plugin, or one of its names, that cannot be used."""

    plugin: str
    distribution: str
    error: AffektError


@dataclass
class Registry:
    """What the installed plugins announce. A name that two of them announce is in no table, but in `taken`."""

    components: dict[tuple[str, str], Announced] = field(default_factory=dict)
    """(role, name) → who offers it."""
    pipelines: dict[str, Announced] = field(default_factory=dict)
    weights: dict[str, Announced] = field(default_factory=dict)
    functions: dict[str, Announced] = field(default_factory=dict)
    """Hook without `affekt_` → who has the function that core calls there."""
    taken: dict[tuple[str, str], tuple[Announced, ...]] = field(default_factory=dict)
    """(role, "pipeline", "weights" or "function"; name) → all who announce it, where several do."""
    failures: list[Failure] = field(default_factory=list)

    def refuse_taken(self, kind: str, name: str) -> None:
        """Refuses a name that several distributions announce.

        Args:
            kind: a role, "pipeline", "weights" or "function".

        Raises:
            NameTaken: they are all named.
        """
        if (kind, name) in self.taken:
            raise name_taken(kind, name, [entry.distribution for entry in self.taken[kind, name]])

    def find(self, role: Role, name: str) -> Announced:
        """Who offers this component.

        Raises:
            ComponentNotInstalled: a distribution of the project does that is not installed; the hint installs it.
            ComponentNotFound: nobody does; the message suggests the nearest name, or the role that has it.
            NameTaken: several distributions do.
        """
        self.refuse_taken(role, name)
        if entry := self.components.get((role, name)):
            return entry
        raise component_not_found([role], name, self)

    def named(self, name: str) -> dict[str, Announced]:
        """Role → who offers a component of this name: one may be, say, a preparer and an encoder.

        Raises:
            ComponentNotInstalled, ComponentNotFound: nobody does in any role.
            NameTaken: several distributions do, and in no role only one.
        """
        if entries := {role: entry for (role, other), entry in self.components.items() if other == name}:
            return entries
        for role in ROLES:
            self.refuse_taken(role, name)
        raise component_not_found(ROLES, name, self)

    def distributions(self) -> set[str]:
        """The canonical names of all distributions that announce something."""
        tables = (self.components, self.pipelines, self.weights, self.functions)
        entries = [entry for table in tables for entry in table.values()]
        entries += [entry for rivals in self.taken.values() for entry in rivals]
        return {canonicalize_name(entry.distribution) for entry in entries}

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
        return component_class(role, name, self.find(role, name))

    def function(self, name: str, purpose: str) -> Callable[..., Any]:
        """Imports the function that an installed distribution announces for a hook of core.

        Args:
            name: the hook without `affekt_`.
            purpose: what it is needed for, as an error says it: "reading a recording".

        Raises:
            MissingDependency: nothing that is installed has it; the hint installs what does.
            NameTaken: several distributions have it.
            PluginFailed: its module raises, or holds no such function.
        """
        self.refuse_taken("function", name)
        if entry := self.functions.get(name):
            where = f"affekt_{name} of {entry.distribution} {entry.version} ({entry.info.target})"
            function: Callable[..., Any] = imported(entry, where)
            return function
        absence = why_absent("function", name, self)
        if absence is None:
            raise MissingDependency(f"{purpose} needs a plugin with the hook affekt_{name}", hint="affekt plugins")
        if not absence.not_installed:
            raise MissingDependency(absence.message, hint=absence.hint)
        lacking = absence.not_installed[0]
        raise MissingDependency(f"{purpose} needs {lacking}, which is not installed", hint=absence.hint)

    @overload
    def create(self, role: Literal["preparer"], name: str, **options: Any) -> Preparer: ...

    @overload
    def create(self, role: Literal["encoder"], name: str, **options: Any) -> Encoder: ...

    @overload
    def create(self, role: Literal["fuser"], name: str, **options: Any) -> Fuser: ...

    @overload
    def create(self, role: Literal["reasoner"], name: str, **options: Any) -> Reasoner: ...

    @overload
    def create(self, role: Literal["evaluator"], name: str, **options: Any) -> Evaluator: ...

    @overload
    def create(self, role: Literal["speaker"], name: str, **options: Any) -> Speaker: ...

    @overload
    def create(self, role: Role, name: str, **options: Any) -> Any: ...

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
                f'{role} "{name}" of {self.find(role, name).distribution} raised {described(error)} when it was made',
                hint="affekt doctor",
            ) from error

    def add(self, plugin: str, distribution: str, version: str, module: Any) -> None:
        """Enters what one plugin's module announces.

        Raises:
            PluginFailed: it announces nothing, or what no hook takes; nothing of it is entered.
        """
        for kind, name, info in announcements(plugin, module):
            self._enter(kind, name, Announced(info=info, distribution=distribution, version=version), plugin)

    def _enter(self, kind: str, name: str, entry: Announced, plugin: str) -> None:
        tables = {"pipeline": self.pipelines, "weights": self.weights, "function": self.functions}
        table: dict[Any, Announced] = tables.get(kind, self.components)
        key = (kind, name) if table is self.components else name
        rivals = self.taken.get((kind, name)) or ((table[key],) if key in table else ())
        if not rivals:
            table[key] = entry
            return
        table.pop(key, None)
        self.taken[kind, name] = (*rivals, entry)
        error = name_taken(kind, name, [rival.distribution for rival in self.taken[kind, name]])
        self.failures.append(Failure(plugin=plugin, distribution=entry.distribution, error=error))

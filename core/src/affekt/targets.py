"""What is announced becomes what it names: the class of a component, or a function, imported when it is asked for."""

from dataclasses import dataclass
from importlib import import_module
from typing import Any

from affekt.component import Component
from affekt.errors import AffektError, PluginFailed
from affekt.installed import quietly, said
from affekt.roles import Role, method_of


@dataclass(frozen=True, kw_only=True)
class Announced:
    """Something announced, and by which distribution."""

    info: Any
    distribution: str
    version: str


def component_class(role: Role, name: str, announced: Announced) -> type[Component]:
    """The class of a component.

    Raises:
        PluginFailed: its module raises, or holds no such class, or the class lacks its role's method.
    """
    where = f'{role} "{name}" of {announced.distribution} {announced.version} ({announced.info.target})'
    kind = imported(announced, where)
    method = method_of(role)
    if not (isinstance(kind, type) and issubclass(kind, Component) and callable(getattr(kind, method, None))):
        raise PluginFailed(f"{where} should be a Component with a method `{method}`", hint="see docs/roles.md")
    return kind


def imported(announced: Announced, where: str) -> Any:
    """What an announcement's target names.

    Raises:
        PluginFailed: its module raises, or holds no such name.
    """
    module, _, attribute = announced.info.target.partition(":")
    try:
        with quietly():
            return getattr(import_module(module), attribute)
    except KeyboardInterrupt:
        raise
    except AffektError as error:
        raise PluginFailed(f"{where} cannot be imported: {error.message}", hint=error.hint) from error
    except BaseException as error:
        raise PluginFailed(f"{where} cannot be imported: {said(error)}", hint="affekt doctor") from error

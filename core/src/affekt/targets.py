"""What is announced becomes what it names: the class of a component, or a function, imported when it is asked for."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stdout
from dataclasses import dataclass
from importlib import import_module
from io import TextIOBase
from typing import Any

from affekt.component import Component
from affekt.errors import AffektError, PluginFailed, described
from affekt.roles import Role, method_of

MOST = 64_000
"""Characters that a plugin may print while it is loaded; the rest is dropped."""


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
        raise PluginFailed(f"{where} cannot be imported: {described(error)}", hint="affekt doctor") from error


@contextmanager
def quietly() -> Iterator[None]:
    """Sends what a plugin prints inside to standard error, and no more than `MOST` characters of it."""
    with redirect_stdout(_Trickle()):
        yield


class _Trickle(TextIOBase):
    left = MOST

    def writable(self) -> bool:
        return True

    def write(self, text: str) -> int:
        if self.left > 0:
            sys.stderr.write(text[: self.left])
            self.left -= len(text)
        return len(text)

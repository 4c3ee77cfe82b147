"""One slot of a pipeline file: the component it names, its options, and what can be wrong with them."""

from collections.abc import Iterator, Mapping
from typing import Any

from pydantic import BaseModel, ConfigDict, ValidationError, model_validator

from affekt.component import option_problems
from affekt.errors import AffektError, ComponentNotInstalled, OptionsError
from affekt.first_party import distributions_of
from affekt.hooks import Role
from affekt.installed import said
from affekt.interpreter import Interpreter
from affekt.problems import Problem
from affekt.registry import Registry

SINGLE: tuple[Role, ...] = ("fuser", "reasoner", "speaker")
"""The slots that hold one component and are called as their role."""


class Use(BaseModel):
    """A component by name, and its options; perhaps the interpreter it runs in."""

    model_config = ConfigDict(frozen=True, extra="allow")

    use: str
    python: Interpreter | None = None
    """Another interpreter to run it in; a path, or a path with limits."""

    @model_validator(mode="before")
    @classmethod
    def _name_alone(cls, value: Any) -> Any:
        return {"use": value} if isinstance(value, str) else value

    @property
    def options(self) -> dict[str, Any]:
        """The component's own: everything but its name and its interpreter."""
        return dict(self.model_extra or {})

    def create(self, role: Role, registry: Registry) -> Any:
        """Makes the component, or its stand-in for another interpreter.

        Raises:
            ComponentNotFound, NameTaken, PluginFailed, OptionsError: see `Registry.create`.
            MissingDependency: `python` is given and nothing that starts other interpreters is installed.
        """
        if self.python is not None:
            return self.python.create(role, self.use, self.options)
        return registry.create(role, self.use, **self.options)


def use_problems(key: tuple[str, Role], use: Any, registry: Registry) -> Iterator[Problem]:
    """What is wrong with one slot, each with its key."""
    slot, role = key
    try:
        parsed = Use.model_validate(use)
        if parsed.python is not None:
            yield from (Problem(f"{slot}.python: {what}") for what in parsed.python.problems())
            return
        kind = registry.load(role, parsed.use)
    except ValidationError:
        return  # told by the structural check
    except ComponentNotInstalled as error:
        yield Problem(f"{slot}: {error.message}", not_installed=distributions_of(role, parsed.use)[0])
        return
    except AffektError as error:
        yield Problem(f"{slot}: {error.message}")
        return
    try:
        kind(**parsed.options)
    except OptionsError as error:
        yield from (Problem(f"{slot}.{option}: {what}") for option, what in option_problems(kind, error))
    except KeyboardInterrupt:
        raise
    except BaseException as error:
        yield Problem(f'{slot}: "{parsed.use}" raised {said(error)} when it was made')


def uses(data: Mapping[str, Any]) -> Iterator[tuple[tuple[str, Role], Any]]:
    """((slot, role), use) of everything that a file names."""
    sections: tuple[tuple[str, Role], ...] = (("prepare", "preparer"), ("encoders", "encoder"))
    for section, role in sections:
        slots = data.get(section)
        for slot, use in slots.items() if isinstance(slots, Mapping) else ():
            yield (slot, role), use
    for role in SINGLE:
        if data.get(role) is not None:
            yield (role, role), data[role]
